/* SPDX-License-Identifier: GPL-2.0 */
/* What the handlers of the family share. */
#ifndef HOTID_NETLINK_H
#define HOTID_NETLINK_H

#include "compat.h"
#include "netlink_gen.h"
#include "node.h"

struct nlattr;

/* Around each command; see netlink.c. */
int hotid_nl_pre_doit(const hotid_genl_op *op, struct sk_buff *request, struct genl_info *info);
void hotid_nl_post_doit(const hotid_genl_op *op, struct sk_buff *request, struct genl_info *info);

/* The family comes and goes. */
int hotid_netlink_init(void);
void hotid_netlink_exit(void);

/* Refuse: @why is a constant sentence; @attribute the one it is about, or NULL. */
int hotid_netlink_refuse(struct genl_info *info, int error, const char *why,
			 const struct nlattr *attribute);

/*
 * The same with a sentence made for it. The text lasts until 63 more were made,
 * which is far longer than it takes to send.
 */
__printf(4, 5)
int hotid_netlink_refuse_with(struct genl_info *info, int error, const struct nlattr *attribute,
			      const char *format, ...);

/* Begin an answer that has room for @size bytes. NULL without memory. */
struct sk_buff *hotid_netlink_answer(struct genl_info *info, size_t size);

/* Send it, complete; where @failed, it had no room or there was no memory for it. */
int hotid_netlink_answer_send(struct genl_info *info, struct sk_buff *skb, bool failed);

/* Begin a message of a dump. NULL where this part of the dump is full. */
void *hotid_netlink_dump_begin(struct sk_buff *skb, struct netlink_callback *cb, u8 command);

/* It is complete, or is taken back where it @failed: then -EMSGSIZE. */
int hotid_netlink_dump_end(struct sk_buff *skb, struct netlink_callback *cb, void *header,
			   bool failed);

/* Refuse because @what ("name", "id") is not given. */
#define hotid_netlink_missing(info, what)						\
	hotid_netlink_refuse(info, -EINVAL, what " is missing; give it", NULL)

static inline struct hotid_node *hotid_netlink_node(struct genl_info *info)
{
	return hotid_node_of(genl_info_net(info));
}

#endif /* HOTID_NETLINK_H */

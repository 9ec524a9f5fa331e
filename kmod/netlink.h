/* SPDX-License-Identifier: GPL-2.0 */
/* What the handlers of the family share, and the events that others send. */
#ifndef HOTID_NETLINK_H
#define HOTID_NETLINK_H

#include "compat.h"
#include "netlink_gen.h"
#include "node.h"

struct hotid_identity;
struct hotid_peer;

/* Around each command; see netlink.c. */
int hotid_nl_pre_doit(const hotid_genl_op *op, struct sk_buff *request, struct genl_info *info);
void hotid_nl_post_doit(const hotid_genl_op *op, struct sk_buff *request, struct genl_info *info);

/*
 * Each needs node->lock; events are best effort, as netlink is. Listeners of one
 * that could not be made get ENOBUFS, as those that read too slowly.
 */
void hotid_netlink_node_event(struct hotid_node *node);
void hotid_netlink_peer_event(struct hotid_peer *peer, u32 event);
void hotid_netlink_peer_gone(struct hotid_peer *peer);
void hotid_netlink_identity_event(struct hotid_node *node,
				  const struct hotid_identity *identity);
void hotid_netlink_identity_gone(struct hotid_node *node, const struct hotid_identity *identity);
void hotid_netlink_step_event(struct hotid_node *node, const struct hotid_identity *identity,
			      u32 index);

/* Begin an event. NULL when there is no memory, which listeners are told. */
struct sk_buff *hotid_netlink_event(struct hotid_node *node, u8 command, void **header);

/* Send it on the group of events; with an error, tell listeners that it is lost. */
void hotid_netlink_multicast(struct hotid_node *node, struct sk_buff *skb, void *header,
			     int error);

/*
 * The family comes and goes. Whoever makes events outlives it; they are dropped
 * then, because the group may be another family's.
 */
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

/* Refuse because @what ("name", "id") is not given. */
#define hotid_netlink_missing(info, what)						\
	hotid_netlink_refuse(info, -EINVAL, what " is missing; give it", NULL)

static inline struct hotid_node *hotid_netlink_node(struct genl_info *info)
{
	return hotid_node_of(genl_info_net(info));
}

#endif /* HOTID_NETLINK_H */

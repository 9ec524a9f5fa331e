// SPDX-License-Identifier: GPL-2.0
/*
 * The netlink family: its start and end, the lock around each command, and how a
 * command is refused. Process context.
 */
#include "netlink.h"

#include <linux/atomic.h>
#include <linux/kernel.h>

#include "netlink_event.h"

#define REFUSALS	64	/* a power of two */
#define REFUSAL_MAX	192

/*
 * Commands of one node come one at a time, and those of other nodes and
 * families do not wait for them. A keepalive is no command in this sense: see there.
 */
int hotid_nl_pre_doit(const hotid_genl_op *op, struct sk_buff *request, struct genl_info *info)
{
	if (op->cmd != HOTID_CMD_KEEPALIVE)
		mutex_lock(&hotid_netlink_node(info)->commands);
	return 0;
}

void hotid_nl_post_doit(const hotid_genl_op *op, struct sk_buff *request, struct genl_info *info)
{
	if (op->cmd != HOTID_CMD_KEEPALIVE)
		mutex_unlock(&hotid_netlink_node(info)->commands);
}

int hotid_netlink_refuse(struct genl_info *info, int error, const char *why,
			 const struct nlattr *attribute)
{
	/* NL_SET_ERR_MSG() wants a literal; our sentences are constants too. */
	if (info->extack) {
		info->extack->_msg = why;
		if (attribute)
			NL_SET_BAD_ATTR(info->extack, attribute);
	}
	return error;
}

/*
 * The core sends the sentence when the handler has returned, and has no room to
 * keep one in on old kernels, nor enough on new ones. The last byte of a text
 * is never written, so one is whole at any moment.
 */
int hotid_netlink_refuse_with(struct genl_info *info, int error, const struct nlattr *attribute,
			      const char *format, ...)
{
	static char texts[REFUSALS][REFUSAL_MAX];
	static atomic_t last;
	char *text = texts[atomic_inc_return(&last) % REFUSALS];
	va_list args;

	va_start(args, format);
	vscnprintf(text, REFUSAL_MAX, format, args);
	va_end(args);
	return hotid_netlink_refuse(info, error, text, attribute);
}

struct sk_buff *hotid_netlink_answer(struct genl_info *info, size_t size)
{
	struct sk_buff *skb = genlmsg_new(size, GFP_KERNEL);

	/* Any new message has room for its header. */
	if (skb)
		genlmsg_put_reply(skb, info, &hotid_nl_family, 0, info->genlhdr->cmd);
	return skb;
}

int hotid_netlink_answer_send(struct genl_info *info, struct sk_buff *skb, bool failed)
{
	if (!skb)
		return -ENOMEM;
	if (failed) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	nlmsg_end(skb, nlmsg_hdr(skb));
	return genlmsg_reply(skb, info);
}

void *hotid_netlink_dump_begin(struct sk_buff *skb, struct netlink_callback *cb, u8 command)
{
	return genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &hotid_nl_family,
			   NLM_F_MULTI, command);
}

int hotid_netlink_dump_end(struct sk_buff *skb, struct netlink_callback *cb, void *header,
			   bool failed)
{
	if (failed) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genl_dump_check_consistent(cb, header);
	genlmsg_end(skb, header);
	return 0;
}

int hotid_netlink_init(void)
{
	return genl_register_family(&hotid_nl_family);
}

void hotid_netlink_exit(void)
{
	hotid_netlink_event_stop();
	genl_unregister_family(&hotid_nl_family);
}

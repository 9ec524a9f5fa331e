// SPDX-License-Identifier: GPL-2.0
#include "netlink.h"

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

void hotid_netlink_multicast(struct hotid_node *node, struct sk_buff *skb, void *header)
{
	genlmsg_end(skb, header);
	genlmsg_multicast_netns(&hotid_nl_family, node->net, skb, 0, HOTID_NLGRP_EVENTS,
				GFP_ATOMIC);
}

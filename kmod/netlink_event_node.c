// SPDX-License-Identifier: GPL-2.0
/* The settings of the node, and the event that they, or its pending CPUs, changed. */
#include "netlink_event.h"

#include "netlink_gen.h"
#include "node.h"

/* Which CPUs are pending. A list that is too long ends where it does not fit. */
static int put_pending(struct sk_buff *skb, const struct hotid_detector *detector)
{
	char list[HOTID_MESSAGE_MAX + 1];

	scnprintf(list, sizeof(list), "%*pbl", cpumask_pr_args(detector->pending_cpus));
	return (list[0] && nla_put_string(skb, HOTID_A_NODE_PENDING_CPUS, list)) ||
	       nla_put_u64_64bit(skb, HOTID_A_NODE_PENDING_ROUNDS, detector->pending_rounds,
				 HOTID_A_NODE_PAD);
}

int hotid_netlink_put_node(struct sk_buff *skb, struct hotid_node *node)
{
	u32 other = node->key[!node->signing].generation;

	lockdep_assert_held(&node->lock);
	if (nla_put(skb, HOTID_A_NODE_ID, HOTID_ID_LEN, node->id) ||
	    nla_put_string(skb, HOTID_A_NODE_NAME, node->name) ||
	    nla_put_u64_64bit(skb, HOTID_A_NODE_BOOT_ID, node->boot_id, HOTID_A_NODE_PAD) ||
	    nla_put_u8(skb, HOTID_A_NODE_KEY_SET, !!node->key[node->signing].generation) ||
	    nla_put_u32(skb, HOTID_A_NODE_KEY_GENERATION, node->key[node->signing].generation) ||
	    (other && nla_put_u32(skb, HOTID_A_NODE_KEY_OTHER, other)) ||
	    nla_put_u16(skb, HOTID_A_NODE_PORT, node->port) ||
	    nla_put_u32(skb, HOTID_A_NODE_INTERVAL_US, node->interval_us) ||
	    nla_put_u32(skb, HOTID_A_NODE_USER_LIMIT_MS, node->user_limit_ms) ||
	    nla_put_u32(skb, HOTID_A_NODE_HEALTH, hotid_node_health(node)) ||
	    put_pending(skb, &node->detector))
		return -EMSGSIZE;
	return 0;
}

void hotid_netlink_node_event(struct hotid_node *node)
{
	void *header;
	struct sk_buff *skb = hotid_netlink_event(node, HOTID_CMD_NODE_NTF, &header);

	if (skb)
		hotid_netlink_multicast(node, skb, header,
					!header || hotid_netlink_put_node(skb, node) ||
					nla_put_u64_64bit(skb, HOTID_A_NODE_NOW_NS, ktime_get_ns(),
							  HOTID_A_NODE_PAD));
}

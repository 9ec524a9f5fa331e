// SPDX-License-Identifier: GPL-2.0
/* What other files ask of a node: which one, its health, whether it can sign. */
#include "node.h"

#include <linux/string.h>
#include <net/netns/generic.h>

unsigned int hotid_node_net_id;

struct hotid_node *hotid_node_of(struct net *net)
{
	return net_generic(net, hotid_node_net_id);
}

u32 hotid_node_health(struct hotid_node *node)
{
	u64 limit = (u64)node->user_limit_ms * NSEC_PER_MSEC;

	lockdep_assert_held(&node->lock);
	if (!node->keepalive_ns || ktime_get_ns() - node->keepalive_ns > limit)
		return 0;
	return HOTID_HEALTH_USERSPACE | node->keepalive_health;
}

bool hotid_node_ready(struct hotid_node *node)
{
	lockdep_assert_held(&node->lock);
	return node->key[node->signing].generation && memchr_inv(node->id, 0, sizeof(node->id));
}

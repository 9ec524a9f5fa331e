// SPDX-License-Identifier: GPL-2.0
/* Nodes come and go with network namespaces. */
#include "node.h"

#include <linux/random.h>
#include <net/netns/generic.h>

#include "beat.h"
#include "challenge.h"
#include "claim.h"
#include "detector.h"
#include "gasp.h"
#include "history.h"
#include "identity.h"
#include "peer.h"
#include "receive.h"

#define DEFAULT_INTERVAL_US	10000
#define DEFAULT_USER_LIMIT_MS	500

static unsigned int node_net_id;

struct hotid_node *hotid_node_of(struct net *net)
{
	return net_generic(net, node_net_id);
}

u32 hotid_node_health(struct hotid_node *node)
{
	u64 limit = (u64)node->user_limit_ms * NSEC_PER_MSEC;

	lockdep_assert_held(&node->lock);
	if (!node->kicked_ns || ktime_get_ns() - node->kicked_ns > limit)
		return 0;
	return HOTID_HEALTH_USERSPACE | node->kicked_health;
}

bool hotid_node_ready(struct hotid_node *node)
{
	lockdep_assert_held(&node->lock);
	return node->key[node->signing].generation && memchr_inv(node->id, 0, sizeof(node->id));
}

static int __net_init node_net_init(struct net *net)
{
	struct hotid_node *node = hotid_node_of(net);
	int error;

	node->net = net;
	mutex_init(&node->commands);
	spin_lock_init(&node->lock);
	/* 0 means "none" on the wire and in slots. */
	node->boot_id = get_random_u64() | 1;
	node->interval_us = DEFAULT_INTERVAL_US;
	node->pace_us = DEFAULT_INTERVAL_US;
	node->user_limit_ms = DEFAULT_USER_LIMIT_MS;
	INIT_LIST_HEAD(&node->targets);
	INIT_LIST_HEAD(&node->identities);
	hash_init(node->peers);
	error = hotid_table_init(&node->table);
	if (error)
		return error;
	error = hotid_detector_init(node);
	if (error)
		goto exit_table;
	hotid_beat_init(node);
	hotid_claim_init(node);
	hotid_challenge_init(node);
	hotid_gasp_add(node);
	return 0;

exit_table:
	hotid_table_exit(&node->table);
	return error;
}

/*
 * The last word, before the grace periods that the kernel waits for between
 * this and the exit: they would be most of the time until it is heard.
 */
static void __net_exit node_net_pre_exit(struct net *net)
{
	hotid_gasp_unload(hotid_node_of(net));
}

/*
 * Order: the last word was said; nothing comes in, then claims and peers go
 * (each peer ends its timer, its slot and its sockets, the last one the
 * beats), then what their tasklets and timers used.
 */
static void __net_exit node_net_exit(struct net *net)
{
	struct hotid_node *node = hotid_node_of(net);

	/* No command is left; what follows asserts that none comes between. */
	mutex_lock(&node->commands);
	hotid_gasp_remove(node);
	hotid_receive_close(node);
	hotid_claim_exit(node);
	hotid_challenge_exit(node);
	hotid_peer_remove_all(node);
	hotid_beat_exit(node);
	hotid_detector_exit(node);
	hotid_identity_remove_all(node);
	hotid_history_clear(node);
	hotid_table_exit(&node->table);
	memzero_explicit(node->key, sizeof(node->key));
	mutex_unlock(&node->commands);
	mutex_destroy(&node->commands);
}

static struct pernet_operations node_net_ops = {
	.init = node_net_init,
	.pre_exit = node_net_pre_exit,
	.exit = node_net_exit,
	.id = &node_net_id,
	.size = sizeof(struct hotid_node),
};

int hotid_node_init(void)
{
	return register_pernet_device(&node_net_ops);
}

void hotid_node_exit(void)
{
	unregister_pernet_device(&node_net_ops);
	/* Callbacks of kfree_rcu() are the kernel's own; grace periods suffice. */
	rcu_barrier();
}

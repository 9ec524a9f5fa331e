// SPDX-License-Identifier: GPL-2.0
/*
 * Nodes come and go with network namespaces: order of start and end.
 *
 * Both run in process context. At the end no command is left, and what may still
 * run is ended in turn: packets, timers and tasklets.
 */
#include <linux/random.h>
#include <net/net_namespace.h>

#include "beat.h"
#include "challenge.h"
#include "advertisement.h"
#include "detector.h"
#include "gasp.h"
#include "identity.h"
#include "node.h"
#include "peer_config.h"
#include "receive.h"
#include "table.h"
#include "target.h"

#define DEFAULT_INTERVAL_US	10000
#define DEFAULT_USER_LIMIT_MS	500

unsigned int hotid_node_net_id;

static int __net_init netns_init(struct net *net)
{
	struct hotid_node *node = hotid_node_of(net);
	int error;

	node->net = net;
	mutex_init(&node->commands);
	spin_lock_init(&node->lock);
	/* 0 means "none" on the wire and in slots. */
	node->boot_id = get_random_u64() | 1;
	atomic64_set(&node->sequence, get_random_u64() >> 2);
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
	if (error) {
		hotid_table_exit(&node->table);
		return error;
	}
	hotid_beat_init(node);
	hotid_advertisement_init(node);
	hotid_challenge_init(node);
	return 0;
}

/*
 * The gasp, before the grace periods that the kernel waits for between
 * this and the exit: they would be most of the time until it arrives.
 */
static void __net_exit netns_pre_exit(struct net *net)
{
	hotid_gasp_node(hotid_node_of(net), HOTID_GASP_UNLOAD);
}

/*
 * Order: the gasp was sent; nothing comes in, then advertisements and peers go
 * (each peer ends its timer, its slot and its sockets, the last one the
 * beats), then what their tasklets and timers used.
 */
static void __net_exit netns_exit(struct net *net)
{
	struct hotid_node *node = hotid_node_of(net);

	/* No command is left; what follows asserts that none comes between. */
	mutex_lock(&node->commands);
	hotid_receive_close(node);
	timer_shutdown_sync(&node->advertisement_timer);
	cancel_work_sync(&node->proof_work);
	hotid_target_close_control(node);
	hotid_peer_remove_all(node);
	hotid_beat_exit(node);
	hotid_detector_exit(node);
	hotid_identity_remove_all(node);
	hotid_table_exit(&node->table);
	memzero_explicit(node->key, sizeof(node->key));
	memzero_explicit(node->own_key, sizeof(node->own_key));
	mutex_unlock(&node->commands);
	mutex_destroy(&node->commands);
}

static struct pernet_operations netns_ops = {
	.init = netns_init,
	.pre_exit = netns_pre_exit,
	.exit = netns_exit,
	.id = &hotid_node_net_id,
	.size = sizeof(struct hotid_node),
};

int hotid_netns_init(void)
{
	return register_pernet_device(&netns_ops);
}

void hotid_netns_exit(void)
{
	unregister_pernet_device(&netns_ops);
	/* Callbacks of kfree_rcu() are the kernel's own; grace periods suffice. */
	rcu_barrier();
}

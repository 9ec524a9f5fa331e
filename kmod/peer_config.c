// SPDX-License-Identifier: GPL-2.0
/* The peers that a node has been given: added, changed and removed by commands. */
#include "peer_config.h"

#include <linux/netlink.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include "beat.h"
#include "detector.h"
#include "key.h"
#include "lease.h"
#include "netlink_event.h"
#include "node.h"
#include "peer.h"
#include "table.h"
#include "target.h"

void hotid_peer_reset_gaps(struct hotid_peer *peer)
{
	struct hotid_slot *slot = hotid_peer_slot(peer);

	spin_lock_bh(&peer->node->lock);
	peer->gaps_since_ns = ktime_get_ns();
	WRITE_ONCE(slot->gaps_from_ns, peer->gaps_since_ns);
	memset(slot->gaps, 0, sizeof(slot->gaps));
	spin_unlock_bh(&peer->node->lock);
}

void hotid_peer_rekey_all(struct hotid_node *node)
{
	struct hotid_peer *peer;
	int bucket;

	hash_for_each(node->peers, bucket, peer, hash)
		hotid_key_derive(node, peer->id, peer->key);
	hotid_table_rekey(node);
}

/* New settings for one that is there; the open sockets are its own from now on. */
static void apply(struct hotid_peer *peer, const struct hotid_peer *wanted)
{
	struct hotid_node *node = peer->node;
	u64 allowed;

	spin_lock_bh(&node->lock);
	strscpy(peer->name, wanted->name, sizeof(peer->name));
	node->expected -= hotid_peer_expected(peer);
	peer->flags = wanted->flags;
	peer->told |= !!(wanted->flags & HOTID_PEER_FLAGS_TELL);
	node->expected += hotid_peer_expected(peer);
	allowed = hotid_path_allowance(peer, hotid_peer_slot(peer));
	WRITE_ONCE(peer->multiplier, wanted->multiplier);
	hotid_lease_keep_promise(peer, allowed);
	memcpy(peer->paths, wanted->paths, sizeof(peer->paths));
	memset(peer->gasp_frames, HOTID_GASP_STATE_NONE, sizeof(peer->gasp_frames));
	if (hotid_peer_lives(peer))
		hotid_detector_start(peer);
	spin_unlock_bh(&node->lock);
}

static struct hotid_peer *add(struct hotid_node *node, const struct hotid_peer *wanted,
			      struct netlink_ext_ack *extack)
{
	struct hotid_peer *peer = kmemdup(wanted, sizeof(*wanted), GFP_KERNEL);
	int error;

	if (!peer)
		return ERR_PTR(-ENOMEM);
	peer->node = node;
	peer->told = wanted->flags & HOTID_PEER_FLAGS_TELL;
	peer->gaps_since_ns = ktime_get_ns();
	INIT_LIST_HEAD(&peer->proof.entry);
	hotid_detector_peer_init(peer);
	hotid_key_derive(node, peer->id, peer->key);
	error = hotid_table_add(node, peer);
	if (error) {
		NL_SET_ERR_MSG(extack, "id: no slot is left near this id; load the probe with more slots");
		kfree_sensitive(peer);
		return ERR_PTR(error);
	}
	spin_lock_bh(&node->lock);
	hash_add_rcu(node->peers, &peer->hash, hotid_peer_bucket(peer->id));
	node->peers_seq++;
	hotid_netlink_peer_event(peer, HOTID_CMD_PEER_NTF, HOTID_REASON_NONE);
	spin_unlock_bh(&node->lock);
	return peer;
}

int hotid_peer_set(struct hotid_node *node, const struct hotid_peer *wanted,
		   struct netlink_ext_ack *extack)
{
	struct hotid_peer *peer = hotid_peer_find(node, wanted->id);
	struct hotid_target *target;
	LIST_HEAD(opened);
	int error;

	/* Opened by the new settings, and only then given to the peer. */
	if (wanted->flags & HOTID_PEER_FLAGS_TELL) {
		error = hotid_target_open(node, wanted, &opened, extack);
		if (error)
			return error;
	}
	if (peer)
		apply(peer, wanted);
	else
		peer = add(node, wanted, extack);
	if (IS_ERR(peer)) {
		hotid_target_close(&opened);
		return PTR_ERR(peer);
	}
	list_for_each_entry(target, &opened, entry)
		target->peer = peer;
	hotid_target_replace(node, peer, &opened);
	hotid_beat_update(node);
	return 0;
}

/*
 * Order: nobody finds the peer any more, and it does not live, so no judgement
 * starts its timer; then its timer and the round that may know it are over;
 * then its sockets and its slot go; readers that found it before are gone
 * after the grace period that kfree_rcu() waits for.
 *
 * The end of the module or its namespace takes listeners along, so there is no event then.
 */
static void unlink(struct hotid_peer *peer, bool event)
{
	struct hotid_node *node = peer->node;

	spin_lock_bh(&node->lock);
	hash_del_rcu(&peer->hash);
	node->peers_seq++;
	if (event)
		hotid_netlink_peer_event(peer, HOTID_CMD_PEER_DEL_NTF, HOTID_REASON_ADMIN);
	list_del_init(&peer->proof.entry);
	hotid_peer_set_state(peer, HOTID_PEER_STATE_UNKNOWN);
	spin_unlock_bh(&node->lock);
	hotid_detector_stop(peer);
	/* Commands alone read these; packets are judged by the slot's. */
	memzero_explicit(peer->key, sizeof(peer->key));
}

void hotid_peer_remove(struct hotid_peer *peer)
{
	struct hotid_node *node = peer->node;
	LIST_HEAD(none);

	unlink(peer, true);
	hotid_target_replace(node, peer, &none);
	hotid_table_remove(node, peer);
	hotid_beat_update(node);
	kfree_rcu(peer, rcu);
}

/* The same for all, with one grace period for all; the table goes as a whole. */
void hotid_peer_remove_all(struct hotid_node *node)
{
	struct hotid_peer *peer, *following;
	struct hlist_node *next;
	LIST_HEAD(closing);
	LIST_HEAD(none);
	int bucket;

	hash_for_each_safe(node->peers, bucket, next, peer, hash) {
		unlink(peer, false);
		list_add(&peer->closing, &closing);
	}
	hotid_target_replace(node, NULL, &none);
	hotid_beat_update(node);
	list_for_each_entry_safe(peer, following, &closing, closing)
		kfree_rcu(peer, rcu);
}

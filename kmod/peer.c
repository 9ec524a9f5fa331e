// SPDX-License-Identifier: GPL-2.0
/*
 * Peers: the remote nodes, what is believed of them, and how that changes.
 *
 * A slot believes one boot id. When a peer goes down its slot believes none,
 * so that the next beat, whatever incarnation sends it, comes up to
 * hotid_peer_control() and not only to a stamp.
 */
#include "peer.h"

#include <linux/netlink.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include "beat.h"
#include "compat.h"
#include "detector.h"
#include "identity.h"
#include "netlink.h"
#include "node.h"
#include "packet.h"
#include "target.h"

static u32 bucket_of(const u8 *id)
{
	/* Ids are random; any part of one will do. */
	return get_unaligned((const u32 *)id);
}

struct hotid_peer *hotid_peer_find(struct hotid_node *node, const u8 *id)
{
	struct hotid_peer *peer;

	hash_for_each_possible_rcu(node->peers, peer, hash, bucket_of(id), true)
		if (!memcmp(peer->id, id, HOTID_ID_LEN))
			return peer;
	return NULL;
}

void hotid_peer_change(struct hotid_peer *peer, u32 state, u32 reason, u64 last)
{
	struct hotid_slot *slot = rcu_dereference_check(peer->slot, true);

	lockdep_assert_held(&peer->node->lock);
	peer->state = state;
	peer->reason = reason;
	peer->changed_ns = ktime_get_ns();
	if (state == HOTID_PEER_STATE_DOWN) {
		peer->downs++;
		if (slot)
			WRITE_ONCE(slot->boot_id, 0);
	}
	hotid_netlink_peer_event(peer);
	if (state == HOTID_PEER_STATE_DOWN || reason == HOTID_REASON_PEER_REBOOTED)
		hotid_identity_holder_lost(peer->node, peer, reason, last, peer->changed_ns);
}

/* The interval and health that an authentic packet announces. */
static bool adopt_settings(struct hotid_slot *slot, const struct hotid_wire_head *head)
{
	u32 interval = be32_to_cpu(head->interval_us);

	if (interval < HOTID_INTERVAL_MIN_US || interval > HOTID_INTERVAL_MAX_US)
		return false;
	WRITE_ONCE(slot->interval_us, interval);
	WRITE_ONCE(slot->health, be16_to_cpu(head->health));
	return true;
}

static void beat(struct hotid_peer *peer, struct hotid_slot *slot,
		 const struct hotid_wire_head *head, u64 now)
{
	struct hotid_stamp *stamp = &slot->path[head->path];
	u64 boot_id = be64_to_cpu(head->boot_id), seq = be64_to_cpu(head->seq);
	bool same = boot_id == peer->boot_id;
	u64 last = hotid_slot_last(slot);
	int path;

	if (!boot_id || (same && seq <= stamp->seq) || !adopt_settings(slot, head))
		return;
	if (!same)
		for (path = 0; path < HOTID_SLOT_PATHS; path++)
			WRITE_ONCE(slot->path[path].seq, 0);
	WRITE_ONCE(stamp->seq, seq);
	WRITE_ONCE(stamp->ns, now);
	peer->boot_id = boot_id;
	/* From here on the probe stamps this incarnation by itself. */
	smp_store_release(&slot->boot_id, boot_id);

	if (peer->state != HOTID_PEER_STATE_UP)
		hotid_peer_change(peer, HOTID_PEER_STATE_UP, HOTID_REASON_BEAT, last);
	else if (!same)
		hotid_peer_change(peer, HOTID_PEER_STATE_UP, HOTID_REASON_PEER_REBOOTED, last);
	else
		hotid_netlink_peer_event(peer);
	if (peer->flags & HOTID_PEER_FLAGS_WATCH)
		hotid_detector_start(peer);
}

static void gasp(struct hotid_peer *peer, struct hotid_slot *slot,
		 const struct hotid_wire_head *head)
{
	struct hotid_stamp *stamp = &slot->path[head->path];
	u64 seq = be64_to_cpu(head->seq);

	if (be64_to_cpu(head->boot_id) != slot->boot_id || !slot->boot_id || seq <= stamp->seq)
		return;
	WRITE_ONCE(stamp->seq, seq);
	if (peer->state == HOTID_PEER_STATE_UP && (peer->flags & HOTID_PEER_FLAGS_WATCH))
		hotid_peer_change(peer, HOTID_PEER_STATE_DOWN, HOTID_REASON_PEER_GASP,
				  hotid_slot_last(slot));
}

void hotid_peer_control(struct hotid_node *node, struct hotid_slot *slot,
			const struct hotid_wire_head *head, u64 now)
{
	struct hotid_peer *peer;

	spin_lock(&node->lock);
	peer = hotid_peer_find(node, head->node_id);
	/* The peer may have got another slot, or gone, since it was judged. */
	if (peer && rcu_dereference(peer->slot) == slot) {
		if (head->type == HOTID_PACKET_BEAT)
			beat(peer, slot, head, now);
		else if (head->type == HOTID_PACKET_GASP)
			gasp(peer, slot, head);
	}
	spin_unlock(&node->lock);
}

static void derive(struct hotid_node *node, struct hotid_peer *peer)
{
	if (node->key_set)
		hotid_packet_key(&node->key, peer->id, &peer->key);
}

void hotid_peer_rekey_all(struct hotid_node *node)
{
	struct hotid_peer *peer;
	int bucket;

	hash_for_each(node->peers, bucket, peer, hash) {
		derive(node, peer);
		hotid_table_rekey(node, peer);
	}
}

/* New settings for one that is there; the open sockets are its own from now on. */
static void apply(struct hotid_peer *peer, const struct hotid_peer *wanted)
{
	struct hotid_node *node = peer->node;

	spin_lock_bh(&node->lock);
	strscpy(peer->name, wanted->name, sizeof(peer->name));
	peer->flags = wanted->flags;
	WRITE_ONCE(peer->multiplier, wanted->multiplier);
	memcpy(peer->paths, wanted->paths, sizeof(peer->paths));
	if (peer->state == HOTID_PEER_STATE_UP && (peer->flags & HOTID_PEER_FLAGS_WATCH))
		hotid_detector_start(peer);
	spin_unlock_bh(&node->lock);
}

static int add(struct hotid_node *node, const struct hotid_peer *wanted,
	       struct netlink_ext_ack *extack)
{
	struct hotid_peer *peer = kmemdup(wanted, sizeof(*wanted), GFP_KERNEL);
	LIST_HEAD(opened);
	int error;

	if (!peer)
		return -ENOMEM;
	peer->node = node;
	hotid_detector_peer_init(peer);
	if (peer->flags & HOTID_PEER_FLAGS_TELL) {
		error = hotid_target_open(node, peer, &opened, extack);
		if (error)
			goto free;
	}
	derive(node, peer);
	error = hotid_table_add(node, peer);
	if (error) {
		NL_SET_ERR_MSG(extack, "id: no slot is left near this id; load the probe with more slots");
		goto close;
	}
	spin_lock_bh(&node->lock);
	hash_add_rcu(node->peers, &peer->hash, bucket_of(peer->id));
	spin_unlock_bh(&node->lock);
	hotid_target_replace(node, peer, &opened);
	hotid_beat_update(node);
	return 0;

close:
	hotid_target_close(&opened);
free:
	kfree(peer);
	return error;
}

int hotid_peer_set(struct hotid_node *node, const struct hotid_peer *wanted,
		   struct netlink_ext_ack *extack)
{
	struct hotid_peer *peer = hotid_peer_find(node, wanted->id);
	struct hotid_peer *trial;
	struct hotid_target *target;
	LIST_HEAD(opened);
	int error;

	if (!peer)
		return add(node, wanted, extack);
	if (wanted->flags & HOTID_PEER_FLAGS_TELL) {
		/* Opened by the new settings, and only then given to the peer. */
		trial = kmemdup(wanted, sizeof(*wanted), GFP_KERNEL);
		if (!trial)
			return -ENOMEM;
		error = hotid_target_open(node, trial, &opened, extack);
		kfree(trial);
		if (error)
			return error;
		list_for_each_entry(target, &opened, entry)
			target->peer = peer;
	}
	if (!(wanted->flags & HOTID_PEER_FLAGS_WATCH))
		hrtimer_cancel(&peer->deadline);
	apply(peer, wanted);
	hotid_target_replace(node, peer, &opened);
	hotid_beat_update(node);
	return 0;
}

/*
 * Order: nobody finds the peer any more, and it is not up, so no judgement
 * starts its timer; then its timer and the tasklet that may know it are over;
 * then its slot and its sockets go; readers that found it before are gone
 * after the grace period that kfree_rcu() waits for.
 */
void hotid_peer_remove(struct hotid_peer *peer)
{
	struct hotid_node *node = peer->node;
	LIST_HEAD(none);

	spin_lock_bh(&node->lock);
	hash_del_rcu(&peer->hash);
	peer->state = HOTID_PEER_STATE_UNKNOWN;
	spin_unlock_bh(&node->lock);
	hotid_detector_stop(peer);
	hotid_table_remove(node, peer);
	hotid_target_replace(node, peer, &none);
	hotid_beat_update(node);
	kfree_rcu(peer, rcu);
}

void hotid_peer_remove_all(struct hotid_node *node)
{
	struct hotid_peer *peer;
	struct hlist_node *next;
	int bucket;

	hash_for_each_safe(node->peers, bucket, next, peer, hash)
		hotid_peer_remove(peer);
}

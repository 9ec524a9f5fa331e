// SPDX-License-Identifier: GPL-2.0
/*
 * Peers: the remote nodes, what is believed of them, and how that changes.
 *
 * A slot believes one boot id. When a peer goes down its slot believes none,
 * so that the next beat, whatever incarnation sends it, comes up to
 * hotid_peer_control() and not only to a stamp.
 *
 * Two nodes with one id (a disk that was cloned) are two incarnations that both
 * prove that they live. That looks like a reboot, but for this: the one that is
 * believed goes on beating. So until it is down a second one is not believed,
 * whatever it proves; it is a rival. If the first is still in time when its whole
 * time allowed has passed since the rival proved itself, the two are in conflict.
 * If it falls silent it was a reboot, and takes the way of any other: the peer is
 * down, and the next beat brings up the incarnation that sent it.
 */
#include "peer.h"

#include <linux/netlink.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include "beat.h"
#include "challenge.h"
#include "compat.h"
#include "counters.h"
#include "detector.h"
#include "identity.h"
#include "netlink.h"
#include "node.h"
#include "path.h"
#include "slot_keys.h"
#include "target.h"

/* How long after the last proof of the other node the two still count as two. */
#define CONFLICT_LASTS_NS	NSEC_PER_SEC

static u32 bucket_of(const u8 *id)
{
	/* Ids are random; any part of one will do. */
	return get_unaligned((const u32 *)id);
}

struct hotid_peer *hotid_peer_find(struct hotid_node *node, const u8 *id)
{
	struct hotid_peer *peer;

	hash_for_each_possible_rcu(node->peers, peer, hash, bucket_of(id),
				   lockdep_is_held(&node->commands) || lockdep_is_held(&node->lock))
		if (!memcmp(peer->id, id, HOTID_ID_LEN))
			return peer;
	return NULL;
}

/* Keeps count of those whose beats the detector expects, and of conflicts. */
static void set_state(struct hotid_peer *peer, u32 state)
{
	peer->node->expected -= hotid_peer_expected(peer);
	peer->node->conflicts -= peer->state == HOTID_PEER_STATE_CONFLICT;
	peer->state = state;
	peer->node->expected += hotid_peer_expected(peer);
	peer->node->conflicts += peer->state == HOTID_PEER_STATE_CONFLICT;
}

/* From here on the probe stamps this incarnation by itself; 0 for none. */
static void set_boot_id(struct hotid_slot *slot, u64 boot_id)
{
	/* What is primed stands for the one before. */
	WRITE_ONCE(slot->primed, 0);
	/* The probe must not find the new one with what was primed for the old. */
	smp_store_release(&slot->boot_id, boot_id);
	hotid_slot_prime(slot);
}

void hotid_peer_change(struct hotid_peer *peer, u32 state, u32 reason, u64 last)
{
	struct hotid_slot *slot = rcu_dereference_check(peer->slot, true);

	lockdep_assert_held(&peer->node->lock);
	set_state(peer, state);
	peer->reason = reason;
	peer->changed_ns = ktime_get_ns();
	if (state == HOTID_PEER_STATE_DOWN) {
		peer->rival.boot_id = 0;
		peer->downs++;
		hotid_paths_down(peer);
		if (slot)
			set_boot_id(slot, 0);
	}
	hotid_netlink_peer_event(peer, reason);
	if (state == HOTID_PEER_STATE_DOWN || state == HOTID_PEER_STATE_HUNG ||
	    reason == HOTID_REASON_PEER_REBOOTED)
		hotid_identity_holder_lost(peer->node, peer, last, peer->changed_ns);
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

/* Up or hung, as its health says; hung only if its daemon ever lived. */
static u32 vigour(struct hotid_peer *peer, const struct hotid_slot *slot)
{
	if (slot->health & HOTID_HEALTH_USERSPACE)
		peer->had_user = true;
	else if (peer->had_user)
		return HOTID_PEER_STATE_HUNG;
	return HOTID_PEER_STATE_UP;
}

/* The same, but for a conflict, which outlasts them. */
static u32 living(struct hotid_peer *peer, const struct hotid_slot *slot)
{
	u32 state = vigour(peer, slot);

	return peer->state == HOTID_PEER_STATE_CONFLICT ? peer->state : state;
}

/* An incarnation proved itself beside the one that is believed, which is in time. */
static void rivals(struct hotid_peer *peer, const struct hotid_slot *slot, u64 boot_id, u64 now)
{
	u64 last = hotid_slot_last(slot);

	if (peer->rival.boot_id != boot_id) {
		peer->rival.boot_id = boot_id;
		peer->rival.since_ns = now;
	}
	peer->rival.seen_ns = now;
	if (peer->state != HOTID_PEER_STATE_CONFLICT &&
	    last > peer->rival.since_ns + hotid_path_allowance(peer, slot))
		hotid_peer_change(peer, HOTID_PEER_STATE_CONFLICT, HOTID_REASON_ID_CONFLICT, last);
}

/*
 * The incarnation that is believed has not been given up. Of a peer that is
 * watched the detector alone says so: a deadline that passed may be a stall of
 * this node, and then the other incarnation is no reboot. Nobody judges one that
 * is not watched.
 */
static bool not_given_up(struct hotid_peer *peer, const struct hotid_slot *slot, u64 now)
{
	return hotid_peer_lives(peer) && ((peer->flags & HOTID_PEER_FLAGS_WATCH) ||
					  hotid_paths_look(peer, slot, now).fresh);
}

/* It proved itself just now, and will do so again before it can be believed. */
static bool rival_known(struct hotid_peer *peer, const struct hotid_slot *slot, u64 boot_id,
			u64 now)
{
	return boot_id && boot_id == peer->rival.boot_id && not_given_up(peer, slot, now) &&
	       now - peer->rival.seen_ns < hotid_path_allowance(peer, slot);
}

static void reconsider(struct hotid_peer *peer, u64 now)
{
	const struct hotid_slot *slot = rcu_dereference(peer->slot);

	if (!slot || now - peer->rival.seen_ns <
		     CONFLICT_LASTS_NS + 2 * hotid_path_allowance(peer, slot))
		return;
	peer->rival.boot_id = 0;
	hotid_peer_change(peer, vigour(peer, slot), HOTID_REASON_BEAT, hotid_slot_last(slot));
}

void hotid_peer_reconsider(struct hotid_node *node)
{
	u64 now = ktime_get_ns();
	struct hotid_peer *peer;
	int bucket;

	lockdep_assert_held(&node->lock);
	if (!node->conflicts)
		return;
	hash_for_each(node->peers, bucket, peer, hash)
		if (peer->state == HOTID_PEER_STATE_CONFLICT)
			reconsider(peer, now);
}

/* A beat of the incarnation that is believed, with other settings than before. */
static void changed_beat(struct hotid_peer *peer, struct hotid_slot *slot,
			 const struct hotid_wire_head *head, u64 now)
{
	u64 last = hotid_slot_last(slot);
	u32 state;

	if (!adopt_settings(slot, head))
		return;
	hotid_slot_prime(slot);
	hotid_slot_heard(slot, head, now);
	state = living(peer, slot);
	if (state != peer->state)
		hotid_peer_change(peer, state, state == HOTID_PEER_STATE_HUNG ?
				  HOTID_REASON_USER_SILENT : HOTID_REASON_BEAT, last);
	else
		hotid_netlink_peer_event(peer, HOTID_REASON_NONE);
	hotid_detector_start(peer);
}

/*
 * The incarnation proved that it lives now: believe it from here on, and nothing
 * that it sent before.
 */
static void believe(struct hotid_peer *peer, struct hotid_slot *slot,
		    const struct hotid_wire_head *head, u64 now)
{
	u64 boot_id = be64_to_cpu(head->boot_id), last = hotid_slot_last(slot);
	bool known = hotid_peer_lives(peer), same = boot_id == peer->boot_id;
	int path;

	/* Somebody made us ask in vain, with what he recorded. */
	if (boot_id == slot->boot_id)
		return;
	if (known && !same && not_given_up(peer, slot, now)) {
		rivals(peer, slot, boot_id, now);
		return;
	}
	if (!adopt_settings(slot, head))
		return;
	for (path = 0; path < HOTID_SLOT_PATHS; path++)
		WRITE_ONCE(slot->path[path].seq, be64_to_cpu(head->seq));
	if (!same) {
		peer->boot_id = boot_id;
		peer->gasp = HOTID_GASP_NONE;
		peer->had_user = false;
		peer->rival.boot_id = 0;
	}
	/* The time until now was a silence that has its own count: downs. */
	WRITE_ONCE(slot->gaps_from_ns, now);
	WRITE_ONCE(slot->path[head->path].ns, now);
	WRITE_ONCE(peer->paths_up, peer->paths_up | BIT(head->path));
	set_boot_id(slot, boot_id);
	if (!known || !same)
		hotid_peer_change(peer, living(peer, slot), known ? HOTID_REASON_PEER_REBOOTED :
				  HOTID_REASON_BEAT, last);
	hotid_detector_start(peer);
}

static void gasp(struct hotid_peer *peer, struct hotid_slot *slot,
		 const struct hotid_wire_head *head)
{
	WRITE_ONCE(slot->path[head->path].seq, be64_to_cpu(head->seq));
	peer->gasp = head->reason;
	if (hotid_peer_lives(peer) && (peer->flags & HOTID_PEER_FLAGS_WATCH))
		hotid_peer_change(peer, HOTID_PEER_STATE_DOWN, HOTID_REASON_PEER_GASP,
				  hotid_slot_last(slot));
}

/* It was so before the lock was taken; another CPU may have heard the same since. */
static bool still_control(struct hotid_slot *slot, const struct hotid_wire_head *head, u64 now)
{
	return hotid_slot_stamp(slot, head, 0, now) == HOTID_VERDICT_CONTROL;
}

static void control(struct hotid_peer *peer, struct hotid_slot *slot,
		    const struct hotid_wire_head *head, u64 now)
{
	const struct hotid_wire_proof *proof = (const struct hotid_wire_proof *)head;

	switch (head->type) {
	case HOTID_PACKET_BEAT:
		if (rival_known(peer, slot, be64_to_cpu(head->boot_id), now)) {
			WRITE_ONCE(slot->beat_seen_ns, now);
			hotid_table_note(&peer->node->table, HOTID_VERDICT_UNBELIEVED);
		} else if (be64_to_cpu(head->boot_id) != slot->boot_id) {
			hotid_challenge_ask(peer, slot, now, true);
		} else if (still_control(slot, head, now)) {
			changed_beat(peer, slot, head, now);
		}
		break;
	case HOTID_PACKET_GASP:
		if (still_control(slot, head, now))
			gasp(peer, slot, head);
		break;
	case HOTID_PACKET_CHALLENGE:
		hotid_challenge_asked(peer, slot, proof, now);
		break;
	case HOTID_PACKET_ANSWER:
		if (hotid_challenge_proven(peer, slot, proof, now))
			believe(peer, slot, head, now);
		break;
	}
}

void hotid_peer_control(struct hotid_node *node, struct hotid_slot *slot,
			const struct hotid_wire_head *head, u64 now)
{
	struct hotid_peer *peer;

	spin_lock(&node->lock);
	peer = hotid_peer_find(node, head->node_id);
	/* The peer may have got another slot, or gone, since it was judged. */
	if (peer && rcu_dereference(peer->slot) == slot)
		control(peer, slot, head, now);
	spin_unlock(&node->lock);
}

void hotid_peer_reset_gaps(struct hotid_peer *peer)
{
	struct hotid_slot *slot;

	spin_lock_bh(&peer->node->lock);
	rcu_read_lock();
	slot = rcu_dereference(peer->slot);
	peer->gaps_since_ns = ktime_get_ns();
	if (slot)
		hotid_slot_reset_gaps(slot, peer->gaps_since_ns);
	rcu_read_unlock();
	spin_unlock_bh(&peer->node->lock);
}

void hotid_peer_rekey_all(struct hotid_node *node)
{
	struct hotid_peer *peer;
	int bucket;

	hash_for_each(node->peers, bucket, peer, hash)
		hotid_key_derive(node, peer);
	hotid_table_rekey(node);
}

/* New settings for one that is there; the open sockets are its own from now on. */
static void apply(struct hotid_peer *peer, const struct hotid_peer *wanted)
{
	struct hotid_node *node = peer->node;

	spin_lock_bh(&node->lock);
	strscpy(peer->name, wanted->name, sizeof(peer->name));
	node->expected -= hotid_peer_expected(peer);
	peer->flags = wanted->flags;
	node->expected += hotid_peer_expected(peer);
	WRITE_ONCE(peer->multiplier, wanted->multiplier);
	memcpy(peer->paths, wanted->paths, sizeof(peer->paths));
	memset(peer->lastword, HOTID_LASTWORD_STATE_NONE, sizeof(peer->lastword));
	if (hotid_peer_lives(peer))
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
	peer->gaps_since_ns = ktime_get_ns();
	hotid_detector_peer_init(peer);
	hotid_challenge_peer_init(peer);
	if (peer->flags & HOTID_PEER_FLAGS_TELL) {
		error = hotid_target_open(node, peer, &opened, extack);
		if (error)
			goto free;
	}
	hotid_key_derive(node, peer);
	error = hotid_table_add(node, peer);
	if (error) {
		NL_SET_ERR_MSG(extack, "id: no slot is left near this id; load the probe with more slots");
		goto close;
	}
	spin_lock_bh(&node->lock);
	hash_add_rcu(node->peers, &peer->hash, bucket_of(peer->id));
	node->peers_seq++;
	hotid_netlink_peer_event(peer, HOTID_REASON_NONE);
	spin_unlock_bh(&node->lock);
	hotid_target_replace(node, peer, &opened);
	hotid_beat_update(node);
	return 0;

close:
	hotid_target_close(&opened);
free:
	kfree_sensitive(peer);
	return error;
}

int hotid_peer_set(struct hotid_node *node, const struct hotid_peer *wanted,
		   struct netlink_ext_ack *extack)
{
	struct hotid_peer *peer = hotid_peer_find(node, wanted->id);
	struct hotid_target *target;
	LIST_HEAD(opened);
	int error;

	if (!peer)
		return add(node, wanted, extack);
	/* Opened by the new settings, and only then given to the peer. */
	if (wanted->flags & HOTID_PEER_FLAGS_TELL) {
		error = hotid_target_open(node, wanted, &opened, extack);
		if (error)
			return error;
	}
	list_for_each_entry(target, &opened, entry)
		target->peer = peer;
	apply(peer, wanted);
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
 * The end of the module or its namespace takes listeners along, so that is not told.
 */
static void unlink(struct hotid_peer *peer, bool told)
{
	struct hotid_node *node = peer->node;

	spin_lock_bh(&node->lock);
	hash_del_rcu(&peer->hash);
	node->peers_seq++;
	if (told)
		hotid_netlink_peer_gone(peer);
	hotid_challenge_forget(peer);
	set_state(peer, HOTID_PEER_STATE_UNKNOWN);
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
	int bucket;

	hash_for_each_safe(node->peers, bucket, next, peer, hash) {
		unlink(peer, false);
		list_add(&peer->closing, &closing);
	}
	hotid_target_replace_all(node);
	hotid_beat_update(node);
	hotid_table_retire(node);
	list_for_each_entry_safe(peer, following, &closing, closing)
		kfree_rcu(peer, rcu);
}

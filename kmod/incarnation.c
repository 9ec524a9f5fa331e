// SPDX-License-Identifier: GPL-2.0
/*
 * Incarnations: which one of a peer is accepted, by the packets it sends that
 * are more than a stamp.
 *
 * A slot accepts one boot id. When a peer goes down its slot accepts none,
 * so that the next beat, whatever incarnation sends it, comes up to
 * hotid_peer_control() and not only to a stamp.
 *
 * Two nodes with one id (a disk that was cloned) are two incarnations that both
 * prove that they live. That looks like a reboot, but for this: the one that is
 * accepted goes on beating. So until it is down a second one is not accepted,
 * whatever it proves; it is a rival. If the first is still in time when its whole
 * time allowed has passed since the rival proved itself, the two are in conflict.
 * If it falls silent it was a reboot, and takes the way of any other: the peer is
 * down, and the next beat brings up the incarnation that sent it.
 *
 * All of it runs under node->lock, in softirq; only whether a conflict is over is
 * looked up in process context, with each keepalive.
 */
#include "incarnation.h"

#include "challenge.h"
#include "detector.h"
#include "dispatch.h"
#include "lease.h"
#include "netlink_event.h"
#include "node.h"
#include "peer.h"
#include "slot_keys.h"

/* How long after the last proof of the other node the two still count as two. */
#define CONFLICT_LASTS_NS	NSEC_PER_SEC

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
static u32 state_by_health(struct hotid_peer *peer, const struct hotid_slot *slot)
{
	if (slot->health & HOTID_HEALTH_USERSPACE)
		peer->had_user = true;
	else if (peer->had_user)
		return HOTID_PEER_STATE_HUNG;
	return HOTID_PEER_STATE_UP;
}

/* The same, but for a conflict, which outlasts them. */
static u32 living_state(struct hotid_peer *peer, const struct hotid_slot *slot)
{
	u32 state = state_by_health(peer, slot);

	return peer->state == HOTID_PEER_STATE_CONFLICT ? peer->state : state;
}

/* An incarnation proved itself beside the one that is accepted, which is in time. */
static void note_rival(struct hotid_peer *peer, const struct hotid_slot *slot, u64 boot_id, u64 now)
{
	u64 last = hotid_slot_last(slot);

	if (peer->rival.boot_id != boot_id) {
		peer->rival.boot_id = boot_id;
		peer->rival.since_ns = now;
	}
	peer->rival.seen_ns = now;
	if (peer->state != HOTID_PEER_STATE_CONFLICT &&
	    last > peer->rival.since_ns + hotid_path_allowance(peer, slot))
		hotid_dispatch_peer(peer, HOTID_PEER_STATE_CONFLICT, HOTID_REASON_ID_CONFLICT,
				    last);
}

/*
 * The incarnation that is accepted has not been given up. Of a peer that is
 * watched the detector alone says so: a deadline that passed may be a stall of
 * this node, and then the other incarnation is no reboot. Nobody judges one that
 * is not watched.
 */
static bool not_given_up(struct hotid_peer *peer, const struct hotid_slot *slot, u64 now)
{
	return hotid_peer_lives(peer) && ((peer->flags & HOTID_PEER_FLAGS_WATCH) ||
					  hotid_paths_look(peer, slot, now).fresh);
}

/* It proved itself just now, and will do so again before it can be accepted. */
static bool rival_known(struct hotid_peer *peer, const struct hotid_slot *slot, u64 boot_id,
			u64 now)
{
	return boot_id && boot_id == peer->rival.boot_id && not_given_up(peer, slot, now) &&
	       now - peer->rival.seen_ns < hotid_path_allowance(peer, slot);
}

static void reconsider(struct hotid_peer *peer, u64 now)
{
	const struct hotid_slot *slot = hotid_peer_slot(peer);

	if (now - peer->rival.seen_ns < CONFLICT_LASTS_NS + 2 * hotid_path_allowance(peer, slot))
		return;
	peer->rival.boot_id = 0;
	hotid_dispatch_peer(peer, state_by_health(peer, slot), HOTID_REASON_BEAT,
			    hotid_slot_last(slot));
}

void hotid_incarnation_reconsider(struct hotid_node *node)
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

/* A beat of the incarnation that is accepted, with other settings than before. */
static void changed_beat(struct hotid_peer *peer, struct hotid_slot *slot,
			 const struct hotid_wire_head *head, u64 now)
{
	u64 last = hotid_slot_last(slot), allowed = hotid_path_allowance(peer, slot);
	struct hotid_wire_tail tail = hotid_wire_tail(head);
	u32 state;

	if (!adopt_settings(slot, head))
		return;
	hotid_lease_keep_promise(peer, allowed);
	hotid_slot_granted(slot, &tail);
	hotid_slot_prime(slot);
	hotid_slot_heard(slot, head, now);
	state = living_state(peer, slot);
	if (state != peer->state)
		hotid_dispatch_peer(peer, state, state == HOTID_PEER_STATE_HUNG ?
				    HOTID_REASON_USER_SILENT : HOTID_REASON_BEAT, last);
	else
		hotid_netlink_peer_event(peer, HOTID_CMD_PEER_NTF, HOTID_REASON_NONE);
	hotid_detector_start(peer);
}

/*
 * The incarnation proved that it lives now: accept it from here on, and nothing
 * that it sent before.
 */
static void accept_incarnation(struct hotid_peer *peer, struct hotid_slot *slot,
			       const struct hotid_wire_head *head, u64 now)
{
	u64 boot_id = be64_to_cpu(head->boot_id), last = hotid_slot_last(slot);
	bool known = hotid_peer_lives(peer), same = boot_id == peer->boot_id;
	int path;

	/* A replayed packet caused the challenge. */
	if (boot_id == slot->boot_id)
		return;
	if (known && !same && not_given_up(peer, slot, now)) {
		note_rival(peer, slot, boot_id, now);
		return;
	}
	if (!adopt_settings(slot, head))
		return;
	hotid_lease_forget(slot);
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
	hotid_slot_set_boot_id(slot, boot_id);
	if (!known || !same)
		hotid_dispatch_peer(peer, living_state(peer, slot),
				    known ? HOTID_REASON_PEER_REBOOTED : HOTID_REASON_BEAT, last);
	hotid_detector_start(peer);
}

static void accept_gasp(struct hotid_peer *peer, struct hotid_slot *slot,
			const struct hotid_wire_head *head)
{
	WRITE_ONCE(slot->path[head->path].seq, be64_to_cpu(head->seq));
	peer->gasp = head->reason;
	if (hotid_peer_lives(peer) && (peer->flags & HOTID_PEER_FLAGS_WATCH))
		hotid_dispatch_peer(peer, HOTID_PEER_STATE_DOWN, HOTID_REASON_PEER_GASP,
				    hotid_slot_last(slot));
}

/* It was so before the lock was taken; another CPU may have received the same since. */
static bool still_control(struct hotid_slot *slot, const struct hotid_wire_head *head, u64 now)
{
	struct hotid_wire_tail tail = hotid_wire_tail(head);

	return hotid_slot_stamp(slot, head, &tail, now) == HOTID_VERDICT_CONTROL;
}

static void control_packet(struct hotid_peer *peer, struct hotid_slot *slot,
			   const struct hotid_wire_head *head, u64 now)
{
	const struct hotid_wire_proof *proof = (const struct hotid_wire_proof *)head;

	switch (head->type) {
	case HOTID_PACKET_BEAT:
		if (rival_known(peer, slot, be64_to_cpu(head->boot_id), now)) {
			WRITE_ONCE(slot->beat_seen_ns, now);
			hotid_counters_note(&peer->node->table.counters, HOTID_VERDICT_UNVERIFIED);
		} else if (be64_to_cpu(head->boot_id) != slot->boot_id) {
			hotid_challenge_ask(peer, slot, now, true);
		} else if (still_control(slot, head, now)) {
			changed_beat(peer, slot, head, now);
		}
		break;
	case HOTID_PACKET_GASP:
		if (still_control(slot, head, now))
			accept_gasp(peer, slot, head);
		break;
	case HOTID_PACKET_CHALLENGE:
		hotid_challenge_asked(peer, slot, proof, now);
		break;
	case HOTID_PACKET_ANSWER:
		if (hotid_challenge_proven(peer, slot, proof, now))
			accept_incarnation(peer, slot, head, now);
		break;
	}
}

void hotid_incarnation_control(struct hotid_node *node, struct hotid_slot *slot,
			       const struct hotid_wire_head *head, u64 now)
{
	struct hotid_peer *peer;

	spin_lock(&node->lock);
	peer = hotid_peer_find(node, head->node_id);
	/* The peer may have got another slot, or gone, since it was judged. */
	if (peer && hotid_peer_slot(peer) == slot)
		control_packet(peer, slot, head, now);
	spin_unlock(&node->lock);
}

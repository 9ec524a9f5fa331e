// SPDX-License-Identifier: GPL-2.0
/*
 * The failure detector.
 *
 * A peer that is up has a deadline: its newest stamp on any path, plus
 * interval times multiplier. One hrtimer per peer, in hard irq, is set to the
 * deadline. Beats do not touch it: when it fires it looks at the stamps, and
 * if beats came meanwhile it is set to the deadline that follows from them.
 * So a beat costs no timer, and a peer costs one interrupt per deadline.
 *
 * Suspect yourself first. A deadline that passed is judged only after this
 * node showed that it was not deaf itself:
 *
 *   1. A timer that fired late by more than a quarter of the time allowed
 *      (interrupts off, CPU or virtual machine stopped) proves a stall here.
 *      The peer gets the lateness as grace, but no less than an interval
 *      and no more than the time allowed. After MOST_GRACES without a beat
 *      between them the peer is judged all the same: a node that is always
 *      late must not be blind for ever, and rule 2 still holds.
 *   2. The judging is done by a tasklet of normal priority. Softirqs run in
 *      order of their number, network receive before tasklets, so packets
 *      that wait on this CPU are received first, and their stamps count.
 *      The time from the timer to the tasklet is a stall like that of 1.
 */
#include "detector.h"

#include "compat.h"
#include "node.h"
#include "peer.h"

#define MOST_GRACES	3

/* Time without beats after which a peer is silent. */
static u64 allowance(const struct hotid_peer *peer, const struct hotid_slot *slot)
{
	return (u64)READ_ONCE(slot->interval_us) * NSEC_PER_USEC * READ_ONCE(peer->multiplier);
}

static enum hrtimer_restart deadline_passed(struct hrtimer *timer)
{
	struct hotid_peer *peer = container_of(timer, struct hotid_peer, deadline);
	u64 now = ktime_get_ns(), deadline;
	const struct hotid_slot *slot;

	rcu_read_lock();
	slot = rcu_dereference(peer->slot);
	deadline = slot ? hotid_slot_last(slot) + allowance(peer, slot) : 0;
	rcu_read_unlock();
	if (!slot)
		return HRTIMER_NORESTART;
	if (deadline > now) {
		/* Not by HRTIMER_RESTART: softirq may start the timer meanwhile. */
		hrtimer_start(timer, ns_to_ktime(deadline), HRTIMER_MODE_ABS_HARD);
		return HRTIMER_NORESTART;
	}
	if (!test_and_set_bit(0, &peer->suspected)) {
		peer->due_ns = max(deadline, peer->grace_ns);
		llist_add(&peer->suspect, &peer->node->suspects);
		tasklet_schedule(&peer->node->detect_tasklet);
	}
	return HRTIMER_NORESTART;
}

static void judge(struct hotid_peer *peer, u64 now)
{
	const struct hotid_slot *slot;
	u64 last, allowed, late;

	lockdep_assert_held(&peer->node->lock);
	slot = rcu_dereference(peer->slot);
	if (!slot || peer->state != HOTID_PEER_STATE_UP)
		return;
	last = hotid_slot_last(slot);
	allowed = allowance(peer, slot);
	if (last + allowed > now) {
		peer->graces_in_row = 0;
		hrtimer_start(&peer->deadline, ns_to_ktime(last + allowed), HRTIMER_MODE_ABS_HARD);
		return;
	}
	late = now - peer->due_ns;
	if (late > allowed / 4 && peer->graces_in_row < MOST_GRACES) {
		u64 grace = max_t(u64, min(late, allowed), allowed / peer->multiplier);

		peer->graces++;
		peer->graces_in_row++;
		peer->grace_ns = now + grace;
		hrtimer_start(&peer->deadline, ns_to_ktime(now + grace), HRTIMER_MODE_ABS_HARD);
		return;
	}
	peer->graces_in_row = 0;
	hotid_peer_change(peer, HOTID_PEER_STATE_DOWN, HOTID_REASON_PEER_SILENT, last);
}

static void judge_suspects(struct tasklet_struct *tasklet)
{
	struct hotid_node *node = from_tasklet(node, tasklet, detect_tasklet);
	struct hotid_peer *peer, *next;
	struct llist_node *list;

	rcu_read_lock();
	spin_lock(&node->lock);
	list = llist_reverse_order(llist_del_all(&node->suspects));
	llist_for_each_entry_safe(peer, next, list, suspect) {
		clear_bit(0, &peer->suspected);
		judge(peer, ktime_get_ns());
	}
	spin_unlock(&node->lock);
	rcu_read_unlock();
}

void hotid_detector_start(struct hotid_peer *peer)
{
	const struct hotid_slot *slot;
	u64 from;

	rcu_read_lock();
	slot = rcu_dereference(peer->slot);
	if (slot) {
		from = max(hotid_slot_last(slot), 1ULL);
		hrtimer_start(&peer->deadline, ns_to_ktime(from + allowance(peer, slot)),
			      HRTIMER_MODE_ABS_HARD);
	}
	rcu_read_unlock();
}

/*
 * The peer is not up any more, so no judgement starts its timer again. When
 * the timer is over, the peer may still be among the suspects, until the
 * tasklet has run once more. A request that another timer made while
 * tasklet_kill() waited is lost; the last line makes up for it.
 */
void hotid_detector_stop(struct hotid_peer *peer)
{
	hrtimer_cancel(&peer->deadline);
	tasklet_kill(&peer->node->detect_tasklet);
	tasklet_schedule(&peer->node->detect_tasklet);
}

void hotid_detector_peer_init(struct hotid_peer *peer)
{
	hrtimer_setup(&peer->deadline, deadline_passed, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_HARD);
}

void hotid_detector_init(struct hotid_node *node)
{
	init_llist_head(&node->suspects);
	tasklet_setup(&node->detect_tasklet, judge_suspects);
}

void hotid_detector_exit(struct hotid_node *node)
{
	tasklet_kill(&node->detect_tasklet);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The failure detector.
 *
 * A path is silent when interval times multiplier have passed since its last
 * stamp; a peer is down when all its paths are. One hrtimer per peer that
 * lives, in hard irq, is set to the first moment at which a path may fall
 * silent. Beats do not touch it: when it fires it looks at the stamps, and
 * if beats came meanwhile it is set to what follows from them. So a beat
 * costs no timer, and a peer costs one look per deadline; a slack of
 * 1/LOOKS_SHARE of the time allowed lets looks at many peers share one
 * interrupt.
 *
 * Suspect yourself first. What the timer suspects is judged in a round,
 * after this node has shown that it was not deaf itself:
 *
 *   1. Every CPU shows that it receives. It is asked by an interrupt, and
 *      answers from a tasklet of normal priority. Softirqs run in order of
 *      their number, network receive before tasklets, so what waited on
 *      that CPU has been received by then and its stamps count. When its
 *      network softirq stopped with work left, the tasklet runs again, up to
 *      MOST_TURNS times. A CPU that does not answer (interrupts off, virtual
 *      CPU not run) holds the round up until it does: a node that is not
 *      whole accuses nobody.
 *   2. A judgement that comes late by more than a quarter of the time
 *      allowed, because the timer or the round did, proves a stall here, in
 *      which beats may have been lost and not only delayed. The peer gets
 *      the lateness as grace, but no less than an interval and no more than
 *      the time allowed.
 *   3. When most of the watched peers fall silent in one round, and they
 *      are MANY or more, that is a fault of this node until proven
 *      otherwise: each gets an interval of grace.
 *
 * After MOST_GRACES without a beat between them a peer is judged all the
 * same: a node that is always late must not be blind for ever, and rule 1
 * still holds.
 */
#include "detector.h"

#include <linux/rculist.h>
#include <linux/smp.h>
#include <linux/wait_bit.h>

#include "compat.h"
#include "node.h"
#include "path.h"
#include "peer.h"
#include "softirq.h"

#define LOOKS_SHARE	32
#define MOST_TURNS	16
#define MOST_GRACES	3
#define MANY		3

/**
 * struct hotid_ear - what one CPU shows of its receiving
 * @detector: whose round it is
 * @ask: the interrupt that asks it
 * @answer: the tasklet that answers
 * @turns: runs of the tasklet in this round
 */
struct hotid_ear {
	struct hotid_detector *detector;
	call_single_data_t ask;
	struct tasklet_struct answer;
	unsigned int turns;
};

static void set_deadline(struct hotid_peer *peer, u64 ns, u64 allowed)
{
	hrtimer_start_range_ns(&peer->deadline, ns_to_ktime(ns), allowed / LOOKS_SHARE,
			       HRTIMER_MODE_ABS_HARD);
}

static enum hrtimer_restart look(struct hrtimer *timer)
{
	struct hotid_peer *peer = container_of(timer, struct hotid_peer, deadline);
	struct hotid_detector *detector = &peer->node->detector;
	u64 now = ktime_get_ns(), allowed;
	const struct hotid_slot *slot;
	struct hotid_paths seen;

	rcu_read_lock();
	slot = rcu_dereference(peer->slot);
	if (slot) {
		allowed = hotid_path_allowance(peer, slot);
		seen = hotid_paths_look(peer, slot, now);
	}
	rcu_read_unlock();
	if (!slot)
		return HRTIMER_NORESTART;
	if (seen.fresh && seen.fresh == seen.up) {
		/* Not by HRTIMER_RESTART: softirq may start the timer meanwhile. */
		set_deadline(peer, seen.next_ns, allowed);
	} else if (!test_and_set_bit(0, &peer->suspected)) {
		peer->due_ns = max(seen.fresh ? now : seen.last_ns + allowed, peer->grace_ns);
		llist_add(&peer->suspect, &detector->suspects);
		hotid_tasklet_schedule(&detector->begin);
	}
	return HRTIMER_NORESTART;
}

static void heard(struct hotid_detector *detector)
{
	if (atomic_dec_and_test(&detector->deaf))
		hotid_tasklet_schedule(&detector->judge);
}

static void answer(struct tasklet_struct *tasklet)
{
	struct hotid_ear *ear = from_tasklet(ear, tasklet, answer);

	if ((local_softirq_pending() & BIT(NET_RX_SOFTIRQ)) && ++ear->turns < MOST_TURNS)
		hotid_tasklet_schedule(tasklet);
	else
		heard(ear->detector);
}

/* On the CPU that is asked, in its interrupt. */
static void asked(void *data)
{
	struct hotid_ear *ear = data;

	hotid_tasklet_schedule(&ear->answer);
}

static void begin(struct tasklet_struct *tasklet)
{
	struct hotid_detector *detector = from_tasklet(detector, tasklet, begin);
	int cpu;

	/* The judge of the round that is on schedules us again. */
	if (READ_ONCE(detector->round) || llist_empty(&detector->suspects))
		return;
	WRITE_ONCE(detector->round, llist_reverse_order(llist_del_all(&detector->suspects)));
	/* One more than asked, so that the round cannot end while we ask. */
	atomic_set(&detector->deaf, 1);
	for_each_online_cpu(cpu) {
		struct hotid_ear *ear = per_cpu_ptr(detector->ears, cpu);

		ear->turns = 0;
		atomic_inc(&detector->deaf);
		if (cpu == smp_processor_id())
			hotid_tasklet_schedule(&ear->answer);
		else if (smp_call_function_single_async(cpu, &ear->ask))
			atomic_dec(&detector->deaf);	/* it just went offline */
	}
	heard(detector);
}

/* Whether this node may be at fault: then the peer waits once more. */
static bool grace(struct hotid_peer *peer, const struct hotid_paths *seen, u64 now,
		  u64 allowed, bool many)
{
	u64 late = now - min(now, peer->due_ns), interval = allowed / peer->multiplier;

	/* A beat came since the last grace, so this is another silence. */
	if (seen->missed_ns != peer->graced_ns)
		peer->graces_in_row = 0;
	peer->graced_ns = seen->missed_ns;
	if (peer->graces_in_row >= MOST_GRACES)
		return false;
	if (late <= allowed / 4 && !(many && !peer->graces_in_row))
		return false;
	peer->graces++;
	peer->graces_in_row++;
	peer->grace_ns = now + clamp(late, interval, allowed);
	hrtimer_start(&peer->deadline, ns_to_ktime(peer->grace_ns), HRTIMER_MODE_ABS_HARD);
	return true;
}

static void judge_peer(struct hotid_peer *peer, u64 now, bool many)
{
	const struct hotid_slot *slot = rcu_dereference(peer->slot);
	struct hotid_paths seen;
	u64 allowed;

	lockdep_assert_held(&peer->node->lock);
	if (!slot || !hotid_peer_expected(peer))
		return;
	allowed = hotid_path_allowance(peer, slot);
	seen = hotid_paths_look(peer, slot, now);
	if ((seen.up & ~seen.fresh) && grace(peer, &seen, now, allowed, many))
		return;
	peer->graces_in_row = 0;
	if (seen.fresh) {
		hotid_paths_believe(peer, &seen);
		set_deadline(peer, seen.next_ns, allowed);
	} else {
		hotid_peer_change(peer, HOTID_PEER_STATE_DOWN, HOTID_REASON_PEER_SILENT,
				  seen.last_ns);
	}
}

/* Rule 3: how many of the round are silent, against all that are watched. */
static bool many_silent(struct hotid_node *node, struct llist_node *round, u64 now)
{
	const struct hotid_slot *slot;
	struct hotid_peer *peer;
	u32 silent = 0;

	llist_for_each_entry(peer, round, suspect) {
		slot = rcu_dereference(peer->slot);
		if (slot && hotid_peer_expected(peer) && !hotid_paths_look(peer, slot, now).fresh)
			silent++;
	}
	return silent >= MANY && silent > node->expected / 2;
}

static void judge(struct tasklet_struct *tasklet)
{
	struct hotid_detector *detector = from_tasklet(detector, tasklet, judge);
	struct hotid_node *node = container_of(detector, struct hotid_node, detector);
	struct hotid_peer *peer, *next;
	u64 now = ktime_get_ns();
	bool many;

	rcu_read_lock();
	spin_lock(&node->lock);
	many = many_silent(node, detector->round, now);
	llist_for_each_entry_safe(peer, next, detector->round, suspect) {
		/* From here on it may be suspected again. */
		clear_bit_unlock(0, &peer->suspected);
		judge_peer(peer, now, many);
		/*
		 * Pairs with the barrier of prepare_to_wait_event(): either
		 * hotid_detector_stop() sees the bit clear, or we see it wait.
		 */
		smp_mb();
		wake_up_var(&peer->suspected);
	}
	WRITE_ONCE(detector->round, NULL);
	spin_unlock(&node->lock);
	rcu_read_unlock();
	hotid_tasklet_schedule(&detector->begin);
}

void hotid_detector_start(struct hotid_peer *peer)
{
	const struct hotid_slot *slot;
	struct hotid_paths seen;
	u64 now = ktime_get_ns();

	lockdep_assert_held(&peer->node->lock);
	if (!(peer->flags & HOTID_PEER_FLAGS_WATCH))
		return;
	rcu_read_lock();
	slot = rcu_dereference(peer->slot);
	if (slot) {
		seen = hotid_paths_look(peer, slot, now);
		set_deadline(peer, seen.next_ns ?: now, hotid_path_allowance(peer, slot));
	}
	rcu_read_unlock();
}

/*
 * The peer does not live, so no judgement starts its timer any more. When the
 * timer is over nothing adds it to the suspects; when it is none, no round
 * knows it.
 */
void hotid_detector_stop(struct hotid_peer *peer)
{
	hrtimer_cancel(&peer->deadline);
	wait_var_event(&peer->suspected, !test_bit(0, &peer->suspected));
}

void hotid_detector_peer_init(struct hotid_peer *peer)
{
	hrtimer_setup(&peer->deadline, look, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_HARD);
}

int hotid_detector_init(struct hotid_node *node)
{
	struct hotid_detector *detector = &node->detector;
	int cpu;

	detector->ears = alloc_percpu(struct hotid_ear);
	if (!detector->ears)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct hotid_ear *ear = per_cpu_ptr(detector->ears, cpu);

		ear->detector = detector;
		INIT_CSD(&ear->ask, asked, ear);
		tasklet_setup(&ear->answer, answer);
	}
	init_llist_head(&detector->suspects);
	tasklet_setup(&detector->begin, begin);
	tasklet_setup(&detector->judge, judge);
	return 0;
}

/* No peer is left, so no round begins; the last one may still be ending. */
void hotid_detector_exit(struct hotid_node *node)
{
	struct hotid_detector *detector = &node->detector;
	int cpu;

	tasklet_kill(&detector->begin);
	for_each_possible_cpu(cpu)
		tasklet_kill(&per_cpu_ptr(detector->ears, cpu)->answer);
	tasklet_kill(&detector->judge);
	tasklet_kill(&detector->begin);
	free_percpu(detector->ears);
}

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
 * after this node has shown that it received what had come:
 *
 *   1. Every CPU shows that it receives: what waited on it has been received,
 *      and its stamps count (see rx_barrier.c). A CPU that does not answer
 *      (interrupts off, virtual CPU not run) may hold beats. The round waits
 *      for it with patience: the longest time allowed of the suspects, but no
 *      less than PATIENCE_MIN and no more than PATIENCE_MAX.
 *   2. A judgement that comes late by more than a quarter of the time
 *      allowed, because the timer or the round did, proves a stall here, in
 *      which beats may have been lost and not only delayed. The peer gets
 *      the lateness as grace, but no less than an interval and no more than
 *      the time allowed.
 *   3. When most of the watched peers fall silent in one round, and they
 *      are MANY or more, that is a fault of this node until proven
 *      otherwise: each gets an interval of grace.
 *   4. When patience ended the round, the pending CPUs are named in an event and
 *      in the node's status, and each silent peer gets grace as by rule 2.
 *
 * After MOST_GRACES without a beat between them a peer is judged all the
 * same: a node that is always late, or has a CPU that hangs, must not be blind
 * for ever. With a pending CPU that is four patient rounds, four seconds or more,
 * in which no beat came to any other CPU.
 *
 * A CPU that hangs may also keep what the detector set up there: a peer's timer,
 * that of the round's patience, a tasklet. So two CPUs have a sentry, a timer
 * that fires every SENTRY_PERIOD while a peer is watched. It takes over the
 * timers of peers that are overdue by as much, and does itself what a tasklet
 * was to do. Where one CPU only is online there is none. All hrtimers are pinned:
 * the kernel moves others to a CPU that is busy, as one that hangs seems to be.
 */
#include "detector.h"

#include <linux/rculist.h>
#include <linux/smp.h>
#include <linux/wait_bit.h>

#include "compat.h"
#include "dispatch.h"
#include "netlink_event.h"
#include "node.h"
#include "peer.h"
#include "softirq.h"

#define LOOKS_SHARE	32
#define MOST_GRACES	3
#define MANY		3
#define PATIENCE_MIN	NSEC_PER_SEC
#define PATIENCE_MAX	(5 * NSEC_PER_SEC)
#define SENTRY_PERIOD	HZ

static void set_deadline(struct hotid_peer *peer, u64 ns, u64 allowed)
{
	hrtimer_start_range_ns(&peer->deadline, ns_to_ktime(ns), allowed / LOOKS_SHARE,
			       HRTIMER_MODE_ABS_PINNED_HARD);
}

static enum hrtimer_restart detector_look(struct hrtimer *timer)
{
	struct hotid_peer *peer = container_of(timer, struct hotid_peer, deadline);
	struct hotid_detector *detector = &peer->node->detector;
	u64 now = ktime_get_ns(), allowed;
	const struct hotid_slot *slot;
	struct hotid_paths seen;

	rcu_read_lock();
	slot = rcu_dereference(peer->slot);
	allowed = hotid_path_allowance(peer, slot);
	seen = hotid_paths_look(peer, slot, now);
	rcu_read_unlock();
	if (seen.fresh && seen.fresh == seen.up) {
		/* Not by HRTIMER_RESTART: softirq may start the timer meanwhile. */
		set_deadline(peer, seen.next_ns, allowed);
	} else if (!test_and_set_bit(0, &peer->suspected)) {
		peer->due_ns = max3(seen.fresh ? now : seen.last_ns + allowed, peer->grace_ns,
				    peer->promised_ns);
		llist_add(&peer->suspect, &detector->suspects);
		hotid_tasklet_schedule(&detector->begin);
	}
	return HRTIMER_NORESTART;
}

/* How long the CPUs have to answer: as long as any of the suspects was waited for. */
static u64 detector_patience(struct llist_node *suspects)
{
	struct hotid_peer *peer;
	u64 longest = 0;

	llist_for_each_entry(peer, suspects, suspect)
		longest = max(longest, hotid_path_allowance(peer, hotid_peer_slot(peer)));
	return clamp(longest, PATIENCE_MIN, PATIENCE_MAX);
}

static void detector_begin(struct tasklet_struct *tasklet)
{
	struct hotid_detector *detector = from_tasklet(detector, tasklet, begin);
	struct hotid_node *node = container_of(detector, struct hotid_node, detector);

	spin_lock(&node->lock);
	/* The judge of the round that is on schedules us again. */
	if (!detector->suspected && !llist_empty(&detector->suspects)) {
		detector->suspected = llist_reverse_order(llist_del_all(&detector->suspects));
		hotid_rx_barrier_begin(&detector->barrier, ktime_get_ns(),
				       detector_patience(detector->suspected));
	}
	spin_unlock(&node->lock);
}

/*
 * Whether this node may be at fault, as a pending CPU says, or that @many of its peers
 * are silent: then the peer waits once more.
 */
static bool detector_grace(struct hotid_peer *peer, const struct hotid_paths *seen, u64 now,
			   u64 allowed, bool many)
{
	u64 late = now - min(now, peer->due_ns), interval = allowed / peer->multiplier;

	/* A beat came since the last grace, so this is another silence. */
	if (seen->missed_ns != peer->graced_ns)
		peer->graces_in_row = 0;
	peer->graced_ns = seen->missed_ns;
	if (peer->graces_in_row >= MOST_GRACES)
		return false;
	if (late <= allowed / 4 && cpumask_empty(peer->node->detector.pending_cpus) &&
	    !(many && !peer->graces_in_row))
		return false;
	peer->graces++;
	peer->graces_in_row++;
	peer->grace_ns = now + clamp(late, interval, allowed);
	hrtimer_start(&peer->deadline, ns_to_ktime(peer->grace_ns), HRTIMER_MODE_ABS_PINNED_HARD);
	return true;
}

/* Take over what was seen, and report each path that died or came back. */
static void paths_update(struct hotid_peer *peer, const struct hotid_paths *seen)
{
	u32 died = peer->paths_up & ~seen->fresh, came = seen->fresh & ~peer->paths_up;
	int index;

	lockdep_assert_held(&peer->node->lock);
	WRITE_ONCE(peer->paths_up, seen->fresh);
	if (!died && !came)
		return;
	for (index = 0; index < HOTID_MAX_PATHS; index++)
		if (died & BIT(index))
			peer->path_downs[index]++;
	/* The first path of a peer that comes up is an event of the peer, sent there. */
	if (!died && !(seen->up | died))
		return;
	hotid_netlink_peer_event(peer, HOTID_CMD_PEER_NTF, died ?
				 HOTID_REASON_PATH_SILENT : HOTID_REASON_PATH_BEAT);
}

static void detector_judge_peer(struct hotid_peer *peer, u64 now, bool many)
{
	const struct hotid_slot *slot;
	struct hotid_paths seen;
	u64 allowed;

	lockdep_assert_held(&peer->node->lock);
	/* One that was removed meanwhile may have no slot any more. */
	if (!hotid_peer_expected(peer))
		return;
	slot = hotid_peer_slot(peer);
	allowed = hotid_path_allowance(peer, slot);
	seen = hotid_paths_look(peer, slot, now);
	if (!seen.fresh && now < peer->promised_ns) {
		set_deadline(peer, peer->promised_ns, 0);
		return;
	}
	if ((seen.up & ~seen.fresh) && detector_grace(peer, &seen, now, allowed, many))
		return;
	peer->graces_in_row = 0;
	if (seen.fresh) {
		paths_update(peer, &seen);
		set_deadline(peer, seen.next_ns, allowed);
	} else {
		hotid_dispatch_peer(peer, HOTID_PEER_STATE_DOWN, HOTID_REASON_PEER_SILENT,
				    seen.last_ns);
	}
}

/* Rule 3: how many of the round are silent, against all that are watched. */
static bool many_silent(struct hotid_node *node, struct llist_node *round, u64 now)
{
	struct hotid_peer *peer;
	u32 silent = 0;

	llist_for_each_entry(peer, round, suspect)
		silent += hotid_peer_expected(peer) &&
			  !hotid_paths_look(peer, hotid_peer_slot(peer), now).fresh;
	return silent >= MANY && silent > node->expected / 2;
}

/* Report which CPUs are pending, if these are others than before. Returns whether any is. */
static bool report_pending(struct hotid_node *node)
{
	struct hotid_detector *detector = &node->detector;

	lockdep_assert_held(&node->lock);
	if (hotid_rx_barrier_pending(&detector->barrier, detector->pending_cpus))
		hotid_netlink_node_event(node);
	return !cpumask_empty(detector->pending_cpus);
}

static void detector_judge_all(struct hotid_node *node, u64 now)
{
	struct hotid_detector *detector = &node->detector;
	struct hotid_peer *peer, *next;
	bool many = many_silent(node, detector->suspected, now);

	detector->pending_rounds += report_pending(node);
	llist_for_each_entry_safe(peer, next, detector->suspected, suspect) {
		/* From here on it may be suspected again. */
		clear_bit_unlock(0, &peer->suspected);
		detector_judge_peer(peer, now, many);
		/*
		 * Pairs with the barrier of prepare_to_wait_event(): either
		 * hotid_detector_stop() sees the bit clear, or we see it wait.
		 */
		smp_mb();
		wake_up_var(&peer->suspected);
	}
	detector->suspected = NULL;
}

static void detector_judge(struct tasklet_struct *tasklet)
{
	struct hotid_detector *detector = from_tasklet(detector, tasklet, judge);
	struct hotid_node *node = container_of(detector, struct hotid_node, detector);
	u64 now;

	/* A peer that is removed after its judgement is freed after a grace period. */
	rcu_read_lock();
	spin_lock(&node->lock);
	now = ktime_get_ns();
	if (detector->suspected && hotid_rx_barrier_over(&detector->barrier, now))
		detector_judge_all(node, now);
	else if (!detector->suspected && !cpumask_empty(detector->pending_cpus))
		report_pending(node);	/* the last one answered, too late */
	spin_unlock(&node->lock);
	rcu_read_unlock();
	if (!llist_empty(&detector->suspects))
		hotid_tasklet_schedule(&detector->begin);
}

/* Its timer should have fired a period ago: the CPU that has it does not run it. */
static bool overdue(struct hotid_peer *peer, u64 now)
{
	u64 due = ktime_to_ns(hrtimer_get_expires(&peer->deadline));

	return hrtimer_is_queued(&peer->deadline) && due + jiffies_to_nsecs(SENTRY_PERIOD) < now;
}

/* Here it fires at once. Graces are given under the lock, so none is cut short. */
static void take_over_timers(struct hotid_node *node, u64 now)
{
	struct hotid_peer *peer;
	int bucket;

	rcu_read_lock();
	hash_for_each_rcu(node->peers, bucket, peer, hash) {
		if (!overdue(peer, now))
			continue;
		spin_lock(&node->lock);
		if (hotid_peer_expected(peer) && overdue(peer, now))
			set_deadline(peer, now, 0);
		spin_unlock(&node->lock);
	}
	rcu_read_unlock();
}

/* On the first and on the last CPU that is online, if these are two. */
static void sentries_post(struct hotid_node *node)
{
	int cpus[HOTID_SENTRIES] = { cpumask_first(cpu_online_mask),
				     cpumask_last(cpu_online_mask) }, i;

	lockdep_assert_held(&node->lock);
	for (i = 0; cpus[0] != cpus[1] && i < HOTID_SENTRIES; i++) {
		struct timer_list *timer = &node->detector.sentries[i].timer;

		if (timer_pending(timer))
			continue;
		timer->expires = jiffies + SENTRY_PERIOD;
		add_timer_on(timer, cpus[i]);
	}
}

static void sentry_due(struct timer_list *timer)
{
	struct hotid_sentry *sentry = container_of(timer, struct hotid_sentry, timer);
	struct hotid_detector *detector = sentry->detector;
	struct hotid_node *node = container_of(detector, struct hotid_node, detector);

	take_over_timers(node, ktime_get_ns());
	detector_judge(&detector->judge);
	detector_begin(&detector->begin);
	spin_lock(&node->lock);
	if (node->expected)
		sentries_post(node);
	spin_unlock(&node->lock);
}

void hotid_detector_start(struct hotid_peer *peer)
{
	const struct hotid_slot *slot = hotid_peer_slot(peer);
	u64 now = ktime_get_ns();

	lockdep_assert_held(&peer->node->lock);
	if (!(peer->flags & HOTID_PEER_FLAGS_WATCH))
		return;
	set_deadline(peer, hotid_paths_look(peer, slot, now).next_ns ?: now,
		     hotid_path_allowance(peer, slot));
	sentries_post(peer->node);
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
	hrtimer_setup(&peer->deadline, detector_look, CLOCK_MONOTONIC,
		      HRTIMER_MODE_ABS_PINNED_HARD);
}

int hotid_detector_init(struct hotid_node *node)
{
	struct hotid_detector *detector = &node->detector;
	int error, i;

	if (!zalloc_cpumask_var(&detector->pending_cpus, GFP_KERNEL))
		return -ENOMEM;
	error = hotid_rx_barrier_init(&detector->barrier, &detector->judge);
	if (error) {
		free_cpumask_var(detector->pending_cpus);
		return error;
	}
	init_llist_head(&detector->suspects);
	tasklet_setup(&detector->begin, detector_begin);
	tasklet_setup(&detector->judge, detector_judge);
	for (i = 0; i < HOTID_SENTRIES; i++) {
		detector->sentries[i].detector = detector;
		timer_setup(&detector->sentries[i].timer, sentry_due, TIMER_PINNED);
	}
	return 0;
}

/*
 * No peer is left, so no round begins; the last one may still be ending. Its
 * answers schedule the judge, and the judge the beginning.
 */
void hotid_detector_exit(struct hotid_node *node)
{
	struct hotid_detector *detector = &node->detector;
	int i;

	for (i = 0; i < HOTID_SENTRIES; i++)
		timer_shutdown_sync(&detector->sentries[i].timer);
	tasklet_kill(&detector->begin);
	hotid_rx_barrier_exit(&detector->barrier);
	tasklet_kill(&detector->judge);
	tasklet_kill(&detector->begin);
	free_cpumask_var(detector->pending_cpus);
}

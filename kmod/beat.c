// SPDX-License-Identifier: GPL-2.0
/*
 * The beats of this node.
 *
 * Timers: one hrtimer per node, in hard irq, fires every interval_us while
 * there is a target, and asks a tasklet to send. It is a high-priority
 * tasklet because that softirq runs at the end of the interrupt even when
 * ksoftirqd is waiting for a CPU, which until 6.4 held all other softirqs
 * back; so a starved user space, real-time hogs included, does not delay a
 * beat. A second hrtimer per node, of the same kind, fires when its daemon has
 * sent no keepalive for user_limit_ms: the beat that reports the daemon as silent goes out
 * at once and not with the next beat. Both are pinned to the CPU that set them,
 * as the detector's are. On a real-time kernel see softirq.h.
 *
 * A longer interval. An observer waits for as long as the last beat it got says,
 * so one that does not get the beat that announces a longer interval would find
 * this node dead by the old one. So beats go on at the old pace, and say the new
 * interval, until ANNOUNCEMENTS of them were sent and as many old intervals have
 * passed. A peer that got one of them waits long enough. One that got none has heard nothing
 * for longer than the highest multiplier allows, and had to find this node silent
 * in any case. So no observer has to agree, as the other end of a BFD session has
 * to (RFC 5880, 6.8.3), and none can hold the change up by its own death.
 *
 * A shorter interval is kept at once: no observer waits for less than was announced.
 */
#include "beat.h"

#include <linux/rculist.h>

#include "compat.h"
#include "dispatch.h"
#include "identity.h"
#include "lease.h"
#include "node.h"
#include "packet.h"
#include "softirq.h"
#include "target.h"

#define ANNOUNCEMENTS	(HOTID_MULTIPLIER_MAX + 1)

/* A beat goes out that announces the interval. */
static void beat_announced(struct hotid_node *node)
{
	u64 enough = (u64)node->pace_us * NSEC_PER_USEC * ANNOUNCEMENTS;

	lockdep_assert_held(&node->lock);
	if (node->pace_us < node->interval_us && ++node->announced > ANNOUNCEMENTS &&
	    ktime_get_ns() - node->announced_ns > enough)
		WRITE_ONCE(node->pace_us, node->interval_us);
}

static void beat_send(struct tasklet_struct *tasklet)
{
	struct hotid_node *node = from_tasklet(node, tasklet, beat_tasklet);
	struct hotid_packet_template template;
	struct hotid_target *target;
	u64 seq;

	spin_lock(&node->lock);
	if (!hotid_packet_begin(node, &template)) {
		spin_unlock(&node->lock);
		return;
	}
	beat_announced(node);
	/* Under the lock, so that no beat is newer than a gasp. */
	seq = hotid_lease_sequence(node);
	if (hotid_identity_look_at_guards(node))
		hotid_dispatch_identities(node);
	spin_unlock(&node->lock);

	rcu_read_lock();
	list_for_each_entry_rcu(target, &node->targets, entry) {
		struct hotid_echo echo = hotid_lease_grant(target->peer);
		struct hotid_wire_beat beat;

		hotid_packet_beat(&template, seq, target->path, &echo, &beat);
		hotid_target_send(node, target, &beat, sizeof(beat));
	}
	rcu_read_unlock();
}

static enum hrtimer_restart beat_due(struct hrtimer *timer)
{
	struct hotid_node *node = container_of(timer, struct hotid_node, beat_timer);

	hotid_tasklet_hi_schedule(&node->beat_tasklet);
	hrtimer_forward_now(timer, ns_to_ktime((u64)READ_ONCE(node->pace_us) * NSEC_PER_USEC));
	return HRTIMER_RESTART;
}

static enum hrtimer_restart beat_user_silent(struct hrtimer *timer)
{
	struct hotid_node *node = container_of(timer, struct hotid_node, user_timer);

	hotid_tasklet_hi_schedule(&node->beat_tasklet);
	return HRTIMER_NORESTART;
}

void hotid_beat_keepalive(struct hotid_node *node)
{
	u64 limit = (u64)node->user_limit_ms * NSEC_PER_MSEC;

	lockdep_assert_held(&node->lock);
	/* At the limit itself the daemon is still in time. */
	hrtimer_start(&node->user_timer, ns_to_ktime(node->keepalive_ns + limit + 1),
		      HRTIMER_MODE_ABS_PINNED_HARD);
}

void hotid_beat_interval(struct hotid_node *node, u32 interval_us)
{
	lockdep_assert_held(&node->lock);
	node->interval_us = interval_us;
	node->announced = 0;
	node->announced_ns = ktime_get_ns();
	/* Without an observer there is nothing to announce. */
	if (interval_us < node->pace_us || list_empty(&node->targets))
		WRITE_ONCE(node->pace_us, interval_us);
}

void hotid_beat_update(struct hotid_node *node)
{
	/* Not while it runs: it moves its own expiry, which must not be queued then. */
	hrtimer_cancel(&node->beat_timer);
	if (!list_empty(&node->targets))
		hrtimer_start(&node->beat_timer, 0, HRTIMER_MODE_REL_PINNED_HARD);
}

void hotid_beat_init(struct hotid_node *node)
{
	hrtimer_setup(&node->beat_timer, beat_due, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	hrtimer_setup(&node->user_timer, beat_user_silent, CLOCK_MONOTONIC,
		      HRTIMER_MODE_ABS_PINNED_HARD);
	tasklet_setup(&node->beat_tasklet, beat_send);
}

void hotid_beat_exit(struct hotid_node *node)
{
	hrtimer_cancel(&node->beat_timer);
	hrtimer_cancel(&node->user_timer);
	tasklet_kill(&node->beat_tasklet);
}

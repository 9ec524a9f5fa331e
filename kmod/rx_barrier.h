/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A receive barrier: every CPU shows that it has received what had come to it.
 *
 * A round of it ends when all CPUs have answered, or when its patience is over;
 * the CPUs that owe an answer then are pending.
 */
#ifndef HOTID_RX_BARRIER_H
#define HOTID_RX_BARRIER_H

#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>

struct hotid_rx_barrier_cpu;

/**
 * struct hotid_rx_barrier - a receive barrier of all CPUs
 * @cpus: one per CPU
 * @owed: answers that are owed
 * @number: of the last round; never 0 once there was one
 * @end_ns: when its patience is over
 * @patience: fires then
 * @ended: scheduled when a round may be over
 */
struct hotid_rx_barrier {
	struct hotid_rx_barrier_cpu __percpu *cpus;
	atomic_t owed;
	int number;
	u64 end_ns;
	struct hrtimer patience;
	struct tasklet_struct *ended;
};

int hotid_rx_barrier_init(struct hotid_rx_barrier *barrier, struct tasklet_struct *ended);

/* No round begins any more. What is under way ends before this returns. */
void hotid_rx_barrier_exit(struct hotid_rx_barrier *barrier);

/* Each of these is called in softirq, one at a time. */

/**
 * hotid_rx_barrier_begin() - ask every CPU that is online
 * @barrier: its last round is over
 * @now: CLOCK_MONOTONIC
 * @patience: for how long answers are waited for
 */
void hotid_rx_barrier_begin(struct hotid_rx_barrier *barrier, u64 now, u64 patience);

/* Whether all have answered, or patience is over. */
bool hotid_rx_barrier_over(const struct hotid_rx_barrier *barrier, u64 now);

/* Make @pending the CPUs that owe an answer; returns whether they were others before. */
bool hotid_rx_barrier_pending(const struct hotid_rx_barrier *barrier, struct cpumask *pending);

#endif /* HOTID_RX_BARRIER_H */

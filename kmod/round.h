/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A round: every CPU is asked whether it receives.
 *
 * A CPU answers when what had come to it has been received. A round ends when
 * all have answered, or when its patience is over; then who owes an answer is
 * deaf.
 */
#ifndef HOTID_ROUND_H
#define HOTID_ROUND_H

#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>

struct hotid_ear;

/**
 * struct hotid_round - what is asked of the CPUs
 * @ears: one per CPU
 * @owed: answers that are owed
 * @number: of the last round; never 0 once there was one
 * @end_ns: when its patience is over
 * @patience: fires then
 * @ended: scheduled when a round may be over
 */
struct hotid_round {
	struct hotid_ear __percpu *ears;
	atomic_t owed;
	int number;
	u64 end_ns;
	struct hrtimer patience;
	struct tasklet_struct *ended;
};

int hotid_round_init(struct hotid_round *round, struct tasklet_struct *ended);

/* No round begins any more. What is under way ends before this returns. */
void hotid_round_exit(struct hotid_round *round);

/* Each of these is called in softirq, one at a time. */

/**
 * hotid_round_begin() - ask every CPU that is online
 * @round: the last one is over
 * @now: CLOCK_MONOTONIC
 * @patience: for how long answers are waited for
 */
void hotid_round_begin(struct hotid_round *round, u64 now, u64 patience);

/* Whether all have answered, or patience is over. */
bool hotid_round_over(const struct hotid_round *round, u64 now);

/* The CPUs that owe an answer; returns whether there are any. */
bool hotid_round_deaf(const struct hotid_round *round, struct cpumask *deaf);

#endif /* HOTID_ROUND_H */

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTID_DETECTOR_H
#define HOTID_DETECTOR_H

#include <linux/cpumask.h>
#include <linux/interrupt.h>
#include <linux/llist.h>
#include <linux/timer.h>

#include "rx_barrier.h"

struct hotid_detector;
struct hotid_node;
struct hotid_peer;

#define HOTID_SENTRIES	2

/**
 * struct hotid_sentry - looks after what a CPU that hangs would keep
 * @timer: pinned to one CPU
 * @detector: that it serves
 */
struct hotid_sentry {
	struct timer_list timer;
	struct hotid_detector *detector;
};

/**
 * struct hotid_detector - the failure detector of a node
 * @suspects: peers with a path whose deadline passed, for the next round
 * @suspected: peers of the round that is on, NULL when none is (node->lock)
 * @barrier: shows that the CPUs receive
 * @pending_cpus: CPUs that did not answer, as reported last (node->lock)
 * @pending_rounds: rounds that patience ended (node->lock)
 * @begin: starts a round
 * @judge: ends it
 * @sentries: see detector.c
 */
struct hotid_detector {
	struct llist_head suspects;
	struct llist_node *suspected;
	struct hotid_rx_barrier barrier;
	cpumask_var_t pending_cpus;
	u64 pending_rounds;
	struct tasklet_struct begin;
	struct tasklet_struct judge;
	struct hotid_sentry sentries[HOTID_SENTRIES];
};

int hotid_detector_init(struct hotid_node *node);
void hotid_detector_exit(struct hotid_node *node);

void hotid_detector_peer_init(struct hotid_peer *peer);

/* Expect a living peer's beats from now on; its slot says how often. */
void hotid_detector_start(struct hotid_peer *peer);

/*
 * No longer. The peer does not live any more, and can be freed after a grace
 * period when this returns. Command context.
 */
void hotid_detector_stop(struct hotid_peer *peer);

#endif /* HOTID_DETECTOR_H */

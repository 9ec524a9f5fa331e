/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTID_DETECTOR_H
#define HOTID_DETECTOR_H

#include <linux/interrupt.h>
#include <linux/llist.h>

struct hotid_ear;
struct hotid_node;
struct hotid_peer;

/**
 * struct hotid_detector - the failure detector of a node
 * @suspects: peers with a path whose deadline passed, for the next round
 * @round: peers of the round that is on, NULL when none is
 * @deaf: CPUs that have not yet shown that they receive, in this round
 * @begin: starts a round
 * @judge: ends it
 * @ears: one per CPU
 */
struct hotid_detector {
	struct llist_head suspects;
	struct llist_node *round;
	atomic_t deaf;
	struct tasklet_struct begin;
	struct tasklet_struct judge;
	struct hotid_ear __percpu *ears;
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

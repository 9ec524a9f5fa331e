/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTID_INCARNATION_H
#define HOTID_INCARNATION_H

#include <linux/types.h>

struct hotid_node;
struct hotid_slot;
struct hotid_wire_head;

/**
 * hotid_incarnation_control() - an authentic packet that is more than a stamp
 * @node: that received it; in softirq, under RCU
 * @slot: of its sender
 * @head: the packet
 * @now: CLOCK_MONOTONIC
 */
void hotid_incarnation_control(struct hotid_node *node, struct hotid_slot *slot,
			       const struct hotid_wire_head *head, u64 now);

/* See which conflicts of ids are over. Needs node->lock. */
void hotid_incarnation_reconsider(struct hotid_node *node);

#endif /* HOTID_INCARNATION_H */

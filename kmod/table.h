/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The slot table of a node: its slots, in the module's own memory or in the
 * array map of an XDP probe, and the judging of packets against it.
 */
#ifndef HOTID_TABLE_H
#define HOTID_TABLE_H

#include <linux/rcupdate.h>

#include "counters.h"
#include "slot.h"

struct hotid_node;
struct hotid_peer;
struct hotid_slot_array;

/**
 * struct hotid_table - the slots of a node
 * @array: current one (RCU; changed by commands only), NULL before the
 *	first peer
 * @counters: packets judged
 */
struct hotid_table {
	struct hotid_slot_array __rcu *array;
	struct hotid_counter_set counters;
};

int hotid_table_init(struct hotid_table *table);
void hotid_table_exit(struct hotid_table *table);

/**
 * hotid_table_add() - give a peer a slot
 * @node: whose table; command context
 * @peer: gets peer->slot
 *
 * The table grows as needed while it is the module's own.
 *
 * Return: 0, -ENOMEM, or -ENOSPC when the probe's map has no place near.
 */
int hotid_table_add(struct hotid_node *node, struct hotid_peer *peer);

/* Take the slot away. Beats of the peer are unknown from now on. */
void hotid_table_remove(struct hotid_node *node, struct hotid_peer *peer);

/*
 * The keys of peers changed. No beat is lost by that: one that is signed by a
 * key that stays is accepted all the time. Command context; waits for readers.
 */
void hotid_table_rekey(struct hotid_node *node);

/*
 * A packet that was CONTROL is heard, and so is its sender: what a beat would
 * stamp is stamped. Needs node->lock.
 */
void hotid_slot_heard(struct hotid_slot *slot, const struct hotid_wire_head *head, u64 now);

/**
 * hotid_table_adopt() - move all slots into the maps of a probe
 * @node: whose table; command context
 * @slots_fd: array of struct hotid_slot, a power of two places
 * @counters_fd: array of struct hotid_counters
 * @why: set to the reason of a refusal
 *
 * Doing it again with the same maps changes nothing.
 *
 * Return: 0, or a negative errno; then nothing has changed.
 */
int hotid_table_adopt(struct hotid_node *node, u32 slots_fd, u32 counters_fd, const char **why);

/* Back to the module's own memory, and let go of the maps. */
int hotid_table_reclaim(struct hotid_node *node);

/**
 * hotid_table_judge() - what becomes of a packet
 * @table: of the node
 * @packet: the UDP payload, linear
 * @length: of it
 * @now: CLOCK_MONOTONIC
 * @slot: set to the sender's slot for HOTID_VERDICT_CONTROL; valid under RCU
 *
 * The same as the probe does, for packets that come up the stack. Counts
 * all verdicts. Needs rcu_read_lock().
 *
 * Return: the verdict.
 */
enum hotid_verdict hotid_table_judge(struct hotid_table *table, const void *packet, u32 length,
				     u64 now, struct hotid_slot **slot);

#endif /* HOTID_TABLE_H */

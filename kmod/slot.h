/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The slot table: one slot per peer, found by its node id, stamped by each
 * beat and read by the detector. It lies in the module's own memory or in the
 * array map of the XDP probe; the code that judges a packet is this file in
 * both cases, so both give the same results.
 *
 * The table is open-addressed by the low bits of the node id, which is
 * random; a peer lies within HOTID_SLOT_SPAN places of its home. Only the
 * module places and removes peers. A reader may run at any moment: a slot
 * whose live is 0 does not exist, and the module clears live before it
 * changes anything that the reader compares.
 */
#ifndef HOTID_SLOT_H
#define HOTID_SLOT_H

#include "siphash24.h"
#include "wire.h"

#define HOTID_SLOT_PATHS	4	/* as HOTID_MAX_PATHS of the interface */
#define HOTID_SLOT_KEYS		2
#define HOTID_SLOT_SPAN		8

#ifdef __KERNEL__
#include <asm/byteorder.h>
#define HOTID_NTOHS(x)	be16_to_cpu(x)
#define HOTID_NTOHL(x)	be32_to_cpu(x)
#define HOTID_NTOHLL(x)	be64_to_cpu(x)
#else
#define HOTID_NTOHS(x)	((__u16)__builtin_bswap16((__u16)(x)))
#define HOTID_NTOHL(x)	((__u32)__builtin_bswap32((__u32)(x)))
#define HOTID_NTOHLL(x)	((__u64)__builtin_bswap64((__u64)(x)))
#endif

/**
 * struct hotid_stamp - what is known of one path of a peer
 * @ns: CLOCK_MONOTONIC of the last accepted beat, 0 for none
 * @seq: its sequence
 */
struct hotid_stamp {
	__u64 ns;
	__u64 seq;
};

/**
 * struct hotid_slot - one watched peer
 * @node_id: its id, as the packet carries it
 * @key: SipHash keys of what it sends, of two generations
 * @generation: of each key, 0 for none
 * @boot_id: the incarnation that is believed; 0 while none is
 * @live: the slot is in use
 * @interval_us: as its last beat announced
 * @health: as its last beat announced
 * @primed: generation of the key that @primed_state stands for, 0 for none
 * @path: one stamp per path
 * @primed_head: first word of the beats that @primed_state stands for
 * @primed_state: SipHash after the words that beats of one incarnation have in
 *	common: @primed_head, @node_id and @boot_id. See hotid_slot_prime().
 * @adopted: in the first place of a table only: the module has all its peers in
 *	this table, so whom it does not list is unknown to the module, too
 */
struct hotid_slot {
	__u64 node_id[2];
	__u64 key[HOTID_SLOT_KEYS][2];
	__u32 generation[HOTID_SLOT_KEYS];
	__u64 boot_id;
	__u32 live;
	__u32 interval_us;
	__u32 health;
	__u32 primed;
	struct hotid_stamp path[HOTID_SLOT_PATHS];
	__u64 primed_head;
	struct siphash24 primed_state;
	__u64 adopted;
};

_Static_assert(sizeof(struct hotid_slot) == 192, "a slot is three cache lines");

/**
 * enum hotid_verdict - what becomes of a packet on the beat port
 * @HOTID_VERDICT_ACCEPTED: a beat; it stamped its slot
 * @HOTID_VERDICT_TRUNCATED: shorter or longer than its type; drop
 * @HOTID_VERDICT_VERSION: another protocol, version or type; drop
 * @HOTID_VERDICT_UNKNOWN: no slot for its sender; drop. A probe passes it on
 *	while its table is not adopted
 * @HOTID_VERDICT_BAD_MAC: drop
 * @HOTID_VERDICT_REPLAYED: its sequence is not newer on its path; drop
 * @HOTID_VERDICT_CONTROL: authentic, and more than a stamp: another type, a
 *	boot id that is not believed yet, or a changed interval or health.
 *	The module must see it.
 * @HOTID_VERDICT_UNBELIEVED: what the module says, on top of CONTROL, of a
 *	beat whose boot id has not answered a challenge
 * @HOTID_VERDICTS: how many there are
 */
enum hotid_verdict {
	HOTID_VERDICT_ACCEPTED,
	HOTID_VERDICT_TRUNCATED,
	HOTID_VERDICT_VERSION,
	HOTID_VERDICT_UNKNOWN,
	HOTID_VERDICT_BAD_MAC,
	HOTID_VERDICT_REPLAYED,
	HOTID_VERDICT_CONTROL,
	HOTID_VERDICT_UNBELIEVED,
	HOTID_VERDICTS
};

/**
 * struct hotid_counters - packets by verdict, one per CPU
 * @kind: indexed by enum hotid_verdict
 */
struct hotid_counters {
	__u64 kind[HOTID_VERDICTS];
};

_Static_assert(sizeof(struct hotid_counters) == 64, "counters fill a cache line");

/* The place of a node id in a table of a power of two, mask + 1, places. */
static inline __attribute__((always_inline)) __u32
hotid_slot_home(const __u64 *node_id, __u32 mask)
{
	return (__u32)node_id[1] & mask;
}

/* The key that a packet says it is signed with, or NULL. */
static inline __attribute__((always_inline)) const __u64 *
hotid_slot_key(const struct hotid_slot *slot, const struct hotid_wire_head *head)
{
	__u32 generation = HOTID_NTOHL(head->key_generation);

	if (!generation)
		return NULL;
	if (slot->generation[0] == generation)
		return slot->key[0];
	if (slot->generation[1] == generation)
		return slot->key[1];
	return NULL;
}

/*
 * Whether a packet begins with just the words that the primed state stands
 * for: all of them are compared. The sequence is the first word that is not.
 */
#define HOTID_PRIMED_WORDS	4

static inline __attribute__((always_inline)) int
hotid_slot_primed(const struct hotid_slot *slot, const struct hotid_wire_head *head)
{
	__u32 generation = HOTID_NTOHL(head->key_generation);
	const __u64 *words = (const __u64 *)head;

	return generation && generation == slot->primed && words[0] == slot->primed_head &&
	       words[1] == slot->node_id[0] && words[2] == slot->node_id[1] &&
	       head->boot_id && HOTID_NTOHLL(head->boot_id) == slot->boot_id;
}

/* The form of a packet of length bytes, before its sender is looked up. */
static inline __attribute__((always_inline)) enum hotid_verdict
hotid_wire_form(const struct hotid_wire_head *head, __u32 length)
{
	if (length < sizeof(struct hotid_wire_beat))
		return HOTID_VERDICT_TRUNCATED;
	if (HOTID_NTOHS(head->magic) != HOTID_WIRE_MAGIC ||
	    head->version != HOTID_WIRE_VERSION ||
	    head->type < HOTID_PACKET_BEAT || head->type > HOTID_PACKET_CLAIM)
		return HOTID_VERDICT_VERSION;
	if (length != (head->type == HOTID_PACKET_CLAIM ?
		       sizeof(struct hotid_wire_claim) : sizeof(struct hotid_wire_beat)))
		return HOTID_VERDICT_TRUNCATED;
	if (head->path >= HOTID_SLOT_PATHS)
		return HOTID_VERDICT_VERSION;
	return HOTID_VERDICT_ACCEPTED;
}

/*
 * An authentic packet against its sender's slot: stamp it, or say why not.
 * Two receive queues may race for one path; the loser's stamp is no older
 * than the beat it stands for, so the race costs nothing.
 */
static inline __attribute__((always_inline)) enum hotid_verdict
hotid_slot_stamp(struct hotid_slot *slot, const struct hotid_wire_head *head, __u64 now)
{
	struct hotid_stamp *stamp = &slot->path[head->path & (HOTID_SLOT_PATHS - 1)];
	__u64 seq = HOTID_NTOHLL(head->seq);

	/* A boot id of 0 is none, and so is never the one that is believed. */
	if (head->type != HOTID_PACKET_BEAT || !head->boot_id ||
	    HOTID_NTOHLL(head->boot_id) != slot->boot_id)
		return HOTID_VERDICT_CONTROL;
	if (seq <= *(volatile __u64 *)&stamp->seq)
		return HOTID_VERDICT_REPLAYED;
	if (HOTID_NTOHL(head->interval_us) != slot->interval_us ||
	    HOTID_NTOHS(head->health) != slot->health)
		return HOTID_VERDICT_CONTROL;
	*(volatile __u64 *)&stamp->seq = seq;
	*(volatile __u64 *)&stamp->ns = now;
	return HOTID_VERDICT_ACCEPTED;
}

#endif /* HOTID_SLOT_H */

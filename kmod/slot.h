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
 * gives a slot to another peer. Keys change while it is live; see
 * hotid_table_rekey().
 *
 * Replays. A packet that was recorded stays authentic, so what counts is its
 * sequence, of which an incarnation has one for all its paths. A slot keeps the
 * last one of each path, and the highest of them is the newest that was received.
 *
 *   - A beat that is newer than all proves that its sender lived a moment ago:
 *     its path is stamped with the time.
 *   - A beat that is newer on its own path alone (the copy of one that another
 *     path brought sooner) was sent no later than the newest. It proves that
 *     its path works, and of its sender's life nothing that was not known: its
 *     path is stamped with the time of the newest stamp, not with its own.
 *     So whoever records beats on a path that is cut can play them back as
 *     he likes, and the peer is down at the same moment as without them. Nor
 *     may a path lag by HOTID_SLOT_LAG packets or more: that is no path, or
 *     none that ever could speak for the others.
 *   - An answer to a challenge carries a sequence too, and all paths begin
 *     there: nothing sent before the answer, by this incarnation or another,
 *     counts after it.
 *
 * What this does not prevent: a beat that nobody got on any path is new whenever
 * it comes. Whoever can hold back all that a peer sends, on all its paths, and lets
 * out one beat in each deadline, has the rest in store when the peer dies, and
 * may let that out in the same way: no more than was sent, in its order, and only
 * while no deadline passes, because then the peer has to answer a nonce. Only a
 * round trip, as a lease makes one, can tell that from a slow network.
 *
 * From that also follows: paths whose delays differ by more than the deadline
 * cannot take over from each other. When the faster one goes, the slower one
 * brings for that long only what is older than what was known.
 */
#ifndef HOTID_SLOT_H
#define HOTID_SLOT_H

#include "gap.h"
#include "siphash24.h"
#include "wire.h"

#define HOTID_SLOT_PATHS	4	/* as HOTID_MAX_PATHS of the interface */
#define HOTID_SLOT_KEYS		2
#define HOTID_SLOT_SPAN		8
#define HOTID_SLOT_LAG		1024	/* packets by which a path may lag behind */
#define HOTID_SLOT_PASS_NS	1000000	/* between two packets that anyone can replay */
#define HOTID_GRANT_SHIFT	28	/* of the echo in a grant; below it is the promise */

#ifdef __KERNEL__
#include <linux/atomic.h>
#include <asm/byteorder.h>
#define HOTID_NTOHS(x)	be16_to_cpu(x)
#define HOTID_NTOHL(x)	be32_to_cpu(x)
#define HOTID_NTOHLL(x)	be64_to_cpu(x)
#define HOTID_CMPXCHG(p, old, new)	cmpxchg64(p, old, new)
#else
#define HOTID_NTOHS(x)	((__u16)__builtin_bswap16((__u16)(x)))
#define HOTID_NTOHL(x)	((__u32)__builtin_bswap32((__u32)(x)))
#define HOTID_NTOHLL(x)	((__u64)__builtin_bswap64((__u64)(x)))
#define HOTID_CMPXCHG(p, old, new)	__sync_val_compare_and_swap(p, old, new)
#endif

#define HOTID_READ(x)		(*(const volatile __typeof__(x) *)&(x))
#define HOTID_WRITE(x, value)	(*(volatile __typeof__(x) *)&(x) = (value))

/**
 * struct hotid_stamp - what is known of one path of a peer
 * @ns: CLOCK_MONOTONIC when the peer is known to have lived by the last beat
 *	of this path, 0 for none
 * @seq: the highest sequence that came on it
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
 * @boot_id: the incarnation that is accepted; 0 while none is
 * @live: the slot is in use
 * @interval_us: as its last beat announced
 * @health: as its last beat announced
 * @primings: odd while @primed_state is written, and another number after that
 * @primed: generation of the key that @primed_state stands for, 0 for none
 * @path: one stamp per path
 * @primed_head: first word of the beats that @primed_state stands for
 * @primed_state: SipHash after the words that beats of one incarnation have in
 *	common: @primed_head, @node_id and @boot_id. See hotid_slot_prime().
 * @gaps_from_ns: when @boot_id was accepted, or the gaps were reset; a gap that
 *	began before is not counted
 * @adopted: in the first place of a table only: the module has all its peers in
 *	this table, so whom it does not list is unknown to the module, too
 * @nonce: that the peer is challenged with, 0 for none
 * @asker_boot_id: the last incarnation of it that answered a challenge, so that
 *	its own challenges are answered; 0 for none
 * @asker_seq: of the last of them, or of that answer
 * @beat_seen_ns: when the module last saw a beat of an incarnation that is not
 *	accepted
 * @challenge_seen_ns: the same for challenges of others than @asker_boot_id
 * @grant: what its newest beat says of leases, see hotid_slot_grant(); 0 for nothing
 * @unused: fills a cache line
 * @gaps: between the beats of each path
 */
struct hotid_slot {
	__u64 node_id[2];
	__u64 key[HOTID_SLOT_KEYS][2];
	__u32 generation[HOTID_SLOT_KEYS];
	__u64 boot_id;
	__u32 live;
	__u32 interval_us;
	__u16 health;
	__u16 primings;
	__u32 primed;
	struct hotid_stamp path[HOTID_SLOT_PATHS];
	__u64 primed_head;
	struct siphash24 primed_state;
	__u64 gaps_from_ns;
	/* None of these is touched for a beat that is accepted. */
	__u64 adopted;
	__u64 nonce;
	__u64 asker_boot_id;
	__u64 asker_seq;
	__u64 beat_seen_ns;
	__u64 challenge_seen_ns;
	/* This one is, and one of the gaps. */
	__u64 grant;
	__u64 unused;
	struct hotid_gaps gaps[HOTID_SLOT_PATHS];
};

_Static_assert(sizeof(struct hotid_slot) == 512, "a slot is eight cache lines");

/**
 * enum hotid_verdict - what becomes of a packet on the beat port
 * @HOTID_VERDICT_ACCEPTED: a beat; it stamped its slot
 * @HOTID_VERDICT_TRUNCATED: shorter or longer than its type; drop
 * @HOTID_VERDICT_VERSION: another protocol, version or type; drop
 * @HOTID_VERDICT_UNKNOWN: no slot for its sender; drop. A probe passes it on
 *	while its table is not adopted
 * @HOTID_VERDICT_BAD_MAC: drop
 * @HOTID_VERDICT_REPLAYED: its sequence is not newer on its path, or too old
 *	beside the other paths, or it answers nothing that was asked; drop
 * @HOTID_VERDICT_CONTROL: authentic, and more than a stamp: another type, a
 *	boot id that is not accepted yet, or a changed interval or health.
 *	The module must see it.
 * @HOTID_VERDICT_UNVERIFIED: of a boot id that has not answered a challenge;
 *	drop. Of beats and challenges, which the module has to see, one in
 *	HOTID_SLOT_PASS_NS is CONTROL instead, and then the module says
 *	UNVERIFIED on top of it.
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
	HOTID_VERDICT_UNVERIFIED,
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

/* Bytes under the MAC of a packet, by its type. */
static inline __attribute__((always_inline)) __u32
hotid_wire_signed(__u8 type)
{
	if (type == HOTID_PACKET_BEAT || type == HOTID_PACKET_ADVERT)
		return HOTID_BEAT_SIGNED;
	return type == HOTID_PACKET_GASP ? HOTID_GASP_SIGNED : HOTID_PROOF_SIGNED;
}

/**
 * struct hotid_wire_tail - what a packet has between head and MAC
 * @nonce: of a challenge or an answer
 * @echo: of a beat
 * @promise_us: of a beat
 *
 * In host order, and 0 where a packet of its type has none.
 */
struct hotid_wire_tail {
	__u64 nonce;
	__u64 echo;
	__u32 promise_us;
};

/* Each of these needs a whole packet of the type. */
static inline __attribute__((always_inline)) struct hotid_wire_tail
hotid_wire_beat_tail(const struct hotid_wire_beat *beat)
{
	return (struct hotid_wire_tail){
		.echo = HOTID_NTOHLL(beat->echo),
		.promise_us = HOTID_NTOHL(beat->promise_us),
	};
}

static inline __attribute__((always_inline)) struct hotid_wire_tail
hotid_wire_proof_tail(const struct hotid_wire_proof *proof)
{
	return (struct hotid_wire_tail){ .nonce = HOTID_NTOHLL(proof->nonce) };
}

static inline struct hotid_wire_tail hotid_wire_tail(const struct hotid_wire_head *head)
{
	switch (head->type) {
	case HOTID_PACKET_BEAT:
		return hotid_wire_beat_tail((const struct hotid_wire_beat *)head);
	case HOTID_PACKET_CHALLENGE:
	case HOTID_PACKET_ANSWER:
		return hotid_wire_proof_tail((const struct hotid_wire_proof *)head);
	default:
		return (struct hotid_wire_tail){ 0 };
	}
}

/* The form of a packet of length bytes, before its sender is looked up. */
static inline __attribute__((always_inline)) enum hotid_verdict
hotid_wire_form(const struct hotid_wire_head *head, __u32 length)
{
	if (length < sizeof(struct hotid_wire_gasp))
		return HOTID_VERDICT_TRUNCATED;
	if (HOTID_NTOHS(head->magic) != HOTID_WIRE_MAGIC ||
	    head->version != HOTID_WIRE_VERSION ||
	    head->type < HOTID_PACKET_BEAT || head->type > HOTID_PACKET_ADVERT)
		return HOTID_VERDICT_VERSION;
	if (length != hotid_wire_signed(head->type) + 8)
		return HOTID_VERDICT_TRUNCATED;
	if (head->path >= HOTID_SLOT_PATHS)
		return HOTID_VERDICT_VERSION;
	return HOTID_VERDICT_ACCEPTED;
}

/* The highest sequence that came on any path. */
static inline __attribute__((always_inline)) __u64
hotid_slot_newest(const struct hotid_slot *slot)
{
	__u64 newest = 0;
	int path;

	for (path = 0; path < HOTID_SLOT_PATHS; path++) {
		__u64 seq = HOTID_READ(slot->path[path].seq);

		newest = seq > newest ? seq : newest;
	}
	return newest;
}

/* When the peer is known to have lived, by all its paths; 0 for never. */
static inline __attribute__((always_inline)) __u64
hotid_slot_last(const struct hotid_slot *slot)
{
	__u64 last = 0;
	int path;

	for (path = 0; path < HOTID_SLOT_PATHS; path++) {
		__u64 ns = HOTID_READ(slot->path[path].ns);

		last = ns > last ? ns : last;
	}
	return last;
}

/*
 * Write a stamp, and count the gap that it ends. Two CPUs may race for one
 * path: by two receive queues, or when somebody sends a beat again as it comes.
 * Whoever was held up meanwhile (its virtual CPU was taken away) must not put
 * an old time or sequence over a newer one, which would make a living peer look
 * silent, or what it sent since look new. So the time is exchanged only for the
 * one that was there before, and who finds another leaves it: that CPU's stamp
 * is as good as this one.
 */
static inline __attribute__((always_inline)) void
hotid_stamp_put(struct hotid_slot *slot, __u32 path, __u64 before, __u64 seq, __u64 ns)
{
	struct hotid_stamp *stamp = &slot->path[path];

	if (ns > before) {
		if (HOTID_CMPXCHG(&stamp->ns, before, ns) != before)
			return;
		if (before >= HOTID_READ(slot->gaps_from_ns))
			hotid_gap_note(&slot->gaps[path], ns - before);
	}
	if (seq > HOTID_READ(stamp->seq))
		HOTID_WRITE(stamp->seq, seq);
}

/* One of those that anyone can replay without end: the module sees it now and then. */
static inline __attribute__((always_inline)) enum hotid_verdict
hotid_slot_pass(__u64 seen_ns, __u64 now)
{
	return seen_ns && now - seen_ns < HOTID_SLOT_PASS_NS ? HOTID_VERDICT_UNVERIFIED :
							       HOTID_VERDICT_CONTROL;
}

/* A challenge of the peer, or its answer to ours. See challenge.c. */
static inline __attribute__((always_inline)) enum hotid_verdict
hotid_slot_proof(struct hotid_slot *slot, const struct hotid_wire_head *head, __u64 nonce,
		 __u64 now)
{
	if (head->type == HOTID_PACKET_ANSWER)
		return nonce && nonce == HOTID_READ(slot->nonce) ?
			HOTID_VERDICT_CONTROL : HOTID_VERDICT_REPLAYED;
	if (HOTID_NTOHLL(head->boot_id) != HOTID_READ(slot->asker_boot_id))
		return hotid_slot_pass(HOTID_READ(slot->challenge_seen_ns), now);
	return HOTID_NTOHLL(head->seq) > HOTID_READ(slot->asker_seq) ?
		HOTID_VERDICT_CONTROL : HOTID_VERDICT_REPLAYED;
}

/*
 * What a beat says of leases, in one word: nobody ever reads the echo of one beat with
 * the promise of another, whichever CPUs write and read. Of the echo that is its
 * lower 36 bits, of the promise 268 s at most; a lease may be shorter than the promise.
 */
static inline __attribute__((always_inline)) __u64
hotid_slot_grant(const struct hotid_wire_tail *tail)
{
	const __u32 most = (1U << HOTID_GRANT_SHIFT) - 1;
	__u32 promise_us = tail->promise_us < most ? tail->promise_us : most;

	return tail->echo && promise_us ? tail->echo << HOTID_GRANT_SHIFT | promise_us : 0;
}

/*
 * That of the newest beat counts, also when its echo is an older one. Two CPUs may
 * have one each at once: the older one may win, and then the lease is shorter until
 * the next beat.
 */
static inline __attribute__((always_inline)) void
hotid_slot_granted(struct hotid_slot *slot, const struct hotid_wire_tail *tail)
{
	HOTID_WRITE(slot->grant, hotid_slot_grant(tail));
}

/* An authentic packet against its sender's slot: stamp it, or say why not. */
static inline __attribute__((always_inline)) enum hotid_verdict
hotid_slot_stamp(struct hotid_slot *slot, const struct hotid_wire_head *head,
		 const struct hotid_wire_tail *tail, __u64 now)
{
	__u32 path = head->path & (HOTID_SLOT_PATHS - 1);
	struct hotid_stamp *stamp = &slot->path[path];
	__u64 seq = HOTID_NTOHLL(head->seq), before = HOTID_READ(stamp->ns), newest;

	/* A boot id of 0 is none. */
	if (!head->boot_id)
		return HOTID_VERDICT_UNVERIFIED;
	if (head->type == HOTID_PACKET_CHALLENGE || head->type == HOTID_PACKET_ANSWER)
		return hotid_slot_proof(slot, head, tail->nonce, now);
	if (HOTID_NTOHLL(head->boot_id) != slot->boot_id) {
		if (head->type != HOTID_PACKET_BEAT)
			return HOTID_VERDICT_UNVERIFIED;
		return hotid_slot_pass(HOTID_READ(slot->beat_seen_ns), now);
	}
	newest = hotid_slot_newest(slot);
	if (seq <= newest) {
		if (seq <= HOTID_READ(stamp->seq) || newest - seq >= HOTID_SLOT_LAG)
			return HOTID_VERDICT_REPLAYED;
		/* It is no news any more what it says of its sender. */
		if (head->type != HOTID_PACKET_BEAT)
			return HOTID_VERDICT_CONTROL;
		now = hotid_slot_last(slot);
	} else if (head->type != HOTID_PACKET_BEAT ||
		   HOTID_NTOHL(head->interval_us) != slot->interval_us ||
		   HOTID_NTOHS(head->health) != slot->health) {
		return HOTID_VERDICT_CONTROL;
	}
	if (seq > newest)
		hotid_slot_granted(slot, tail);
	hotid_stamp_put(slot, path, before, seq, now);
	return HOTID_VERDICT_ACCEPTED;
}

#endif /* HOTID_SLOT_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Gaps: the time between the moments at which two beats of a path showed that
 * the peer lived. A path that brings what another one brought sooner shows what
 * that one did. The longest gap, held against the deadline, says how near a
 * false alarm was.
 *
 * Module, XDP probe and host tests compile this very file. Counts are
 * statistics: two CPUs that count on one path at once may lose one of them.
 */
#ifndef HOTID_GAP_H
#define HOTID_GAP_H

#include <linux/types.h>

#define HOTID_GAP_COUNTS	15	/* as HOTID_GAP_BUCKETS of the interface */
#define HOTID_GAP_FIRST		16	/* as HOTID_GAP_SHIFT of the interface */
#define HOTID_GAP_UNIT		1024	/* ns; a shift, as a division takes the probe longer */

/**
 * struct hotid_gaps - gaps of one path since they were reset: a cache line
 * @longest: the longest of all, in HOTID_GAP_UNIT ns
 * @count: the first counts those below 2^(HOTID_GAP_FIRST + 1) ns, each
 *	further one those of twice the length, the last one all that are longer
 */
struct hotid_gaps {
	__u32 longest;
	__u32 count[HOTID_GAP_COUNTS];
};

_Static_assert(sizeof(struct hotid_gaps) == 64, "gaps of a path fill a cache line");

/* Which of the counts a gap belongs to. Without a loop, for the verifier. */
static inline __attribute__((always_inline)) __u32 hotid_gap_bucket(__u64 ns)
{
	__u64 units = ns >> HOTID_GAP_FIRST;
	__u32 bucket = 0;

	if (units > 0xffff)
		return HOTID_GAP_COUNTS - 1;
	if (units > 0xff) {
		bucket += 8;
		units >>= 8;
	}
	if (units > 0xf) {
		bucket += 4;
		units >>= 4;
	}
	if (units > 0x3) {
		bucket += 2;
		units >>= 2;
	}
	bucket += units > 1;
	return bucket < HOTID_GAP_COUNTS ? bucket : HOTID_GAP_COUNTS - 1;
}

static inline __attribute__((always_inline)) void
hotid_gap_note(struct hotid_gaps *gaps, __u64 ns)
{
	__u64 units = ns / HOTID_GAP_UNIT;

	if (units > gaps->longest)
		gaps->longest = units < ~0u ? units : ~0u;
	gaps->count[hotid_gap_bucket(ns)]++;
}

#endif /* HOTID_GAP_H */

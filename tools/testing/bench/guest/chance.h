/* SPDX-License-Identifier: GPL-2.0 */
/* Random numbers that a seed repeats: SplitMix64 (Steele, Lea and Flood, 2014). */
#ifndef BENCH_CHANCE_H
#define BENCH_CHANCE_H

#include <stdint.h>

static inline uint64_t chance(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* Evenly in [0, limit); limit is far below 2^64, so the bias is nothing. */
static inline uint64_t chance_below(uint64_t *state, uint64_t limit)
{
	return chance(state) % limit;
}

#endif /* BENCH_CHANCE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How much of the processor is left, measured by using it up: an idle-priority
 * loop counts its turns. In virtual time a turn takes the same each time, so
 * what turns are missing is exactly what something else took, interrupts and
 * all.
 */
#ifndef BENCH_SOAK_H
#define BENCH_SOAK_H

#include <stdint.h>

struct soak;

struct soak *soak_start(void);

/* Turns so far. */
uint64_t soak_turns(const struct soak *soak);

#endif /* BENCH_SOAK_H */

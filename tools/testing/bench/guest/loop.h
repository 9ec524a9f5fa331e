/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rival that one would write oneself: a detector in userspace, pinned,
 * SCHED_FIFO, all its memory locked.
 */
#ifndef BENCH_LOOP_H
#define BENCH_LOOP_H

#include <stdint.h>

#define LOOP_PORT		7800
#define LOOP_INTERVAL_NS	10000000ULL
#define LOOP_MULTIPLIER		3
#define LOOP_PRIORITY		90

/**
 * struct loop - sender and watcher, each a process
 * @alarms: how often the watcher thought that the sender is dead
 * @down_ns: when it last began to think so, CLOCK_MONOTONIC
 * @up: it thinks now that the sender lives
 */
struct loop {
	volatile uint64_t alarms, down_ns;
	volatile uint32_t up;
};

/* Send from one namespace to an IPv4 address of another, and watch there. */
struct loop *loop_start(int from_ns, int watch_ns, const char *address);

#endif /* BENCH_LOOP_H */

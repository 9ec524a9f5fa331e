/* SPDX-License-Identifier: GPL-2.0 */
/* One XDP probe on any number of devices of an observer. */
#ifndef BENCH_WATCH_H
#define BENCH_WATCH_H

#include <stdint.h>

struct node;

/**
 * struct watch - a loaded probe
 * @program, @slots, @counters: its descriptors
 */
struct watch {
	int program, slots, counters;
};

/* Load the probe with a number of slots, a power of two. */
struct watch watch_load(uint32_t slots);

/* Attach it to a device in native mode. It stays until the program ends. */
void watch_attach(const struct watch *watch, int ns, const char *device);

/*
 * All in one: attach a probe to the devices PREFIX0 .. PREFIX(count - 1) of a
 * node, and let the module read its maps.
 */
struct watch watch_natively(const struct node *node, const char *prefix, unsigned int count,
			    uint32_t slots);

#endif /* BENCH_WATCH_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* The XDP probe and its maps, in this process. */
#ifndef FUZZ_PROBE_H
#define FUZZ_PROBE_H

#include <stddef.h>
#include <stdint.h>

#define PROBE_PORT	7707
#define PROBE_SLOTS	64
#define PROBE_CPUS	2

/**
 * struct probe - the maps
 * @slots: PROBE_SLOTS of @slot_size bytes
 * @counters: PROBE_CPUS of @counters_size bytes
 */
struct probe {
	void *slots;
	void *counters;
	size_t slot_size;
	size_t counters_size;
};

extern const struct probe probe;

/* Empty both maps. */
void probe_reset(void);

/* Whether the probe drops a frame that comes in on a CPU; else it passes. */
int probe_drops(const void *frame, size_t length, unsigned int cpu, uint64_t now);

#endif /* FUZZ_PROBE_H */

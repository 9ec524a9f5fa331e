/* SPDX-License-Identifier: GPL-2.0 */
/* Cut what a device sends, at a moment known to the microsecond. */
#ifndef BENCH_CABLE_H
#define BENCH_CABLE_H

#include <stdbool.h>
#include <stdint.h>

struct bench_cut;

/**
 * struct cable - the sending side of a device
 * @program: of libbpf; @program->bss->cut is the switch
 */
struct cable {
	struct bench_cut *program;
};

/* Make the device of a namespace one that can be cut. */
void cable_init(struct cable *cable, int ns, const char *device);

/* Cut it; returns CLOCK_MONOTONIC just before. */
uint64_t cable_cut(struct cable *cable);
void cable_heal(struct cable *cable);

#endif /* BENCH_CABLE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* What a detector must not be fooled by. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stddef.h>
#include <stdint.h>

#define LOAD_FACT	128

/**
 * struct load_place - a device that detectors are reached through
 * @from: namespace of the watched side
 * @device: in it
 * @to: IPv4 address behind it
 * @mac: and MAC
 * @node: the node that is watched
 * @ports: UDP ports that other detectors listen on there; 0 ends
 *
 * Junk goes through the first place only, loss is everywhere.
 */
struct load_place {
	int from;
	const char *device;
	const char *to;
	uint8_t mac[6];
	const uint8_t *node;
	uint16_t ports[4];
};

/**
 * struct load - one kind
 * @name: of the row
 * @begin: bring it on; returns when it is there
 * @end: take it off, and say in @fact, of LOAD_FACT bytes, how much it was
 */
struct load {
	const char *name;
	void (*begin)(const struct load_place *places, size_t n_places);
	void (*end)(const struct load_place *places, size_t n_places, double seconds, char *fact);
};

/* NULL when there is none of that name. */
const struct load *load_find(const char *name);

#endif /* BENCH_LOAD_H */

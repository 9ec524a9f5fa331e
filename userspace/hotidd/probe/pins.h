/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What of the probe outlives the daemon, pinned below a directory per network
 * namespace:
 *   slots, counters   the maps, which the module reads
 *   link_IFINDEX      one BPF link per device
 */
#ifndef HOTIDD_PROBE_PINS_H
#define HOTIDD_PROBE_PINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A directory on a BPF file system, made and mounted where it is missing. 0 or a negative errno. */
int pins_prepare(const char *pins);

/* DIRECTORY/NAME, to be freed. */
char *pins_path(const char *pins, const char *name);

/* Slots of the pinned map, 0 where none is. */
uint32_t pins_slots(const char *pins);

/* Whether the device is still there, and has the XDP program of @link. */
bool pins_link_is_on(int link, unsigned int ifindex);

/* The pinned link of a device, which is still attached there; or -1. */
int pins_link(const char *pins, unsigned int ifindex);

/* A link that cannot be pinned is logged, and works as long as the daemon. */
void pins_keep_link(const char *pins, unsigned int ifindex, int link);

void pins_drop_link(const char *pins, unsigned int ifindex);
/* Of all devices but @n of them. */
void pins_drop_links(const char *pins, const unsigned int *but, size_t n);
void pins_drop_maps(const char *pins);
void pins_drop_all(const char *pins);

#endif /* HOTIDD_PROBE_PINS_H */

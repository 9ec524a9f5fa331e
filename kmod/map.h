/* SPDX-License-Identifier: GPL-2.0 */
/* BPF maps that a program made, and the module is to use. */
#ifndef HOTID_MAP_H
#define HOTID_MAP_H

#include <linux/types.h>

struct bpf_map;

#define HOTID_MAP_OTHER	"the map is of another build of the probe; load the probe that came with this module"

/**
 * hotid_map_get() - take a reference on an array map
 * @fd: of it, in the calling process
 * @value_size: that it has to have
 * @why: set to the reason of a refusal
 *
 * The module writes the values as plain memory, so there may be nothing in them
 * that the kernel keeps there itself; and whoever gives the map away must be
 * allowed to write it.
 *
 * Return: the map, for bpf_map_put(), or an ERR_PTR().
 */
struct bpf_map *hotid_map_get(u32 fd, u32 value_size, const char **why);

/* A value of it. Needs rcu_read_lock(). */
void *hotid_map_value(struct bpf_map *map, u32 index);

#endif /* HOTID_MAP_H */

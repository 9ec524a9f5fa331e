/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTIDD_HASH_H
#define HOTIDD_HASH_H

#include <stddef.h>
#include <stdint.h>

/* FNV-1a: spreads ids that people chose by hand as well as random ones. Kept on disks. */
static inline uint32_t hash_fnv1a(const void *data, size_t n)
{
	const uint8_t *bytes = data;
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ bytes[i]) * 16777619u;
	return hash;
}

#endif /* HOTIDD_HASH_H */

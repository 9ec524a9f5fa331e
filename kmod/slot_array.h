/* SPDX-License-Identifier: GPL-2.0 */
/* An array of slots, in the module's own memory or in the map of an XDP probe. */
#ifndef HOTID_SLOT_ARRAY_H
#define HOTID_SLOT_ARRAY_H

#include "slot.h"

struct bpf_map;

/**
 * struct hotid_slot_array - one array of slots
 * @slots: @mask + 1 of them, a power of two
 * @mask: see there
 * @map: the BPF map they lie in, or NULL when they are our own
 */
struct hotid_slot_array {
	struct hotid_slot *slots;
	u32 mask;
	struct bpf_map *map;
};

/* Of our own memory, or NULL. @count: a power of two. May sleep. */
struct hotid_slot_array *hotid_slot_array_alloc(u32 count);

/* Its keys are wiped; a map is cleared and let go of. */
void hotid_slot_array_free(struct hotid_slot_array *array);

/* The slot of @id; or, with @vacant, where it would go. NULL when its span is full. */
struct hotid_slot *hotid_slot_array_find(const struct hotid_slot_array *array, const u8 *id,
					 bool vacant);

/* No slot lives: a probe that is still attached passes on what it finds no live slot for. */
void hotid_slot_array_retire(struct hotid_slot_array *array);

/* No slot is left, and no key. */
void hotid_slot_array_clear(struct hotid_slot_array *array);

#endif /* HOTID_SLOT_ARRAY_H */

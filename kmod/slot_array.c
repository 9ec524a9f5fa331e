// SPDX-License-Identifier: GPL-2.0
/*
 * Arrays of slots: allocation, look-up by node id, and wiping. Look-ups run in
 * softirq under RCU; all else in commands.
 */
#include "slot_array.h"

#include <linux/bpf.h>
#include <linux/mm.h>
#include <linux/slab.h>

void hotid_slot_array_retire(struct hotid_slot_array *array)
{
	u32 i;

	WRITE_ONCE(array->slots[0].adopted, 0);
	for (i = 0; i <= array->mask; i++)
		WRITE_ONCE(array->slots[i].live, 0);
}

void hotid_slot_array_clear(struct hotid_slot_array *array)
{
	hotid_slot_array_retire(array);
	memset(array->slots, 0, (array->mask + 1) * sizeof(*array->slots));
}

void hotid_slot_array_free(struct hotid_slot_array *array)
{
	if (array->map) {
		hotid_slot_array_clear(array);
		bpf_map_put(array->map);
	} else {
		/* The keys of all peers. */
		kvfree_sensitive(array->slots, (array->mask + 1) * sizeof(*array->slots));
	}
	kfree(array);
}

struct hotid_slot *hotid_slot_array_find(const struct hotid_slot_array *array, const u8 *id,
					 bool vacant)
{
	struct hotid_slot *free = NULL;
	u64 words[2];
	u32 i;

	memcpy(words, id, sizeof(words));
	for (i = 0; i < HOTID_SLOT_SPAN; i++) {
		u32 place = (hotid_slot_home(words, array->mask) + i) & array->mask;
		struct hotid_slot *slot = &array->slots[place];

		if (slot->node_id[0] == words[0] && slot->node_id[1] == words[1])
			return slot;
		if (!free && !slot->node_id[0] && !slot->node_id[1])
			free = slot;
	}
	return vacant ? free : NULL;
}

struct hotid_slot_array *hotid_slot_array_alloc(u32 count)
{
	struct hotid_slot_array *array = kzalloc(sizeof(*array), GFP_KERNEL);

	if (!array)
		return NULL;
	array->slots = kvcalloc(count, sizeof(*array->slots), GFP_KERNEL);
	if (!array->slots) {
		kfree(array);
		return NULL;
	}
	array->mask = count - 1;
	return array;
}

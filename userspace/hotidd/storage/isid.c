// SPDX-License-Identifier: GPL-2.0
/* Chooses the slot of session numbers of each node. */
#include "storage/isid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

static unsigned int preferred(const uint8_t id[HOTID_ID_LEN], unsigned int slots)
{
	uint32_t hash = hash_fnv1a(id, HOTID_ID_LEN);

	return (hash ^ hash >> 16) % slots;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, HOTID_ID_LEN);
}

int isid_find_slot(uint8_t (*ids)[HOTID_ID_LEN], size_t n, size_t own, struct isid_slot *slot)
{
	bool taken[ISID_MAX_SLOTS] = { false };
	uint8_t id[HOTID_ID_LEN];
	size_t distinct = 0;

	memcpy(id, ids[own], sizeof(id));
	qsort(ids, n, HOTID_ID_LEN, compare);
	for (size_t i = 0; i < n; i++)
		if (!i || compare(ids[i], ids[i - 1]))
			memmove(ids[distinct++], ids[i], HOTID_ID_LEN);
	slot->slots = ISID_MIN_SLOTS;
	while (slot->slots < distinct)
		slot->slots *= 2;
	if (slot->slots > ISID_MAX_SLOTS)
		return -E2BIG;

	for (size_t i = 0; i < distinct; i++) {
		slot->number = preferred(ids[i], slot->slots);
		while (taken[slot->number])
			slot->number = (slot->number + 1) % slot->slots;
		if (!compare(ids[i], id))
			break;
		taken[slot->number] = true;
	}
	return 0;
}

bool isid_in_slot(unsigned int sid, const struct isid_slot *slot)
{
	return sid / ISID_RUN % slot->slots == slot->number;
}

unsigned int isid_left(unsigned int next, const struct isid_slot *slot)
{
	return isid_in_slot(next, slot) ? ISID_RUN - next % ISID_RUN : 0;
}

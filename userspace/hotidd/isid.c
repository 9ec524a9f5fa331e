// SPDX-License-Identifier: GPL-2.0
#include "isid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a: spreads ids that people chose by hand as well as random ones. */
static unsigned int preferred(const uint8_t id[HOTID_ID_LEN])
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < HOTID_ID_LEN; i++)
		hash = (hash ^ id[i]) * 16777619u;
	return (hash ^ hash >> 16) % ISID_SLOTS;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, HOTID_ID_LEN);
}

int isid_slot(uint8_t (*ids)[HOTID_ID_LEN], size_t n, size_t own)
{
	bool taken[ISID_SLOTS] = { false };
	uint8_t id[HOTID_ID_LEN];

	memcpy(id, ids[own], sizeof(id));
	qsort(ids, n, HOTID_ID_LEN, compare);
	for (size_t i = 0; i < n; i++) {
		unsigned int slot = preferred(ids[i]), tried;

		if (i && !compare(ids[i], ids[i - 1]))
			continue;
		for (tried = 0; taken[slot] && tried < ISID_SLOTS; tried++)
			slot = (slot + 1) % ISID_SLOTS;
		if (tried == ISID_SLOTS)
			return -E2BIG;
		if (!compare(ids[i], id))
			return (int)slot;
		taken[slot] = true;
	}
	return -E2BIG;
}

bool isid_in_slot(unsigned int sid, int slot)
{
	return sid % ISID_CYCLE / ISID_RUN == (unsigned int)slot;
}

unsigned int isid_left(unsigned int next, int slot)
{
	return isid_in_slot(next, slot) ? ISID_RUN - next % ISID_RUN : 0;
}

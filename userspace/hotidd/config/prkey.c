// SPDX-License-Identifier: GPL-2.0
/* Reservation keys from node and epoch. */
#include "config/prkey.h"

#include "base/hash.h"

#define MAGIC	0x4849ull		/* "HI" */

uint16_t prkey_node(const uint8_t id[HOTID_ID_LEN])
{
	uint32_t hash = hash_fnv1a(id, HOTID_ID_LEN);

	return (uint16_t)(hash ^ hash >> 16);
}

bool prkey_make(const uint8_t id[HOTID_ID_LEN], uint64_t epoch, uint64_t *key)
{
	if (epoch > PRKEY_MAX_EPOCH)
		return false;
	*key = MAGIC << 48 | (uint64_t)prkey_node(id) << 32 | epoch;
	return true;
}

bool prkey_is_of(uint64_t key, const uint8_t id[HOTID_ID_LEN])
{
	struct prkey parsed;

	return prkey_parse(key, &parsed) && parsed.node == prkey_node(id);
}

bool prkey_parse(uint64_t key, struct prkey *parsed)
{
	if (key >> 48 != MAGIC)
		return false;
	parsed->node = (uint16_t)(key >> 32);
	parsed->epoch = (uint32_t)key;
	return true;
}

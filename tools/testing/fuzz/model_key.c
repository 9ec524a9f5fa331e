// SPDX-License-Identifier: GPL-2.0
/* Of the model: which keys a node has, and what is hashed with them. */
#include "model.h"

#include <string.h>

#include "siphash_reference.h"

bool model_same(const void *a, const void *b, size_t size)
{
	const uint8_t *x = a, *y = b;
	uint8_t differ = 0;

	while (size--)
		differ |= *x++ ^ *y++;
	return !differ;
}

uint64_t model_mac(const uint8_t secret[16], const uint8_t id[16], const void *packet,
		   size_t length)
{
	/* Deriving takes longer than signing, and there are few of them. */
	static struct derived {
		uint8_t secret[16], id[16], key[16];
		bool made;
	} known[64];
	struct derived *derived = &known[(secret[0] * 7 + id[0]) % 64];
	uint8_t text[24] = {};
	int half, i;

	if (!derived->made || !model_same(derived->secret, secret, 16) ||
	    !model_same(derived->id, id, 16)) {
		memcpy(derived->secret, secret, 16);
		memcpy(derived->id, id, 16);
		derived->made = true;
		memcpy(text, id, 16);
		for (half = 0; half < 2; half++) {
			uint64_t word;

			text[16] = half + 1;
			word = siphash_reference(secret, text, sizeof(text));
			for (i = 0; i < 8; i++)
				derived->key[8 * half + i] = word >> (8 * i);
		}
	}
	return siphash_reference(derived->key, packet, length);
}

uint64_t model_hash(const char *name)
{
	static const uint8_t key[16] = { 'd', 'i', 't', 'o', 'h', 0, 0, 0, 1 };

	return siphash_reference(key, name, strlen(name));
}

struct model_key *model_key_of(struct model *model, uint32_t generation)
{
	int i;

	for (i = 0; i < 2; i++)
		if (generation && model->key[i].generation == generation)
			return &model->key[i];
	return NULL;
}

int model_key_set(struct model *model, const uint8_t secret[16], uint32_t generation)
{
	struct model_key *signing = &model->key[model->signing], *known, *place;

	if (!generation) {
		memset(model->key, 0, sizeof(model->key));
		model->signing = 0;
		place = &model->key[0];
		generation = 1;
	} else {
		known = model_key_of(model, generation);
		if (known == signing)
			return memcmp(known->secret, secret, 16);
		place = &model->key[!model->signing];
	}
	memcpy(place->secret, secret, 16);
	place->generation = generation;
	return 0;
}

int model_key_use(struct model *model, uint32_t generation)
{
	struct model_key *key = model_key_of(model, generation);

	if (!key)
		return 1;
	model->signing = key - model->key;
	return 0;
}

int model_key_drop(struct model *model, uint32_t generation)
{
	struct model_key *key = model_key_of(model, generation);

	if (!key || key == &model->key[model->signing])
		return 1;
	memset(key, 0, sizeof(*key));
	return 0;
}

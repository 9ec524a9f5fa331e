// SPDX-License-Identifier: GPL-2.0
/*
 * The keys in a slot. Packets are judged by them meanwhile, on any CPU and in the
 * probe; writers hold node->lock.
 */
#include "slot_keys.h"

#include <linux/string.h>

/*
 * A probe may read while this writes. It takes a state for no other incarnation
 * or key than its own, since none is primed meanwhile; a beat that is being
 * judged just now may not match, and then is judged again by its whole length.
 */
void hotid_slot_prime(struct hotid_slot *slot)
{
	struct hotid_wire_head head = {
		.magic = cpu_to_be16(HOTID_WIRE_MAGIC),
		.version = HOTID_WIRE_VERSION,
		.type = HOTID_PACKET_BEAT,
		.interval_us = cpu_to_be32(slot->interval_us),
		.boot_id = cpu_to_be64(slot->boot_id),
	};
	int newest = slot->generation[1] > slot->generation[0], i;
	const u64 *words = (const u64 *)&head;

	memcpy(head.node_id, slot->node_id, sizeof(head.node_id));
	WRITE_ONCE(slot->primings, slot->primings + 1);
	WRITE_ONCE(slot->primed, 0);
	smp_wmb(); /* no reader takes half a state for a state */
	slot->primed_head = words[0];
	slot->primed_state = siphash24_begin(slot->key[newest]);
	for (i = 0; i < HOTID_PRIMED_WORDS; i++)
		siphash24_add(&slot->primed_state, words[i]);
	smp_wmb(); /* nor before it is whole */
	WRITE_ONCE(slot->primed, slot->boot_id ? slot->generation[newest] : 0);
	WRITE_ONCE(slot->primings, slot->primings + 1);
}

void hotid_slot_set_boot_id(struct hotid_slot *slot, u64 boot_id)
{
	/* What is primed stands for the one before. */
	WRITE_ONCE(slot->primed, 0);
	/* The probe must not find the new one with what was primed for the old. */
	smp_store_release(&slot->boot_id, boot_id);
	hotid_slot_prime(slot);
}

/* The place of a slot that has this key, or NULL. */
static u32 *place_of(struct hotid_slot *slot, const siphash_key_t *key, u32 generation)
{
	int i;

	for (i = 0; i < HOTID_SLOT_KEYS; i++)
		if (slot->generation[i] == generation &&
		    !memcmp(slot->key[i], key->key, sizeof(slot->key[i])))
			return &slot->generation[i];
	return NULL;
}

bool hotid_slot_keys_withdraw(struct hotid_slot *slot, const struct hotid_key *cluster,
			      const siphash_key_t *keys)
{
	bool keep[HOTID_SLOT_KEYS] = {}, changes = false;
	int i;

	for (i = 0; i < HOTID_KEYS; i++) {
		u32 generation = cluster[i].generation;
		u32 *place = generation ? place_of(slot, &keys[i], generation) : NULL;

		if (place)
			keep[place - slot->generation] = true;
		else if (generation)
			changes = true;
	}
	for (i = 0; i < HOTID_SLOT_KEYS; i++) {
		if (keep[i] || !slot->generation[i])
			continue;
		WRITE_ONCE(slot->generation[i], 0);
		changes = true;
	}
	if (changes)
		hotid_slot_prime(slot);
	return changes;
}

void hotid_slot_keys_write(struct hotid_slot *slot, const struct hotid_key *cluster,
			   const siphash_key_t *keys, u32 generations[HOTID_SLOT_KEYS])
{
	int i, next = 0;

	memcpy(generations, slot->generation, sizeof(slot->generation));
	for (i = 0; i < HOTID_KEYS; i++) {
		if (!cluster[i].generation || place_of(slot, &keys[i], cluster[i].generation))
			continue;
		while (slot->generation[next])
			next++;
		memcpy(slot->key[next], keys[i].key, sizeof(slot->key[next]));
		generations[next++] = cluster[i].generation;
	}
	for (i = 0; i < HOTID_SLOT_KEYS; i++)
		if (!generations[i])
			memzero_explicit(slot->key[i], sizeof(slot->key[i]));
}

void hotid_slot_keys_publish(struct hotid_slot *slot, const u32 generations[HOTID_SLOT_KEYS])
{
	int i;

	for (i = 0; i < HOTID_SLOT_KEYS; i++)
		WRITE_ONCE(slot->generation[i], generations[i]);
	hotid_slot_prime(slot);
}

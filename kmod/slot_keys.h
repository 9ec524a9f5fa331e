/* SPDX-License-Identifier: GPL-2.0 */
/* The keys in a slot, and what is hashed ahead with them. All of it needs node->lock. */
#ifndef HOTID_SLOT_KEYS_H
#define HOTID_SLOT_KEYS_H

#include "key.h"
#include "slot.h"

/*
 * Hash ahead what all beats of a slot's incarnation begin with, by its newest
 * key: its boot id, interval or keys changed.
 */
void hotid_slot_prime(struct hotid_slot *slot);

/* From here on the probe stamps this incarnation by itself; 0 for none. */
void hotid_slot_set_boot_id(struct hotid_slot *slot, u64 boot_id);

/*
 * Take the keys away that are not among @keys any more, the peer's own of each of
 * the @cluster keys. Returns whether any key changes.
 */
bool hotid_slot_keys_withdraw(struct hotid_slot *slot, const struct hotid_key *cluster,
			      const siphash_key_t *keys);

/*
 * Write the keys that are new into places that have none. Nobody looks at them
 * before they are published by the @generations that this returns.
 */
void hotid_slot_keys_write(struct hotid_slot *slot, const struct hotid_key *cluster,
			   const siphash_key_t *keys, u32 generations[HOTID_SLOT_KEYS]);
void hotid_slot_keys_publish(struct hotid_slot *slot, const u32 generations[HOTID_SLOT_KEYS]);

#endif /* HOTID_SLOT_KEYS_H */

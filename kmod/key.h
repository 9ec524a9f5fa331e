/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Cluster keys. Two generations are accepted at a time and one is signed
 * with, so that a key can be rotated node by node without a silent moment.
 */
#ifndef HOTID_KEY_H
#define HOTID_KEY_H

#include <linux/siphash.h>

#include "slot.h"

#define HOTID_KEYS	HOTID_SLOT_KEYS

struct hotid_node;

/**
 * struct hotid_key - a cluster key
 * @secret: never leaves
 * @generation: 0 when there is none
 */
struct hotid_key {
	siphash_key_t secret;
	u32 generation;
};

/*
 * All in command context. Each returns 0, or a negative errno with *why set;
 * then nothing changed. After a key is set or dropped, peers need other keys:
 * see hotid_peer_rekey_all().
 */

/* Accept a key as @generation; 0: forget all others and sign with it. */
int hotid_key_set(struct hotid_node *node, const void *secret, u32 generation,
		  const char **why);
int hotid_key_use(struct hotid_node *node, u32 generation, const char **why);
int hotid_key_drop(struct hotid_node *node, u32 generation, const char **why);

/* The node's id changed: what it signs with follows from it. */
void hotid_key_refresh(struct hotid_node *node);

/* Derive the keys of what the node of this id sends. */
void hotid_key_derive(const struct hotid_node *node, const u8 *id, siphash_key_t keys[HOTID_KEYS]);

#endif /* HOTID_KEY_H */

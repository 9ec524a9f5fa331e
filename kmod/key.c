// SPDX-License-Identifier: GPL-2.0
/*
 * Cluster keys, and what is derived from them. Commands change them under node->lock;
 * packets are signed with a copy that was taken under it.
 */
#include "key.h"

#include <linux/string.h>

#include "node.h"

/*
 * SipHash under the cluster key is a pseudo-random function, so one node's
 * key reveals nothing of another's, nor of the cluster key.
 */
void hotid_key_derive(const struct hotid_node *node, const u8 *id, siphash_key_t keys[HOTID_KEYS])
{
	u64 words[2];
	int i;

	memcpy(words, id, sizeof(words));
	for (i = 0; i < HOTID_KEYS; i++) {
		keys[i].key[0] = siphash_3u64(words[0], words[1], 1, &node->key[i].secret);
		keys[i].key[1] = siphash_3u64(words[0], words[1], 2, &node->key[i].secret);
	}
}

void hotid_key_refresh(struct hotid_node *node)
{
	spin_lock_bh(&node->lock);
	hotid_key_derive(node, node->id, node->own_key);
	spin_unlock_bh(&node->lock);
}

static struct hotid_key *key_find(struct hotid_node *node, u32 generation)
{
	int i;

	for (i = 0; i < HOTID_KEYS; i++)
		if (node->key[i].generation == generation)
			return &node->key[i];
	return NULL;
}

static void key_store(struct hotid_key *key, const void *secret, u32 generation)
{
	memcpy(&key->secret, secret, sizeof(key->secret));
	key->generation = generation;
}

int hotid_key_set(struct hotid_node *node, const void *secret, u32 generation,
		  const char **why)
{
	struct hotid_key *other = &node->key[!node->signing];
	struct hotid_key *known = generation ? key_find(node, generation) : NULL;

	if (known == &node->key[node->signing] &&
	    memcmp(&known->secret, secret, sizeof(known->secret))) {
		*why = "key-generation is the one in use; give the new key a new generation";
		return -EEXIST;
	}
	spin_lock_bh(&node->lock);
	if (!generation) {
		memzero_explicit(node->key, sizeof(node->key));
		node->signing = 0;
		key_store(&node->key[0], secret, 1);
	} else if (!known || known == other) {
		key_store(other, secret, generation);
		/* The first key of all has to be signed with. */
		if (!node->key[node->signing].generation)
			node->signing = !node->signing;
	}
	spin_unlock_bh(&node->lock);
	hotid_key_refresh(node);
	return 0;
}

int hotid_key_use(struct hotid_node *node, u32 generation, const char **why)
{
	struct hotid_key *key = key_find(node, generation);

	if (!key) {
		*why = "key-use names no generation that is set; give its key first";
		return -ENOKEY;
	}
	spin_lock_bh(&node->lock);
	node->signing = key - node->key;
	spin_unlock_bh(&node->lock);
	return 0;
}

int hotid_key_drop(struct hotid_node *node, u32 generation, const char **why)
{
	struct hotid_key *key = key_find(node, generation);

	if (!key) {
		*why = "key-drop names no generation that is set";
		return -ENOKEY;
	}
	if (key == &node->key[node->signing]) {
		*why = "key-drop names the generation in use; use another one first";
		return -EBUSY;
	}
	spin_lock_bh(&node->lock);
	memzero_explicit(key, sizeof(*key));
	spin_unlock_bh(&node->lock);
	hotid_key_refresh(node);
	return 0;
}

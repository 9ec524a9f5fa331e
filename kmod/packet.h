/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTID_PACKET_H
#define HOTID_PACKET_H

#include <linux/siphash.h>

#include "table.h"

struct hotid_node;

/**
 * hotid_packet_key() - the key of what one node sends
 * @cluster: the cluster key
 * @id: id of the sender
 * @key: set to it
 *
 * SipHash under the cluster key is a pseudo-random function, so one node's
 * key tells nothing of another's, nor of the cluster key.
 */
void hotid_packet_key(const siphash_key_t *cluster, const u8 *id, siphash_key_t *key);

/**
 * struct hotid_letter - who a packet is from; taken under node->lock once
 * @head: all but sequence, path and type
 * @key: to sign with
 */
struct hotid_letter {
	struct hotid_wire_head head;
	siphash_key_t key;
};

/* Needs node->lock, and a node that is ready. */
void hotid_packet_begin(struct hotid_node *node, struct hotid_letter *letter);

void hotid_packet_beat(const struct hotid_letter *letter, u64 seq, u8 path,
		       struct hotid_wire_beat *beat);
void hotid_packet_claim(const struct hotid_letter *letter, u64 seq, u8 path, u8 state,
			u64 identity, u64 epoch, struct hotid_wire_claim *claim);

/* The identity a claim is about: a hash of its name. */
u64 hotid_packet_identity(const char *name);

#endif /* HOTID_PACKET_H */

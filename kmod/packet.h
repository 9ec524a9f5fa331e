/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTID_PACKET_H
#define HOTID_PACKET_H

#include <linux/siphash.h>

#include "lease.h"
#include "table.h"

struct hotid_node;

/**
 * struct hotid_packet_template - what all packets of one moment share
 * @head: all but sequence, path and type
 * @key: to sign with
 */
struct hotid_packet_template {
	struct hotid_wire_head head;
	siphash_key_t key;
};

/*
 * False when the node cannot sign, having no id or no key, or may not send any more after
 * its gasp. Needs node->lock.
 */
bool hotid_packet_begin(struct hotid_node *node, struct hotid_packet_template *template);

/* In a panic: without the lock. False when there is no key. */
bool hotid_packet_begin_unlocked(struct hotid_node *node, struct hotid_packet_template *template);

void hotid_packet_beat(const struct hotid_packet_template *template, u64 seq, u8 path,
		       const struct hotid_echo *echo, struct hotid_wire_beat *beat);
void hotid_packet_gasp(const struct hotid_packet_template *template, u8 reason, u64 seq, u8 path,
		       struct hotid_wire_gasp *gasp);

/* A challenge or an answer. */
void hotid_packet_proof(const struct hotid_packet_template *template, enum hotid_packet type,
			u64 seq, u8 path, u64 nonce, struct hotid_wire_proof *proof);
void hotid_packet_advert(const struct hotid_packet_template *template, u64 seq, u8 path, u8 state,
			 u64 identity, u64 epoch, struct hotid_wire_advert *advert);

/* The identity an advertisement is about: a hash of its name. */
u64 hotid_packet_identity(const char *name);

#endif /* HOTID_PACKET_H */

// SPDX-License-Identifier: GPL-2.0
/* Packets as this node sends them: filled in and signed. */
#include "packet.h"

#include <linux/string.h>

#include "node.h"

static void packet_begin(struct hotid_node *node, struct hotid_packet_template *template,
			 u32 health)
{
	template->head = (struct hotid_wire_head) {
		.magic = cpu_to_be16(HOTID_WIRE_MAGIC),
		.version = HOTID_WIRE_VERSION,
		.interval_us = cpu_to_be32(node->interval_us),
		.boot_id = cpu_to_be64(node->boot_id),
		.health = cpu_to_be16(health),
		.key_generation = cpu_to_be32(node->key[node->signing].generation),
	};
	memcpy(template->head.node_id, node->id, sizeof(template->head.node_id));
	template->key = node->own_key[node->signing];
}

bool hotid_packet_begin(struct hotid_node *node, struct hotid_packet_template *template)
{
	lockdep_assert_held(&node->lock);
	if (node->ended || !node->key[node->signing].generation ||
	    !memchr_inv(node->id, 0, sizeof(node->id)))
		return false;
	packet_begin(node, template, hotid_node_health(node));
	return true;
}

bool hotid_packet_begin_unlocked(struct hotid_node *node, struct hotid_packet_template *template)
{
	packet_begin(node, template, 0);
	return template->head.key_generation;
}

static void packet_address(struct hotid_wire_head *head,
			   const struct hotid_packet_template *template, u8 type, u64 seq,
			   u8 path)
{
	*head = template->head;
	head->type = type;
	head->seq = cpu_to_be64(seq);
	head->path = path;
}

void hotid_packet_beat(const struct hotid_packet_template *template, u64 seq, u8 path,
		       const struct hotid_echo *echo, struct hotid_wire_beat *beat)
{
	packet_address(&beat->head, template, HOTID_PACKET_BEAT, seq, path);
	beat->echo = cpu_to_be64(echo->seq);
	beat->promise_us = cpu_to_be32(echo->promise_us);
	beat->unused = 0;
	beat->mac = cpu_to_le64(siphash(beat, HOTID_BEAT_SIGNED, &template->key));
}

void hotid_packet_gasp(const struct hotid_packet_template *template, u8 reason, u64 seq, u8 path,
		       struct hotid_wire_gasp *gasp)
{
	packet_address(&gasp->head, template, HOTID_PACKET_GASP, seq, path);
	gasp->head.reason = reason;
	gasp->mac = cpu_to_le64(siphash(gasp, HOTID_GASP_SIGNED, &template->key));
}

void hotid_packet_proof(const struct hotid_packet_template *template, enum hotid_packet type,
			u64 seq, u8 path, u64 nonce, struct hotid_wire_proof *proof)
{
	packet_address(&proof->head, template, type, seq, path);
	proof->nonce = cpu_to_be64(nonce);
	proof->mac = cpu_to_le64(siphash(proof, HOTID_PROOF_SIGNED, &template->key));
}

void hotid_packet_advert(const struct hotid_packet_template *template, u64 seq, u8 path, u8 state,
			 u64 identity, u64 epoch, struct hotid_wire_advert *advert)
{
	packet_address(&advert->head, template, HOTID_PACKET_ADVERT, seq, path);
	advert->head.reason = state;
	advert->identity = cpu_to_be64(identity);
	advert->epoch = cpu_to_be64(epoch);
	advert->mac = cpu_to_le64(siphash(advert, HOTID_ADVERT_SIGNED, &template->key));
}

u64 hotid_packet_identity(const char *name)
{
	/* Not a secret: all nodes must come to the same number. */
	static const siphash_key_t key = { .key = { 0x686f746964, 1 } };

	return siphash(name, strlen(name), &key);
}

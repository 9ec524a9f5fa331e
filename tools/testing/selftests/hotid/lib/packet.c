// SPDX-License-Identifier: GPL-2.0
#include "packet.h"

#include <string.h>

#include "../../../unit/kmod/siphash_reference.h"

static void put(uint8_t *at, uint64_t value, int bytes)
{
	while (bytes--) {
		at[bytes] = value;
		value >>= 8;
	}
}

static uint64_t get(const uint8_t *at, int bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | *at++;
	return value;
}

static void put_little(uint8_t at[8], uint64_t value)
{
	int i;

	for (i = 0; i < 8; i++)
		at[i] = value >> (8 * i);
}

void packet_key(const uint8_t cluster_key[16], const uint8_t id[16], uint8_t key[16])
{
	uint8_t message[24];
	int half;

	memcpy(message, id, 16);
	for (half = 0; half < 2; half++) {
		put_little(message + 16, half + 1);
		put_little(key + 8 * half, siphash_reference(cluster_key, message, 24));
	}
}

uint64_t packet_identity(const char *name)
{
	static const uint8_t key[16] = { 'd', 'i', 't', 'o', 'h', 0, 0, 0, 1 };

	return siphash_reference(key, name, strlen(name));
}

uint64_t packet_mac(const uint8_t *bytes, size_t length, const uint8_t cluster_key[16],
		    const uint8_t id[16])
{
	uint8_t key[16];

	packet_key(cluster_key, id, key);
	return siphash_reference(key, bytes, length - 8);
}

struct packet packet_beat(const uint8_t id[16], uint64_t boot_id, uint64_t seq,
			  uint32_t interval_us)
{
	struct packet packet = {
		.magic = 0x4869,
		.version = WIRE_VERSION,
		.type = BEAT,
		.interval_us = interval_us,
		.boot_id = boot_id,
		.seq = seq,
		.key_generation = 1,
	};

	memcpy(packet.node_id, id, 16);
	return packet;
}

struct packet packet_claim(const struct packet *beat, uint64_t seq, const char *identity,
			   uint64_t epoch, uint8_t state)
{
	struct packet packet = *beat;

	packet.type = CLAIM;
	packet.seq = seq;
	packet.reason = state;
	packet.identity = packet_identity(identity);
	packet.epoch = epoch;
	return packet;
}

size_t packet_size(uint8_t type)
{
	switch (type) {
	case GASP:
		return GASP_SIZE;
	case CHALLENGE:
	case ANSWER:
		return PROOF_SIZE;
	case CLAIM:
		return CLAIM_SIZE;
	default:
		return BEAT_SIZE;
	}
}

size_t packet_write(const struct packet *packet, const uint8_t cluster_key[16],
		    uint8_t bytes[PACKET_MAX])
{
	size_t length = packet_size(packet->type);

	memset(bytes, 0, PACKET_MAX);
	put(bytes, packet->magic, 2);
	put(bytes + 2, packet->version, 1);
	put(bytes + 3, packet->type, 1);
	put(bytes + 4, packet->interval_us, 4);
	memcpy(bytes + 8, packet->node_id, 16);
	put(bytes + 24, packet->boot_id, 8);
	put(bytes + 32, packet->seq, 8);
	put(bytes + 40, packet->health, 2);
	put(bytes + 42, packet->path, 1);
	put(bytes + 43, packet->reason, 1);
	put(bytes + 44, packet->key_generation, 4);
	if (length == PROOF_SIZE) {
		put(bytes + 48, packet->nonce, 8);
	} else if (packet->type == CLAIM) {
		put(bytes + 48, packet->identity, 8);
		put(bytes + 56, packet->epoch, 8);
	} else if (length == BEAT_SIZE) {
		put(bytes + 48, packet->echo, 8);
		put(bytes + 56, packet->promise_us, 4);
	}
	put_little(bytes + length - 8, packet_mac(bytes, length, cluster_key, packet->node_id));
	return length;
}

bool packet_read(const uint8_t *bytes, size_t length, struct packet *packet)
{
	int i;

	if (length < GASP_SIZE || length != packet_size(bytes[3]))
		return false;
	*packet = (struct packet) {
		.magic = get(bytes, 2),
		.version = bytes[2],
		.type = bytes[3],
		.interval_us = get(bytes + 4, 4),
		.boot_id = get(bytes + 24, 8),
		.seq = get(bytes + 32, 8),
		.health = get(bytes + 40, 2),
		.path = bytes[42],
		.reason = bytes[43],
		.key_generation = get(bytes + 44, 4),
	};
	memcpy(packet->node_id, bytes + 8, 16);
	if (length == PROOF_SIZE) {
		packet->nonce = get(bytes + 48, 8);
	} else if (packet->type == CLAIM) {
		packet->identity = get(bytes + 48, 8);
		packet->epoch = get(bytes + 56, 8);
	} else if (length == BEAT_SIZE) {
		packet->echo = get(bytes + 48, 8);
		packet->promise_us = get(bytes + 56, 4);
	}
	for (i = 7; i >= 0; i--)
		packet->mac = packet->mac << 8 | bytes[length - 8 + i];
	return true;
}

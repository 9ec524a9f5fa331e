/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The packets between nodes, a second time: byte offsets as wire.h draws
 * them, without its structures, so that a slip there does not pass here.
 */
#ifndef SELFTEST_PACKET_H
#define SELFTEST_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_VERSION	3
#define GASP_SIZE	56
#define PROOF_SIZE	64	/* challenges and answers */
#define BEAT_SIZE	72
#define CLAIM_SIZE	72
#define PACKET_MAX	128

enum packet_type { BEAT = 1, GASP, CHALLENGE, ANSWER, CLAIM };

/* All fields of a packet; those that not all types have are 0 in others. */
struct packet {
	uint16_t magic;
	uint8_t version;
	uint8_t type;
	uint32_t interval_us;
	uint8_t node_id[16];
	uint64_t boot_id;
	uint64_t seq;
	uint16_t health;
	uint8_t path;
	uint8_t reason;
	uint32_t key_generation;
	uint64_t nonce;
	uint64_t echo;
	uint32_t promise_us;
	uint64_t identity;
	uint64_t epoch;
	uint64_t mac;
};

/* A beat on path 0, under key generation 1. */
struct packet packet_beat(const uint8_t id[16], uint64_t boot_id, uint64_t seq,
			  uint32_t interval_us);

/* A claim of what packet_beat() would be a beat of. */
struct packet packet_claim(const struct packet *beat, uint64_t seq, const char *identity,
			   uint64_t epoch, uint8_t state);

/* How long a packet of a type is. */
size_t packet_size(uint8_t type);

/* The bytes, with the MAC under the sender's key. Returns the length. */
size_t packet_write(const struct packet *packet, const uint8_t cluster_key[16],
		    uint8_t bytes[PACKET_MAX]);

/* The fields of a packet of a right length; false when it has another one. */
bool packet_read(const uint8_t *bytes, size_t length, struct packet *packet);

/* The MAC that these bytes should end with. */
uint64_t packet_mac(const uint8_t *bytes, size_t length, const uint8_t cluster_key[16],
		    const uint8_t id[16]);

/* Key of what one node sends. */
void packet_key(const uint8_t cluster_key[16], const uint8_t id[16], uint8_t key[16]);

/* As a claim carries an identity's name. */
uint64_t packet_identity(const char *name);

#endif /* SELFTEST_PACKET_H */

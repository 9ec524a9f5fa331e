/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a node has to make of the packets it gets, said a second time: from the
 * documents, from bytes, and as plain as can be.
 */
#ifndef FUZZ_MODEL_H
#define FUZZ_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "world.h"

#define MODEL_PEERS		12
#define MODEL_IDENTITIES	2

enum model_kind {
	ACCEPTED,
	TRUNCATED,
	VERSION,
	UNKNOWN,
	BAD_MAC,
	REPLAYED,
	CONTROL,
	UNVERIFIED,
};

struct model_key {
	uint8_t secret[16];
	uint32_t generation;
};

/**
 * struct model_peer - what is to be believed of a peer
 * @known: it is one
 * @had_user: its daemon lived in this incarnation
 * @ask: it is to be challenged
 * @answer: it is to be answered
 * @id: its node id
 * @look: what shows
 * @beats: it is challenged for its beats
 * @asked_ns: when it was challenged last
 * @drawn_ns: when its nonce was drawn
 * @beat_ns: when a beat that is not believed was looked at last, 0 for never
 * @challenge_ns: the same for challenges of whom it is not known to be
 * @its_nonce: to answer with
 * @asker: its incarnation that answered last
 * @asker_seq: of that answer, or of the last challenge of that incarnation
 * @rival: another incarnation that lives beside the one that is believed, or 0
 * @rival_since: when it first proved that
 * @rival_seen: when it did so last
 */
struct model_peer {
	bool known;
	bool had_user;
	bool ask;
	bool answer;
	bool beats;
	uint8_t id[16];
	struct world_peer look;
	uint64_t asked_ns;
	uint64_t drawn_ns;
	uint64_t beat_ns;
	uint64_t challenge_ns;
	uint64_t its_nonce;
	uint64_t asker;
	uint64_t asker_seq;
	uint64_t rival, rival_since, rival_seen;
};

/**
 * struct model_identity - what is to be believed of an identity
 * @known: it was declared
 * @name: its name
 * @hash: of the name
 * @flags: HOTID_IDENTITY_FLAGS_*
 * @look: what shows
 */
struct model_identity {
	bool known;
	const char *name;
	uint64_t hash;
	uint32_t flags;
	struct world_identity look;
};

/**
 * struct model - a node
 * @id: its node id
 * @key: that it accepts
 * @signing: index of the one it signs with
 * @peers: all that it may have
 * @identities: that it has
 * @now: when what happens happens
 * @last: when the peer to which it does was heard before that
 */
struct model {
	uint8_t id[16];
	struct model_key key[2];
	unsigned int signing;
	struct model_peer peers[MODEL_PEERS];
	struct model_identity identities[MODEL_IDENTITIES];
	uint64_t now, last;
};

/* As memcmp() but for the fuzzer, which watches that one, at a price. */
bool model_same(const void *a, const void *b, size_t size);

/* The MAC of a packet that @id sends under a cluster key. */
uint64_t model_mac(const uint8_t secret[16], const uint8_t id[16], const void *packet,
		   size_t length);

/* The hash of an identity's name. */
uint64_t model_hash(const char *name);

/* The key of a generation, or NULL. */
struct model_key *model_key_of(struct model *model, uint32_t generation);

/* Each is 0 when the command has to be done, else it has to be refused. */
int model_key_set(struct model *model, const uint8_t secret[16], uint32_t generation);
int model_key_use(struct model *model, uint32_t generation);
int model_key_drop(struct model *model, uint32_t generation);

void model_peer_set(struct model *model, struct model_peer *peer, bool watch);
void model_silent(struct model *model, struct model_peer *peer, uint64_t now);

/* How long a packet of a type is. */
size_t model_length(uint8_t type);

/* What is wrong with a packet before its sender is known; ACCEPTED for nothing. */
enum model_kind model_form(const uint8_t *packet, size_t length);

struct model_peer *model_sender(struct model *model, const uint8_t *packet);

/**
 * model_receive() - a datagram comes
 * @model: to which node
 * @packet: UDP payload
 * @length: of it
 * @now: the time
 * @unverified: set when it also counts as UNVERIFIED
 *
 * Return: as what it counts.
 */
enum model_kind model_receive(struct model *model, const uint8_t *packet, size_t length,
			      uint64_t now, bool *unverified);

#endif /* FUZZ_MODEL_H */

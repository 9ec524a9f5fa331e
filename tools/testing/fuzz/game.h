/* SPDX-License-Identifier: GPL-2.0 */
/* One run: the nodes that receive, those that send, and what the model says. */
#ifndef FUZZ_GAME_H
#define FUZZ_GAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "model.h"
#include "world.h"

#define PACKET_MAX	128
#define KEPT		8
#define STRANGERS	2	/* senders that are never peers */
#define SENDERS		(MODEL_PEERS + STRANGERS)

enum { BEAT = 1, GASP, CHALLENGE, ANSWER, CLAIM };

/**
 * struct sender - a node that sends
 * @id: its node id
 * @boot_id: of its incarnation
 * @seq: of its last packet
 * @interval_us: that it announces
 * @health: that it announces
 * @nonce: that it was challenged with last
 */
struct sender {
	uint8_t id[16];
	uint64_t boot_id;
	uint64_t seq;
	uint32_t interval_us;
	uint16_t health;
	uint64_t nonce;
};

struct packet {
	uint8_t bytes[PACKET_MAX];
	size_t length;
};

/**
 * struct node - one that receives, the real one
 * @world: it
 * @counts: what its module counts, and its probe
 * @sent_seq: sequence of the last packet that it sent
 * @asked: paths on which each peer was challenged since the last look
 * @answered: the same for answers
 */
struct node {
	struct world *world;
	uint64_t counts[WORLD_KINDS];
	uint64_t sent_seq;
	unsigned int asked[MODEL_PEERS];
	unsigned int answered[MODEL_PEERS];
};

/* One without a probe, and one that may have it. */
enum { PLAIN, PROBED };

/**
 * struct game - all of it
 * @data: what is still to happen
 * @size: of @data
 * @frames: packets come as frames, and there are two nodes
 * @model: what the nodes have to believe
 * @senders: peers, as in the model, and strangers
 * @nodes: they must not differ
 * @n_nodes: how many
 * @adopted: the second uses the maps of the probe
 * @cpu: on which packets come in
 * @now: the time
 * @kept: packets to send again
 * @n_kept: how many were kept so far
 */
struct game {
	const uint8_t *data;
	size_t size;
	bool frames;
	struct model model;
	struct sender senders[SENDERS];
	struct node nodes[2];
	int n_nodes;
	bool adopted;
	unsigned int cpu;
	uint64_t now;
	struct packet kept[KEPT];
	unsigned int n_kept;
};

extern struct game game;

/* Ends the run; libFuzzer keeps the input. */
#define REQUIRE(condition)								\
	do {										\
		if (!(condition)) {							\
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__,	\
				#condition);						\
			abort();							\
		}									\
	} while (0)

/* The next byte, or eight, of what is to happen; 0 when there is no more. */
uint8_t take(void);
uint64_t take_word(void);

/* Everything that shows is as the model has it. */
void watch_all(void);

/* A new challenge has a nonce that nobody could know: tell it to the model. */
void watch_nonces(void);

/* Challenges and answers that are due leave, on all paths, and no others. */
void watch_work(void);

/* The secrets of cluster keys, among them the one of zeroes. */
extern const uint8_t secrets[4][16];

/* A packet of an honest sender, signed. */
void packet_honest(struct packet *packet, const struct sender *sender, uint8_t type, uint64_t seq);

/* A packet as the input says, and what came of it on its way. */
void packet_any(struct packet *packet);

#endif /* FUZZ_GAME_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One node as the module has it, made of the module's own sources, and how it
 * looks from outside. The module's neighbours that are not compiled here do
 * what is said at their function: the detector speaks when told to, sockets to
 * send from hand each packet to world_sent().
 */
#ifndef FUZZ_WORLD_H
#define FUZZ_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORLD_PATHS	4
#define WORLD_KINDS	8	/* of verdicts */

struct world;

/**
 * struct world_peer - what a node believes of a peer
 * @believed: boot id in its slot, 0 for none
 * @boot_id: incarnation last believed
 * @nonce: that it has to answer, 0 for none
 * @interval_us: as announced
 * @health: as announced
 * @state: enum hotid_peer_state
 * @reason: of its last change
 * @gasp: enum hotid_gasp of its last word
 * @downs: times it went down
 * @paths_up: bits of paths believed up
 * @flags: HOTID_PEER_FLAGS_*
 * @grant: echo and promise of its newest beat, 0 for none
 * @seq: last sequence of each path
 * @ns: last stamp of each path
 */
struct world_peer {
	uint64_t believed;
	uint64_t boot_id;
	uint64_t nonce;
	uint32_t interval_us;
	uint32_t health;
	uint32_t state;
	uint32_t reason;
	uint32_t gasp;
	uint32_t downs;
	uint32_t paths_up;
	uint32_t flags;
	uint64_t grant;
	uint64_t seq[WORLD_PATHS];
	uint64_t ns[WORLD_PATHS];
};

_Static_assert(sizeof(struct world_peer) == 128, "compared as a whole: it has no padding");

/**
 * struct world_claimant - a node that takes or holds an identity
 * @known: there is one
 * @id: its node id
 * @boot_id: its incarnation
 * @epoch: that it claims
 * @heard: when it did so last
 */
struct world_claimant {
	bool known;
	uint8_t id[16];
	uint64_t boot_id;
	uint64_t epoch;
	uint64_t heard;
};

/**
 * struct world_identity - what a node believes of an identity
 * @epoch: by which this node bears it, else the highest known
 * @known: highest known
 * @state: enum hotid_identity_state
 * @fenced: while taking, its fence is proven
 * @clean: nothing was left behind
 * @holder: who holds it, or has proven its fence
 * @taker: who tries to take it
 */
struct world_identity {
	uint64_t epoch;
	uint64_t known;
	uint32_t state;
	bool fenced;
	bool clean;
	struct world_claimant holder, taker;
};

/* Time and CPU of all worlds. */
void world_time(uint64_t now);
void world_cpu(unsigned int cpu);

struct world *world_new(const uint8_t id[16]);
void world_free(struct world *world);

/* Commands; 0 or a negative errno. */
int world_key_set(struct world *world, const uint8_t secret[16], uint32_t generation);
int world_key_use(struct world *world, uint32_t generation);
int world_key_drop(struct world *world, uint32_t generation);
int world_peer_set(struct world *world, const uint8_t id[16], bool watch);
void world_peer_remove(struct world *world, const uint8_t id[16]);
int world_identity_set(struct world *world, const char *name, uint32_t flags);

/* Use the maps of the probe, and no longer. */
int world_adopt(struct world *world);
int world_reclaim(struct world *world);

/* What an operator and the daemon would do next: arm, report, take or release. */
void world_identity_step(struct world *world, const char *name, unsigned int choice);

/* All paths of a peer are silent: what the detector says then. */
void world_silent(struct world *world, const uint8_t id[16]);

/* A datagram comes to the beat port's socket. */
void world_receive(struct world *world, const void *payload, size_t length, bool bad_checksum);

/* Run what is due in process context and by timer. */
void world_work(struct world *world);

bool world_peer_look(struct world *world, const uint8_t id[16], struct world_peer *look);
bool world_identity_look(struct world *world, const char *name, struct world_identity *look);
uint64_t world_count(struct world *world, int kind);

/* A packet leaves for a peer. To be given by the caller. */
void world_sent(struct world *world, const uint8_t to[16], unsigned int path, const void *packet,
		size_t length);

#endif /* FUZZ_WORLD_H */

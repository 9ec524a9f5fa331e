// SPDX-License-Identifier: GPL-2.0
/* What the nodes show, against the model. */
#include <string.h>

#include "game.h"

_Noreturn static void differ(int peer, const struct world_peer *is, const struct world_peer *want)
{
	int path;

#define SHOW(field)									\
	fprintf(stderr, "%-12s %20llu %20llu\n", #field, (unsigned long long)is->field,	\
		(unsigned long long)want->field)
	fprintf(stderr, "peer %d %26s %20s\n", peer, "is", "should be");
	SHOW(believed);
	SHOW(boot_id);
	SHOW(nonce);
	SHOW(interval_us);
	SHOW(health);
	SHOW(state);
	SHOW(reason);
	SHOW(gasp);
	SHOW(downs);
	SHOW(paths_up);
	SHOW(flags);
	SHOW(grant);
	for (path = 0; path < WORLD_PATHS; path++) {
		SHOW(seq[path]);
		SHOW(ns[path]);
	}
	abort();
}

static bool same_claimant(const struct world_claimant *a, const struct world_claimant *b)
{
	return a->known == b->known &&
	       (!a->known || (a->epoch == b->epoch && model_same(a->id, b->id, sizeof(a->id))));
}

void watch_all(void)
{
	int n, i;

	for (n = 0; n < game.n_nodes; n++) {
		const struct node *node = &game.nodes[n];

		for (i = 0; i < MODEL_PEERS; i++) {
			const struct model_peer *want = &game.model.peers[i];
			struct world_peer look;

			REQUIRE(world_peer_look(node->world, want->id, &look) == want->known);
			if (!want->known)
				continue;
			if (!model_same(&look, &want->look, sizeof(look)))
				differ(i, &look, &want->look);
		}
		for (i = 0; i < MODEL_IDENTITIES; i++) {
			const struct model_identity *want = &game.model.identities[i];
			struct world_identity look;

			REQUIRE(world_identity_look(node->world, want->name, &look) == want->known);
			if (!want->known)
				continue;
			REQUIRE(look.epoch == want->look.epoch);
			REQUIRE(look.state == want->look.state);
			REQUIRE(look.known == want->look.known);
			REQUIRE(look.fenced == want->look.fenced);
			REQUIRE(same_claimant(&look.holder, &want->look.holder));
			REQUIRE(same_claimant(&look.taker, &want->look.taker));
		}
		for (i = 0; i < WORLD_KINDS; i++)
			REQUIRE(world_count(node->world, i) == node->counts[i]);
	}
}

void watch_nonces(void)
{
	int i;

	for (i = 0; i < MODEL_PEERS; i++) {
		struct model_peer *peer = &game.model.peers[i];
		struct world_peer look;

		if (!peer->known || !peer->ask || peer->look.nonce)
			continue;
		REQUIRE(world_peer_look(game.nodes[PLAIN].world, peer->id, &look));
		REQUIRE(look.nonce && look.nonce != game.senders[i].nonce);
		peer->look.nonce = look.nonce;
	}
}

static uint64_t packet_seq(const uint8_t *bytes)
{
	uint64_t seq;

	memcpy(&seq, bytes + 32, sizeof(seq));
	return __builtin_bswap64(seq);
}

void world_sent(struct world *world, const uint8_t to[16], unsigned int path, const void *packet,
		size_t length)
{
	struct node *node = &game.nodes[game.n_nodes > PROBED &&
					world == game.nodes[PROBED].world];
	const struct model_key *key = &game.model.key[game.model.signing];
	const uint8_t *bytes = packet;
	struct model_peer *peer = game.model.peers;
	uint64_t mac = model_mac(key->secret, game.model.id, packet, length - 8);
	uint64_t nonce, seq;

	while (!model_same(peer->id, to, sizeof(peer->id)))
		REQUIRE(++peer < game.model.peers + MODEL_PEERS);
	REQUIRE(model_form(packet, length) == ACCEPTED);
	REQUIRE(bytes[42] == path);
	REQUIRE(model_same(bytes + 8, game.model.id, 16));
	REQUIRE(model_same(bytes + length - 8, &mac, 8));
	nonce = __builtin_bswap64(bytes[3] == CHALLENGE ? peer->look.nonce : peer->its_nonce);
	REQUIRE(bytes[3] == CHALLENGE || bytes[3] == ANSWER);
	REQUIRE(model_same(bytes + 48, &nonce, 8));
	seq = packet_seq(bytes);
	/* A new one, which all paths share. */
	REQUIRE(seq > node->sent_seq || (path && seq == node->sent_seq));
	node->sent_seq = seq;
	if (bytes[3] == CHALLENGE) {
		REQUIRE(peer->look.nonce);
		game.senders[peer - game.model.peers].nonce = peer->look.nonce;
		node->asked[peer - game.model.peers] |= 1 << path;
	} else {
		node->answered[peer - game.model.peers] |= 1 << path;
	}
}

void watch_work(void)
{
	const unsigned int all = (1 << WORLD_PATHS) - 1;
	int n, i;

	for (n = 0; n < game.n_nodes; n++) {
		struct node *node = &game.nodes[n];

		memset(node->asked, 0, sizeof(node->asked));
		memset(node->answered, 0, sizeof(node->answered));
		world_work(node->world);
		for (i = 0; i < MODEL_PEERS; i++) {
			const struct model_peer *peer = &game.model.peers[i];

			REQUIRE(node->asked[i] == (peer->ask ? all : 0));
			REQUIRE(node->answered[i] == (peer->answer ? all : 0));
		}
	}
	for (i = 0; i < MODEL_PEERS; i++)
		game.model.peers[i].ask = game.model.peers[i].answer = false;
}

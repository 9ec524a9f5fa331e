// SPDX-License-Identifier: GPL-2.0
#include "play.h"

#include <string.h>

#include <linux/hotid.h>

#include "frame.h"
#include "game.h"
#include "probe_host.h"

#define ONWARD	7	/* an identity goes on towards held */

struct game game;

uint8_t take(void)
{
	if (!game.size)
		return 0;
	game.size--;
	return *game.data++;
}

uint64_t take_word(void)
{
	uint64_t word = 0;
	int i;

	for (i = 0; i < 8; i++)
		word = word << 8 | take();
	return word;
}

static void count(struct node *node, enum model_kind kind, bool unverified)
{
	node->counts[kind]++;
	node->counts[UNVERIFIED] += unverified;
}

/* A datagram that goes up the stack of all nodes. */
static void receive(const uint8_t *payload, size_t length)
{
	bool unverified;
	enum model_kind kind = model_receive(&game.model, payload, length, game.now, &unverified);
	int n;

	for (n = 0; n < game.n_nodes; n++) {
		world_receive(game.nodes[n].world, payload, length, false);
		count(&game.nodes[n], kind, unverified);
	}
}

/* What the probe says of a datagram of which not all is there. */
static enum model_kind judge_short(const struct frame_datagram *datagram)
{
	enum model_kind kind;

	if (datagram->there < 56)
		return TRUNCATED;
	kind = model_form(datagram->payload, datagram->length);
	if (kind != ACCEPTED)
		return kind;
	return game.adopted && model_sender(&game.model, datagram->payload) ? TRUNCATED : UNKNOWN;
}

/*
 * A frame comes in at both nodes. The stack takes what it gets where a datagram
 * is whole, and is more lenient than a real one: it looks at no checksum and
 * at no length but that of UDP. The MAC is what counts.
 */
static void frame_in(const uint8_t *frame, size_t length)
{
	bool drops = probe_drops(frame, length, game.cpu, game.now), unverified = false, passes;
	struct frame_datagram datagram;
	enum model_kind kind, judged;

	if (!frame_read(frame, length, PROBE_PORT, &datagram)) {
		REQUIRE(!drops);
		return;
	}
	if (!datagram.probed) {
		REQUIRE(!drops);
		if (datagram.length <= datagram.there)
			receive(datagram.payload, datagram.length);
		return;
	}
	if (datagram.length > datagram.there) {
		judged = judge_short(&datagram);
	} else {
		judged = model_form(datagram.payload, datagram.length);
		kind = model_receive(&game.model, datagram.payload, datagram.length, game.now,
				     &unverified);
		world_receive(game.nodes[PLAIN].world, datagram.payload, datagram.length, false);
		count(&game.nodes[PLAIN], kind, unverified);
		/* With nobody in its table it can only say what it sees. */
		if (game.adopted)
			judged = kind;
		else if (judged == ACCEPTED)
			judged = UNKNOWN;
	}
	passes = judged == CONTROL || (judged == UNKNOWN && !game.adopted);
	REQUIRE(drops == !passes);
	if (drops) {
		/* What it counts is the node's as long as its maps are. */
		if (game.adopted && game.cpu < PROBE_CPUS)
			game.nodes[PROBED].counts[judged]++;
	} else if (datagram.length <= datagram.there) {
		world_receive(game.nodes[PROBED].world, datagram.payload, datagram.length, false);
		count(&game.nodes[PROBED], kind, unverified);
	}
}

static void frame_tweak(uint8_t *frame, size_t *length)
{
	uint8_t at;

	switch (take() % 16) {
	case 0:		/* cut short */
		*length -= take() % *length;
		break;
	case 1:		/* padded */
		at = take() % 32;
		memset(frame + *length, at, at);
		*length += at;
		break;
	case 2:		/* a header changed */
		at = take() % 80;
		if (at < *length)
			frame[at] ^= take();
		break;
	case 3:		/* length of UDP */
		frame[14 + 20 + 5] = take();
		break;
	case 4:		/* fragment bits */
		frame[14 + 6] = take();
		break;
	}
}

static void deliver(const struct packet *packet)
{
	uint8_t frame[FRAME_MAX];
	uint8_t style;
	size_t length;

	game.now += 10000;
	world_time(game.now);
	if (!game.frames) {
		receive(packet->bytes, packet->length);
		watch_nonces();
		return;
	}
	style = take() % 32;
	length = frame_make(style < FRAME_STYLES ? style : style & 1, packet->bytes,
			    packet->length, frame);
	if (style >= 24)
		frame_tweak(frame, &length);
	frame_in(frame, length);
	watch_nonces();
}

static void step_again(void)
{
	struct packet packet = game.kept[take() % KEPT];
	uint8_t change = take();

	if (change & 1 && packet.length)
		packet.bytes[take() % packet.length] ^= take();
	deliver(&packet);
}

static void step_raw(void)
{
	struct packet packet = { .length = take() % PACKET_MAX };
	size_t i;

	for (i = 0; i < packet.length; i++)
		packet.bytes[i] = take();
	deliver(&packet);
}

static void step_raw_frame(void)
{
	uint8_t frame[FRAME_MAX];
	size_t length = take(), i;

	for (i = 0; i < length; i++)
		frame[i] = take();
	frame_in(frame, length);
	watch_nonces();
}

/* A sender becomes believed, as it does where nobody interferes. */
static void step_greet(struct sender *sender)
{
	struct packet packet;

	game.now += 2000000;
	packet_honest(&packet, sender, BEAT, ++sender->seq);
	deliver(&packet);
	watch_work();
	packet_honest(&packet, sender, ANSWER, ++sender->seq);
	deliver(&packet);
}

/* The first node may take a peer for which the probe's map has no place. */
static void step_peer(struct model_peer *peer, bool watch)
{
	int n;

	for (n = 0; n < game.n_nodes; n++) {
		if (world_peer_set(game.nodes[n].world, peer->id, watch)) {
			REQUIRE(n == PROBED && game.adopted && !peer->known);
			world_peer_remove(game.nodes[PLAIN].world, peer->id);
			return;
		}
	}
	model_peer_set(&game.model, peer, watch);
}

static void step_remove(struct model_peer *peer)
{
	int n;

	for (n = 0; n < game.n_nodes; n++)
		world_peer_remove(game.nodes[n].world, peer->id);
	peer->known = peer->ask = peer->answer = false;
}

static void step_key(uint8_t what, const uint8_t secret[16])
{
	uint8_t generation = what >> 4;
	int n, refused;

	/* None of 0 is used or dropped: the policy of the interface refuses that. */
	if (what % 4 >= 2 && !generation)
		generation = 1;

	if (what % 4 < 2)
		refused = model_key_set(&game.model, secret, generation);
	else if (what % 4 == 2)
		refused = model_key_use(&game.model, generation);
	else
		refused = model_key_drop(&game.model, generation);
	for (n = 0; n < game.n_nodes; n++) {
		struct world *world = game.nodes[n].world;

		if (what % 4 < 2)
			REQUIRE(!world_key_set(world, secret, generation) == !refused);
		else if (what % 4 == 2)
			REQUIRE(!world_key_use(world, generation) == !refused);
		else
			REQUIRE(!world_key_drop(world, generation) == !refused);
	}
}

static void step_silent(struct model_peer *peer)
{
	int n;

	for (n = 0; n < game.n_nodes; n++)
		world_silent(game.nodes[n].world, peer->id);
	model_silent(&game.model, peer, game.now);
}

/* Commands about identities are tested elsewhere; here they set the scene. */
static void step_identity(struct model_identity *identity, unsigned int choice)
{
	int n;

	for (n = 0; n < game.n_nodes; n++) {
		REQUIRE(!world_identity_set(game.nodes[n].world, identity->name, identity->flags));
		world_identity_step(game.nodes[n].world, identity->name, choice);
	}
	identity->known = true;
	world_identity_look(game.nodes[PLAIN].world, identity->name, &identity->look);
}

/* The probe is attached all the time; whether the module reads its maps changes. */
static void step_probe(bool leave)
{
	struct world *world = game.nodes[PROBED].world;

	if (!game.adopted) {
		game.adopted = !world_adopt(world);
	} else if (leave) {
		REQUIRE(!world_reclaim(world));
		game.adopted = false;
	} else {
		REQUIRE(!world_adopt(world));	/* again, which changes nothing */
	}
}

static void step(uint8_t what)
{
	struct packet packet;
	uint8_t whom;

	switch (what % 32) {
	case 0:
		step_again();
		break;
	case 1:
		step_raw();
		break;
	case 2:
		step_greet(&game.senders[take() % SENDERS]);
		break;
	case 3:
		game.now += (uint64_t)take() << take() % 24;
		break;
	case 4:
		step_silent(&game.model.peers[take() % MODEL_PEERS]);
		break;
	case 5:
		whom = take();
		step_peer(&game.model.peers[whom % 16 % MODEL_PEERS], !(whom & 16));
		break;
	case 6:
		step_remove(&game.model.peers[take() % MODEL_PEERS]);
		break;
	case 7:
		whom = take();
		step_key(whom, secrets[take() % 4]);
		break;
	case 8:
		watch_work();
		break;
	case 9:
		game.senders[take() % SENDERS].boot_id += 2;
		break;
	case 10:
	case 11:
		whom = take();
		step_identity(&game.model.identities[whom & 1], whom >> 1);
		break;
	case 12:
		if (game.frames)
			step_probe(take() & 3);
		break;
	case 13:
		game.cpu = take() % (PROBE_CPUS + 1);
		world_cpu(game.cpu % PROBE_CPUS);
		break;
	case 14:
		if (game.frames)
			step_raw_frame();
		else
			world_receive(game.nodes[PLAIN].world, game.kept[0].bytes,
				      game.kept[0].length, true);
		break;
	case 15:
		step_greet(&game.senders[0]);
		break;
	default:
		packet_any(&packet);
		deliver(&packet);
		break;
	}
	world_time(game.now);
	watch_all();
}

/*
 * Most ids have one home in a table, the last place: they fill its span, and it
 * goes round. Some of those part when a table grows.
 */
static void name_senders(void)
{
	static const uint8_t homes[] = { 0x3f, 0x3f, 0x7f, 0x3f, 0x7f, 0xff,
					 0x3f, 0x7f, 0xff, 0x3f, 0,    1 };
	int i;

	for (i = 0; i < SENDERS; i++) {
		struct sender *sender = &game.senders[i];

		sender->boot_id = 0x1000 * i + 7;
		sender->interval_us = 1000;
		/* The last stranger has no id at all. */
		if (i == SENDERS - 1)
			continue;
		sender->id[0] = i + 1;
		if (i < MODEL_PEERS) {
			sender->id[8] = homes[i];
			memcpy(game.model.peers[i].id, sender->id, sizeof(sender->id));
		}
	}
}

static void begin_game(uint8_t set_up)
{
	static const int peers[] = { 1, 2, 5, 9 }, identity_steps[] = { 0, 2, 3, 4 };
	int n, i;

	game.now = 1000000000;
	world_time(game.now);
	world_cpu(0);
	game.model.id[0] = 5;		/* senior to some, junior to others */
	name_senders();
	for (i = 0; i < MODEL_IDENTITIES; i++) {
		game.model.identities[i].name = i ? "web" : "db";
		game.model.identities[i].hash = model_hash(game.model.identities[i].name);
		game.model.identities[i].flags = i ? HOTID_IDENTITY_FLAGS_AUTO :
				HOTID_IDENTITY_FLAGS_AUTO | HOTID_IDENTITY_FLAGS_AUTO_HUNG;
	}
	model_key_set(&game.model, secrets[0], 0);
	for (n = 0; n < game.n_nodes; n++) {
		struct world *world = world_new(game.model.id);

		game.nodes[n].world = world;
		REQUIRE(!world_key_set(world, secrets[0], 0));
	}
	if (game.frames && set_up & 1)
		step_probe(false);
	for (i = 0; i < peers[set_up / 2 % 4]; i++)
		step_peer(&game.model.peers[i], true);
	if (set_up & 64)
		step_key(0x20, secrets[1]);
	/* The first identity is nothing here yet, armed, being taken, or held. */
	for (i = 0; i < identity_steps[set_up / 8 % 4]; i++)
		step_identity(&game.model.identities[0], ONWARD);
	if (set_up & 32)
		step_greet(&game.senders[0]);
}

void play(const uint8_t *data, size_t size, bool frames)
{
	int n;

	memset(&game, 0, sizeof(game));
	game.data = data;
	game.size = size;
	game.frames = frames;
	game.n_nodes = frames ? 2 : 1;
	if (frames)
		probe_reset();
	begin_game(take());
	while (game.size)
		step(take());
	for (n = 0; n < game.n_nodes; n++)
		world_free(game.nodes[n].world);
}

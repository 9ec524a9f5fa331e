// SPDX-License-Identifier: GPL-2.0
/*
 * Packets that nobody should send, through the module's own receive path and
 * through the probe: each is counted by what is wrong with it, and changes
 * nothing. Runs in virtual time.
 *
 *   ┌──────────────┐                        ┌──────────────┐
 *   │ sender       │ s0 ──────────────── o0 │ observer     │
 *   │ a fake peer, │                        │ watches it   │
 *   │ and the one  │ s1 ──────────────── o1 │              │
 *   │ who attacks  │                        └──────────────┘
 *   └──────────────┘
 */
#include <signal.h>

#include "lib/capture.h"
#include "lib/clock.h"
#include "lib/fake.h"
#include "lib/harness.h"
#include "lib/listener.h"
#include "lib/net.h"
#include "lib/pair.h"
#include "lib/probe.h"

#define BOOT_ID		0x1122334455667788ULL
#define OLD_BOOT_ID	0x0102030405060708ULL
#define SLOW		10000000	/* an interval that no test waits for */

FIXTURE(hostile) {
	struct pair pair;
	struct node observer;
	struct probe probe;
	struct fake peer;
	struct listener events;
};

FIXTURE_VARIANT(hostile) {
	uint32_t mode;
};

FIXTURE_VARIANT_ADD(hostile, module) { HOTID_PROBE_MODE_NONE };
FIXTURE_VARIANT_ADD(hostile, native) { HOTID_PROBE_MODE_NATIVE };
FIXTURE_VARIANT_ADD(hostile, generic) { HOTID_PROBE_MODE_GENERIC };

FIXTURE_SETUP(hostile)
{
	pair_make(&self->pair);
	node_start(&self->observer, self->pair.observer, 2, 10000);
	probe_start(&self->probe, &self->observer, "o0", variant->mode);
	fake_open(&self->peer, self->pair.sender, &self->observer, 1, BOOT_ID, SLOW);
	fake_come_up(&self->peer);
	listener_open(&self->events, self->pair.observer);
}

/* Whatever a test did: the peer is up as it was, and nothing was said of it. */
FIXTURE_TEARDOWN(hostile)
{
	struct hotid_peer peer = peer_read(&self->observer, self->peer.beat.node_id);

	EXPECT_EQ(NULL, listener_next(&self->events, 100 * MS));
	EXPECT_EQ(HOTID_PEER_STATE_UP, peer.state);
	EXPECT_EQ(BOOT_ID, peer.boot_id);
	EXPECT_EQ(SLOW, peer.interval_us);
	EXPECT_EQ(0, peer.downs);
	if (self->probe.skeleton)
		probe_unload(&self->probe);
	hotid_close(self->observer.h);
}

#define THIS	struct __test_metadata *_metadata, struct _test_data_hostile *self

static uint64_t total(const struct hotid_counts *counts)
{
	/* What is unverified and shown to the module is counted as control as well. */
	return counts->accepted + counts->truncated + counts->version + counts->unknown +
	       counts->bad_mac + counts->replayed + counts->control;
}

static struct hotid_counts counts_now(struct _test_data_hostile *self)
{
	return node_read(&self->observer).counters;
}

/* Since before, this many packets were counted, and all by what *field counts. */
static void expect_counted(THIS, const struct hotid_counts *before, size_t field, uint64_t n,
			   const char *what)
{
	struct hotid_counts now;
	uint64_t got;

	WAIT_FOR((now = counts_now(self), total(&now) >= total(before) + n), SECOND);
	got = *(uint64_t *)((char *)&now + field) - *(uint64_t *)((char *)before + field);
	EXPECT_EQ(n, got)
		TH_LOG("%s", what);
	EXPECT_EQ(n, total(&now) - total(before)) {
		TH_LOG("%s: accepted %lu, truncated %lu, version %lu, unknown %lu, bad mac %lu, "
		       "replayed %lu, control %lu", what, now.accepted - before->accepted,
		       now.truncated - before->truncated, now.version - before->version,
		       now.unknown - before->unknown, now.bad_mac - before->bad_mac,
		       now.replayed - before->replayed, now.control - before->control);
	}
}

#define COUNTED(before, kind, n, what)						\
	expect_counted(_metadata, self, before, offsetof(struct hotid_counts, kind), n, what)

/* One packet; counted as this kind. */
#define SEND_ONE(packet, kind, what)						\
	do {									\
		struct hotid_counts _before = counts_now(self);			\
										\
		fake_send(&self->peer, packet);					\
		COUNTED(&_before, kind, 1, what);				\
	} while (0)

/* The next beat of the peer, not sent yet. */
static struct packet fresh(struct _test_data_hostile *self)
{
	struct packet packet = self->peer.beat;

	packet.seq++;
	return packet;
}

TEST_F(hostile, a_good_beat_is_accepted)
{
	struct hotid_counts before = counts_now(self);
	int i;

	for (i = 0; i < 20; i++)
		fake_beat(&self->peer, i % 4);
	COUNTED(&before, accepted, 20, "good beats");
}

TEST_F(hostile, wrong_lengths)
{
	struct packet claim, beat = fresh(self);
	struct hotid_counts before = counts_now(self);
	uint8_t bytes[256] = {};
	size_t length, sent = 0;

	/* As long as its head is whole, a MAC right for its length is of no use. */
	packet_write(&beat, cluster_key, bytes);
	for (length = 0; length < 200; length++) {
		if (length == BEAT_SIZE)
			continue;
		udp_send(self->peer.socket, bytes, length);
		sent++;
	}
	COUNTED(&before, truncated, sent, "beats of wrong lengths");

	claim = packet_claim(&beat, beat.seq, "web", 1, HOTID_IDENTITY_STATE_HELD);
	before = counts_now(self);
	packet_write(&claim, cluster_key, bytes);
	for (sent = 0, length = 0; length < 200; length++) {
		if (length == CLAIM_SIZE)
			continue;
		udp_send(self->peer.socket, bytes, length);
		sent++;
	}
	COUNTED(&before, truncated, sent, "claims of wrong lengths");
}

/* Well signed, and of another protocol, version, type or path. */
TEST_F(hostile, wrong_form)
{
	struct packet packet;
	int value;

	for (value = 0; value < 16; value++) {
		packet = fresh(self);
		packet.magic ^= 1 << value;
		SEND_ONE(&packet, version, "magic");
	}
	for (value = 0; value < 256; value += value < 8 ? 1 : 31) {
		packet = fresh(self);
		packet.version = value;
		if (value != WIRE_VERSION)
			SEND_ONE(&packet, version, "version");
		packet = fresh(self);
		packet.type = value;
		if (value < BEAT || value > CLAIM)
			SEND_ONE(&packet, version, "type");
		packet = fresh(self);
		packet.path = value;
		if (value > 3)
			SEND_ONE(&packet, version, "path");
	}
}

/* An id that differs in any one bit is another node's. */
TEST_F(hostile, unknown_nodes)
{
	struct packet packet;
	int bit;

	for (bit = 0; bit < 128; bit++) {
		packet = fresh(self);
		packet.node_id[bit / 8] ^= 1 << bit % 8;
		SEND_ONE(&packet, unknown, "id");
	}
	packet = fresh(self);
	memset(packet.node_id, 0, sizeof(packet.node_id));
	SEND_ONE(&packet, unknown, "id of zeroes");
	/* One's own packets, reflected. */
	memcpy(packet.node_id, self->observer.id, sizeof(packet.node_id));
	SEND_ONE(&packet, unknown, "own id");
}

/* Any bit that differs from what was signed, but those whose form is judged before. */
static void bad_bits(THIS, const struct packet *packet, const uint8_t *key)
{
	struct hotid_counts before = counts_now(self);
	uint8_t bytes[PACKET_MAX];
	size_t length = packet_write(packet, key, bytes), bit, sent = 0;

	for (bit = 4 * 8; bit < length * 8; bit++) {
		size_t at = bit / 8;

		if ((at >= 8 && at < 24) || (at == 42 && bit % 8 > 1))
			continue;
		bytes[at] ^= 1 << bit % 8;
		udp_send(self->peer.socket, bytes, length);
		bytes[at] ^= 1 << bit % 8;
		sent++;
	}
	COUNTED(&before, bad_mac, sent, "one bit wrong");
}

TEST_F(hostile, wrong_mac)
{
	static const uint8_t other_key[HOTID_KEY_LEN] = "another cluster";
	struct packet claim, beat = fresh(self);
	struct hotid_counts before;
	uint8_t bytes[PACKET_MAX];
	size_t length;

	bad_bits(_metadata, self, &beat, cluster_key);
	claim = packet_claim(&beat, beat.seq, "web", 1, HOTID_IDENTITY_STATE_HELD);
	bad_bits(_metadata, self, &claim, cluster_key);

	before = counts_now(self);
	length = packet_write(&beat, other_key, bytes);
	udp_send(self->peer.socket, bytes, length);
	COUNTED(&before, bad_mac, 1, "key of another cluster");
	before = counts_now(self);
	beat.key_generation = 2;
	fake_send(&self->peer, &beat);
	COUNTED(&before, bad_mac, 1, "generation that is not set");
	before = counts_now(self);
	beat.key_generation = 0;
	length = packet_write(&beat, (uint8_t[16]) {}, bytes);
	udp_send(self->peer.socket, bytes, length);
	COUNTED(&before, bad_mac, 1, "generation 0 with a key of zeroes");
}

/* Of two keys that are accepted, each signs for its own generation and no other. */
TEST_F(hostile, wrong_mac_under_two_keys)
{
	static const uint8_t second[HOTID_KEY_LEN] = "the second key";
	const uint8_t *keys[] = { NULL, cluster_key, second };
	uint8_t bytes[PACKET_MAX];
	uint32_t generation;
	size_t length;

	MUST(self->observer.h, hotid_node_add_key(self->observer.h, 2, second));
	for (generation = 1; generation <= 2; generation++) {
		struct hotid_counts before = counts_now(self);

		self->peer.beat.key_generation = generation;
		self->peer.beat.seq++;
		length = packet_write(&self->peer.beat, keys[3 - generation], bytes);
		udp_send(self->peer.socket, bytes, length);
		COUNTED(&before, bad_mac, 1, "the other generation's key");
		bad_bits(_metadata, self, &self->peer.beat, keys[generation]);
		before = counts_now(self);
		length = packet_write(&self->peer.beat, keys[generation], bytes);
		udp_send(self->peer.socket, bytes, length);
		COUNTED(&before, accepted, 1, "its own key");
	}
}

TEST_F(hostile, replayed_sequences)
{
	struct hotid_counts before;
	struct packet packet;
	int i;

	for (i = 0; i < 50; i++)
		fake_beat(&self->peer, 0);
	before = counts_now(self);
	WAIT_FOR(counts_now(self).accepted >= before.accepted + 50, SECOND);
	before = counts_now(self);
	for (i = 0; i < 50; i++) {
		packet = self->peer.beat;
		packet.seq -= i;
		fake_send(&self->peer, &packet);
	}
	packet.seq = 0;
	fake_send(&self->peer, &packet);
	COUNTED(&before, replayed, 51, "old sequences");
	/* With other settings too: they were news once. */
	packet = self->peer.beat;
	packet.interval_us = 1000;
	packet.health = 1;
	SEND_ONE(&packet, replayed, "old sequence with other settings");
	/* What is new is accepted after all that. */
	before = counts_now(self);
	fake_beat(&self->peer, 0);
	COUNTED(&before, accepted, 1, "a new sequence");
}

/* An earlier life of the peer was recorded: it is asked for proof, and has none. */
TEST_F(hostile, replayed_boot_id)
{
	struct hotid_counts before = counts_now(self);
	struct packet packet;
	uint64_t nonce;
	int i;

	for (i = 1; i <= 50; i++) {
		packet = packet_beat(self->peer.beat.node_id, OLD_BOOT_ID, i + 1000, 1000);
		fake_send(&self->peer, &packet);
		sleep_ns(2 * MS);
	}
	COUNTED(&before, control, 50, "beats of an old boot id");
	EXPECT_EQ(before.unverified + 50, counts_now(self).unverified);
	nonce = fake_challenged(&self->peer, SECOND);
	EXPECT_NE(0, nonce);
	/* An answer to anything else is none; neither is one under another boot id's. */
	before = counts_now(self);
	packet.type = ANSWER;
	packet.nonce = nonce ^ 1;
	fake_send(&self->peer, &packet);
	packet.nonce = 0;
	fake_send(&self->peer, &packet);
	COUNTED(&before, replayed, 2, "answers to nothing");
	before = counts_now(self);
	fake_beat(&self->peer, 0);
	COUNTED(&before, accepted, 1, "the living boot id");
}

/* Proof given once is no proof later. */
TEST_F(hostile, replayed_answer)
{
	struct hotid_counts before = counts_now(self);
	struct packet packet = self->peer.beat;
	uint64_t nonce, now;
	int i;

	EXPECT_EQ(0, peer_read(&self->observer, packet.node_id).asked_ns);
	now = now_ns();
	/* The living one is asked only when its boot id is not believed. */
	packet.boot_id = OLD_BOOT_ID;
	fake_send(&self->peer, &packet);
	nonce = fake_challenged(&self->peer, SECOND);
	EXPECT_NE(0, nonce);
	EXPECT_LE(now, peer_read(&self->observer, packet.node_id).asked_ns);
	fake_answer(&self->peer, nonce);
	COUNTED(&before, control, 2, "question and answer");
	EXPECT_EQ(0, peer_read(&self->observer, packet.node_id).asked_ns);
	before = counts_now(self);
	for (i = 0; i < 10; i++) {
		packet.type = ANSWER;
		packet.nonce = nonce;
		packet.boot_id = OLD_BOOT_ID;
		fake_send(&self->peer, &packet);
	}
	COUNTED(&before, replayed, 10, "the same answer again");
	before = counts_now(self);
	fake_beat(&self->peer, 0);
	COUNTED(&before, accepted, 1, "the living boot id");
}

/* Last words and claims of old: authentic, and without effect. */
TEST_F(hostile, replayed_control)
{
	struct hotid_counts before, after;
	struct packet packet;
	int i, old;

	MUST(self->observer.h, hotid_identity_new(self->observer.h, "web", 0));
	listener_identity(&self->events, "web", SECOND);
	for (i = 0; i < 5; i++)
		fake_beat(&self->peer, 0);
	for (old = 0; old < 2; old++) {
		before = counts_now(self);
		for (i = 0; i < 5; i++) {
			packet = self->peer.beat;
			packet.type = GASP;
			packet.reason = HOTID_GASP_PANIC;
			packet.seq -= i;
			packet.boot_id = old ? OLD_BOOT_ID : BOOT_ID;
			fake_send(&self->peer, &packet);
			packet = packet_claim(&packet, packet.seq, "web", 99,
					      HOTID_IDENTITY_STATE_HELD);
			fake_send(&self->peer, &packet);
		}
		if (!old)
			COUNTED(&before, replayed, 10, "old gasps and claims");
	}
	/* No sequence makes those of an incarnation that is over new. */
	packet = fresh(self);
	packet.type = GASP;
	packet.boot_id = OLD_BOOT_ID;
	fake_send(&self->peer, &packet);
	EXPECT_TRUE(WAIT_FOR(counts_now(self).unverified == before.unverified + 11, SECOND));
	after = counts_now(self);
	EXPECT_EQ(total(&before), total(&after));
}

/* Authentic, and nonsense all the same: an interval that cannot be. */
TEST_F(hostile, impossible_interval)
{
	static const uint32_t intervals[] = {
		0, 1, HOTID_INTERVAL_MIN_US - 1, HOTID_INTERVAL_MAX_US + 1, UINT32_MAX
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(intervals); i++) {
		struct packet packet = fresh(self);

		packet.interval_us = intervals[i];
		SEND_ONE(&packet, control, "interval");
	}
}

TEST_F(hostile, noise)
{
	struct hotid_counts before = counts_now(self), after;
	unsigned int seed = 4711, i, j;
	uint8_t bytes[256];

	for (i = 0; i < 2000; i++) {
		size_t length = rand_r(&seed) % 200;
		struct packet beat = fresh(self);

		for (j = 0; j < sizeof(bytes); j++)
			bytes[j] = rand_r(&seed);
		/* Half of it looks like a packet at first, of the peer at that. */
		if (i & 1) {
			uint8_t good[PACKET_MAX];

			beat.type = i & 2 ? BEAT : GASP;
			packet_write(&beat, cluster_key, good);
			memcpy(bytes, good, rand_r(&seed) % (GASP_SIZE - 8));
			length = i & 2 ? BEAT_SIZE : GASP_SIZE;
		}
		udp_send(self->peer.socket, bytes, length);
		if (i % 100 == 99)
			sleep_ns(MS);
	}
	WAIT_FOR((after = counts_now(self), total(&after) >= total(&before) + 2000), SECOND);
	EXPECT_EQ(2000, total(&after) - total(&before));
	EXPECT_EQ(before.accepted, after.accepted);
	EXPECT_EQ(before.control, after.control);
	EXPECT_LT(before.truncated, after.truncated);
	EXPECT_LT(before.bad_mac, after.bad_mac);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * A living sender while somebody floods the observer with what he recorded
 * and made up: it neither makes the sender look dead nor the dead one alive.
 * Runs in virtual time.
 *
 *   ┌──────────────┐                        ┌──────────────┐
 *   │ sender       │ s0 ──────────────── o0 │ observer     │
 *   │ a node       │                        │ watches it   │
 *   │              │ s1 ──────────────── o1 │              │
 *   └──────────────┘                        └──────────────┘
 *
 * The attacker sits in the sender's namespace, hears all that the sender says
 * and sends on the other cable.
 */
#include <signal.h>

#include "lib/capture.h"
#include "lib/clock.h"
#include "lib/harness.h"
#include "lib/listener.h"
#include "lib/net.h"
#include "lib/node.h"
#include "lib/packet.h"
#include "lib/pair.h"
#include "lib/probe.h"

#define ALLOWED		(30 * MS)
#define BACKLOG		MS	/* of what was sent before the cut, behind the flood in softirqs */
#define RECORDED	100

FIXTURE(flood) {
	struct pair pair;
	struct node sender, observer;
	struct probe probe;
	struct listener events;
	uint8_t record[RECORDED][BEAT_SIZE];
	pid_t attacker;
};

FIXTURE_VARIANT(flood) {
	uint32_t mode;
};

FIXTURE_VARIANT_ADD(flood, module) { HOTID_PROBE_MODE_NONE };
FIXTURE_VARIANT_ADD(flood, native) { HOTID_PROBE_MODE_NATIVE };
FIXTURE_VARIANT_ADD(flood, generic) { HOTID_PROBE_MODE_GENERIC };

FIXTURE_SETUP(flood)
{
	const struct note *note;
	int capture, i = 0;

	pair_make(&self->pair);
	node_start(&self->sender, self->pair.sender, 1, 10000);
	node_start(&self->observer, self->pair.observer, 2, 10000);
	listener_open(&self->events, self->pair.observer);
	capture = capture_open(self->pair.observer, "o0");
	peer_add(&self->observer, self->sender.id, WATCH, SENDER);
	peer_add(&self->sender, self->observer.id, TELL, OBSERVER);
	while (i < RECORDED) {
		struct datagram datagram;
		struct frame frame;

		ASSERT_TRUE(capture_datagram(capture, HOTID_DEFAULT_PORT, &frame, &datagram,
					     SECOND));
		if (datagram.length == BEAT_SIZE && datagram.payload[3] == BEAT)
			memcpy(self->record[i++], datagram.payload, BEAT_SIZE);
	}
	close(capture);
	note = listener_next(&self->events, SECOND);
	ASSERT_NE(NULL, note);
	EXPECT_EQ(HOTID_PEER_STATE_UP, note->peer.state);
	/* Only now, since nobody can record what a probe takes. */
	probe_start(&self->probe, &self->observer, "o0", variant->mode);
	probe_start(&self->probe, &self->observer, "o1", variant->mode);
}

FIXTURE_TEARDOWN(flood)
{
	if (self->probe.skeleton)
		probe_unload(&self->probe);
	hotid_close(self->sender.h);
	hotid_close(self->observer.h);
}

/* One packet of an attack: a recorded one, or one that only looks like it. */
static size_t attack_packet(struct _test_data_flood *self, unsigned int *seed, uint8_t *bytes)
{
	unsigned int i, kind = rand_r(seed) % 6;
	size_t length = BEAT_SIZE;
	struct packet packet;

	memcpy(bytes, self->record[rand_r(seed) % RECORDED], BEAT_SIZE);
	if (kind == 1) {
		bytes[rand_r(seed) % BEAT_SIZE] ^= 1 << rand_r(seed) % 8;
	} else if (kind == 2) {
		length = rand_r(seed) % 80;
	} else if (kind == 3) {
		for (i = 0; i < BEAT_SIZE; i++)
			bytes[i] = rand_r(seed);
	} else if (kind == 4) {
		/* Recorded in an earlier life. */
		packet = packet_beat(self->sender.id, 0xdead, rand_r(seed), 10000);
		length = packet_write(&packet, cluster_key, bytes);
	} else if (kind == 5) {
		packet = packet_beat(self->sender.id, 0xdead, rand_r(seed), 10000);
		packet.type = GASP + rand_r(seed) % 3;
		length = packet_write(&packet, cluster_key, bytes);
	}
	return length;
}

/* Flood, a few packets each millisecond, until killed. */
static void attack(struct _test_data_flood *self)
{
	int udp = udp_open(self->pair.sender, OBSERVER_TWO, HOTID_DEFAULT_PORT), i;
	unsigned int seed = 99;
	uint8_t bytes[PACKET_MAX];

	for (;;) {
		for (i = 0; i < 5; i++)
			udp_send(udp, bytes, attack_packet(self, &seed, bytes));
		sleep_ns(MS);
	}
}

static void attack_begin(struct _test_data_flood *self)
{
	self->attacker = fork();
	if (!self->attacker)
		attack(self);
}

static void attack_end(struct _test_data_flood *self)
{
	kill(self->attacker, SIGKILL);
	waitpid(self->attacker, NULL, 0);
}

static uint64_t bad_packets(const struct node *node)
{
	struct hotid_counts counts = node_read(node).counters;

	return counts.truncated + counts.version + counts.bad_mac + counts.replayed +
	       counts.unverified;
}

TEST_F(flood, accuses_nobody)
{
	uint64_t wanted = bad_packets(&self->observer) + 5000, end = now_ns() + 20 * SECOND;

	attack_begin(self);
	while (bad_packets(&self->observer) < wanted && now_ns() < end)
		EXPECT_EQ(NULL, listener_next(&self->events, 100 * MS));
	attack_end(self);
	EXPECT_EQ(HOTID_PEER_STATE_UP, peer_state(&self->observer, self->sender.id));
	EXPECT_LE(wanted, bad_packets(&self->observer));
}

TEST_F(flood, hides_nothing)
{
	const struct note *note;
	uint64_t cut, boot_id;
	int round;

	boot_id = node_read(&self->sender).boot_id;
	attack_begin(self);
	for (round = 0; round < 5; round++) {
		EXPECT_EQ(NULL, listener_next(&self->events, 100 * MS));
		ns_lose(self->pair.sender, OBSERVER, true);
		cut = now_ns();
		note = listener_next(&self->events, SECOND);
		ASSERT_NE(NULL, note);
		EXPECT_EQ(HOTID_PEER_STATE_DOWN, note->peer.state);
		EXPECT_EQ(HOTID_REASON_PEER_SILENT, note->peer.event);
		EXPECT_LE(peer_last_ns(&note->peer), cut + BACKLOG);
		EXPECT_GE(note->peer.changed_ns, peer_last_ns(&note->peer) + ALLOWED);
		/* The timer may share an interrupt; what is late by a quarter got grace. */
		EXPECT_LE(note->peer.changed_ns, cut + ALLOWED + ALLOWED / 32 + ALLOWED / 4) {
			TH_LOG("down %llu us after its last beat",
			       (note->peer.changed_ns - peer_last_ns(&note->peer)) / US);
		}
		/* Nor does it bring the dead back. */
		EXPECT_EQ(NULL, listener_next(&self->events, SECOND));
		ns_lose(self->pair.sender, OBSERVER, false);
		note = listener_next(&self->events, SECOND);
		ASSERT_NE(NULL, note);
		EXPECT_EQ(HOTID_PEER_STATE_UP, note->peer.state);
		EXPECT_EQ(boot_id, note->peer.boot_id);
	}
	attack_end(self);
}

TEST_HARNESS_MAIN

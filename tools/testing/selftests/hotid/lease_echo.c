// SPDX-License-Identifier: GPL-2.0
/*
 * What echoes and promises make of a lease: the test plays the one who gives it, and says
 * what no node says. Runs in virtual time.
 *
 *   ┌──────────────┐                        ┌──────────────┐
 *   │ sender       │ s0 ──────────────── o0 │ observer     │
 *   │ the test     │                        │ a node,      │
 *   │              │                        │ has a lease  │
 *   └──────────────┘                        └──────────────┘
 */
#include "lib/clock.h"
#include "lib/fake.h"
#include "lib/harness.h"
#include "lib/net.h"
#include "lib/node.h"
#include "lib/pair.h"
#include "lib/probe.h"

#define INTERVAL	(10 * MS)
#define BOTH		(WATCH | TELL)

/* As lease.h says: part of the promise that is not used, */
#define MARGIN		256
/* and how many packets of a node it knows the time of. */
#define REMEMBERED	512

#define PROMISE		(5 * SECOND)
#define BOOT_ID		77

FIXTURE(echo) {
	struct pair pair;
	struct node node;
	struct probe probe;
	struct fake peer;
};

FIXTURE_VARIANT(echo) {
	uint32_t mode;
};

FIXTURE_VARIANT_ADD(echo, module) { HOTID_PROBE_MODE_NONE };
FIXTURE_VARIANT_ADD(echo, native) { HOTID_PROBE_MODE_NATIVE };

#define THIS	struct __test_metadata *_metadata, struct _test_data_echo *self

static uint64_t unused(uint64_t promise)
{
	return promise / MARGIN;
}

static struct hotid_peer told(struct _test_data_echo *self, uint32_t flags)
{
	struct hotid_peer peer = peer_with(self->peer.beat.node_id, flags);

	peer_path(&peer, SENDER);
	peer.paths[0].port = FAKE_PORT;
	return peer;
}

FIXTURE_SETUP(echo)
{
	struct hotid_peer peer;

	pair_make(&self->pair);
	node_start(&self->node, self->pair.observer, 2, INTERVAL / US);
	probe_start(&self->probe, &self->node, "o0", variant->mode);
	fake_open(&self->peer, self->pair.sender, &self->node, 1, BOOT_ID, 10 * SECOND / US);
	fake_come_up(&self->peer);
	peer = told(self, BOTH);
	peer_set(&self->node, &peer);
}

FIXTURE_TEARDOWN(echo)
{
	if (self->probe.skeleton)
		probe_unload(&self->probe);
	hotid_close(self->node.h);
}

static uint64_t echo_lease(struct _test_data_echo *self)
{
	return peer_read(&self->node, self->peer.beat.node_id).lease_ns;
}

/* The next packet of a type that the node sent. */
static struct packet hear(THIS, uint8_t type)
{
	uint64_t limit = now_ns() + SECOND;
	struct packet packet = {};

	do {
		if (!fake_hear(&self->peer, &packet, SECOND))
			break;
	} while (packet.type != type && now_ns() < limit);
	ASSERT_EQ(type, packet.type);
	return packet;
}

/* The next beat that it sends from now on, which is *from. */
static struct packet hear_beat(THIS, uint64_t *from)
{
	struct packet packet;

	do {
		*from = now_ns();
	} while (fake_hear(&self->peer, &packet, 0));
	return hear(_metadata, self, BEAT);
}

static void say(struct _test_data_echo *self, uint64_t seq, uint64_t promise)
{
	self->peer.beat.echo = seq;
	self->peer.beat.promise_us = promise / US;
	fake_beat(&self->peer, 0);
	sleep_ns(2 * MS);
}

/* The lease is counted from when the packet was sent: after @from, and before now. */
static void expect_counted(THIS, uint64_t seq, uint64_t from, uint64_t promise)
{
	uint64_t heard = now_ns(), end;

	/* Its echo comes some time later. */
	sleep_ns(5 * INTERVAL);
	say(self, seq, promise);
	end = echo_lease(self);
	EXPECT_GE(end, from + promise - unused(promise));
	EXPECT_LE(end, heard + promise - unused(promise));
}

TEST_F(echo, counts_from_the_beat_that_is_echoed)
{
	struct packet packet;
	uint64_t from;

	packet = hear_beat(_metadata, self, &from);
	expect_counted(_metadata, self, packet.seq, from, PROMISE);
	packet = hear_beat(_metadata, self, &from);
	expect_counted(_metadata, self, packet.seq, from, 30 * MS);
	packet = hear_beat(_metadata, self, &from);
	expect_counted(_metadata, self, packet.seq, from, 200 * SECOND);
}

/* The newest that the peer heard may be an answer to its challenge. */
TEST_F(echo, counts_from_any_packet)
{
	struct packet challenge = self->peer.beat, packet;
	uint64_t from = now_ns();

	challenge.type = CHALLENGE;
	challenge.seq = ++self->peer.beat.seq;
	challenge.nonce = 4711;
	fake_send(&self->peer, &challenge);
	packet = hear(_metadata, self, ANSWER);
	expect_counted(_metadata, self, packet.seq, from, PROMISE);
}

/* The last word counts, also when it takes something back. */
TEST_F(echo, can_be_taken_back)
{
	struct packet first, packet;
	uint64_t from;

	first = hear_beat(_metadata, self, &from);
	packet = hear(_metadata, self, BEAT);
	say(self, packet.seq, PROMISE);
	EXPECT_LT(now_ns(), echo_lease(self));
	expect_counted(_metadata, self, first.seq, from, PROMISE);
	say(self, packet.seq, 0);
	EXPECT_EQ(0, echo_lease(self));
	say(self, 0, PROMISE);
	EXPECT_EQ(0, echo_lease(self));
}

/* What the node did not send, or so long ago that it does not know when. */
TEST_F(echo, of_what_was_not_sent)
{
	uint64_t from, end;
	struct packet packet = hear_beat(_metadata, self, &from);
	const uint64_t wrong[] = { 1, 77, packet.seq + REMEMBERED * 4, packet.seq - REMEMBERED * 4,
				   packet.seq + (1ULL << 34), packet.seq ^ (1ULL << 35),
				   UINT64_MAX };
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		say(self, wrong[i], PROMISE);
		EXPECT_EQ(0, echo_lease(self)) {
			TH_LOG("echo %zu", i);
		}
		/* And then it says something right. */
		packet = hear_beat(_metadata, self, &from);
		expect_counted(_metadata, self, packet.seq, from, PROMISE);
	}
	end = echo_lease(self);
	say(self, packet.seq, 2 * PROMISE);
	EXPECT_LT(end, echo_lease(self));
	sleep_ns((REMEMBERED + 10) * INTERVAL);
	EXPECT_EQ(0, echo_lease(self));
	EXPECT_EQ(HOTID_PEER_STATE_UP, peer_state(&self->node, self->peer.beat.node_id));
}

/* The observer restarts. What it promised before binds nobody now. */
TEST_F(echo, of_an_earlier_boot)
{
	struct packet packet, gasp = self->peer.beat, challenge;
	uint64_t from;

	packet = hear_beat(_metadata, self, &from);
	say(self, packet.seq, PROMISE);
	EXPECT_LT(now_ns(), echo_lease(self));
	gasp.type = GASP;
	gasp.reason = HOTID_GASP_REBOOT;
	gasp.seq = self->peer.beat.seq + 1;
	fake_send(&self->peer, &gasp);
	ASSERT_TRUE(WAIT_FOR(peer_state(&self->node, gasp.node_id) == HOTID_PEER_STATE_DOWN,
			     SECOND));
	/* It is down, and its word holds until somebody else has its name. */
	EXPECT_LT(now_ns(), echo_lease(self));
	self->peer.beat.boot_id++;
	self->peer.beat.echo = self->peer.beat.promise_us = 0;
	fake_beat(&self->peer, 0);
	challenge = hear(_metadata, self, CHALLENGE);
	fake_answer(&self->peer, challenge.nonce);
	ASSERT_TRUE(WAIT_FOR(peer_state(&self->node, gasp.node_id) == HOTID_PEER_STATE_UP,
			     SECOND));
	EXPECT_EQ(0, echo_lease(self));
	/* A recording of the earlier boot changes nothing. */
	packet = self->peer.beat;
	packet.boot_id--;
	packet.seq += 10;
	packet.echo = hear_beat(_metadata, self, &from).seq;
	packet.promise_us = PROMISE / US;
	fake_send(&self->peer, &packet);
	sleep_ns(2 * MS);
	EXPECT_EQ(0, echo_lease(self));
	/* Its own word does. */
	packet = hear_beat(_metadata, self, &from);
	expect_counted(_metadata, self, packet.seq, from, PROMISE);
}

TEST_HARNESS_MAIN

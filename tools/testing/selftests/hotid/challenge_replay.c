// SPDX-License-Identifier: GPL-2.0
/*
 * Challenges and answers while somebody plays back what he recorded. Runs in
 * virtual time.
 *
 *   ┌──────────────┐                        ┌──────────────┐
 *   │ sender       │ s0 ──────────────── o0 │ observer     │
 *   │ a fake peer, │                        │ watches it,  │
 *   │ and the one  │ s1 ──────────────── o1 │ and answers  │
 *   │ who records  │                        │ it           │
 *   └──────────────┘                        └──────────────┘
 */
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
#define NONCE_LIFE	SECOND

FIXTURE(challenge) {
	struct pair pair;
	struct node observer;
	struct probe probe;
	struct fake peer;
};

FIXTURE_VARIANT(challenge) {
	uint32_t mode;
};

FIXTURE_VARIANT_ADD(challenge, module) { HOTID_PROBE_MODE_NONE };
FIXTURE_VARIANT_ADD(challenge, native) { HOTID_PROBE_MODE_NATIVE };
FIXTURE_VARIANT_ADD(challenge, generic) { HOTID_PROBE_MODE_GENERIC };

FIXTURE_SETUP(challenge)
{
	pair_make(&self->pair);
	node_start(&self->observer, self->pair.observer, 2, 10000);
	probe_start(&self->probe, &self->observer, "o0", variant->mode);
	fake_open(&self->peer, self->pair.sender, &self->observer, 1, BOOT_ID, SLOW);
}

FIXTURE_TEARDOWN(challenge)
{
	if (self->probe.skeleton)
		probe_unload(&self->probe);
	hotid_close(self->observer.h);
}

/* The peer asks, with its next sequence. */
static struct packet question(struct _test_data_challenge *self, uint64_t nonce)
{
	struct packet packet = self->peer.beat;

	packet.type = CHALLENGE;
	packet.seq = ++self->peer.beat.seq;
	packet.nonce = nonce;
	return packet;
}

/* Whether it is answered with this nonce; challenges in return are answered, too. */
static bool answered(struct _test_data_challenge *self, uint64_t nonce, uint64_t limit_ns)
{
	uint64_t end = now_ns() + limit_ns;
	struct packet packet;

	do {
		if (!fake_hear(&self->peer, &packet, MS))
			continue;
		if (packet.type == ANSWER && packet.nonce == nonce)
			return true;
		if (packet.type == CHALLENGE) {
			self->peer.beat.seq++;
			fake_answer(&self->peer, packet.nonce);
		}
	} while (now_ns() < end);
	return false;
}

/* Two hundred challenges of the last hour, and of lives before, within 10 ms. */
TEST_F(challenge, is_answered_among_replays)
{
	struct packet recorded[20], packet;
	unsigned int missed = 0;
	uint64_t nonce = 1000;
	size_t i, j;

	fake_come_up(&self->peer);
	for (i = 0; i < ARRAY_SIZE(recorded); i++) {
		recorded[i] = question(self, ++nonce);
		if (i & 1) {
			recorded[i].boot_id = OLD_BOOT_ID + i;
			recorded[i].seq = 1 + i;
		} else {
			fake_send(&self->peer, &recorded[i]);
			EXPECT_TRUE(answered(self, nonce, 10 * MS));
			sleep_ns(2 * MS);
		}
	}
	for (i = 0; i < 50; i++) {
		for (j = 0; j < ARRAY_SIZE(recorded); j++)
			fake_send(&self->peer, &recorded[j]);
		packet = question(self, ++nonce);
		fake_send(&self->peer, &packet);
		missed += !answered(self, nonce, 5 * MS);
	}
	EXPECT_EQ(0, missed);
}

/* One that is played back is not answered again. */
TEST_F(challenge, is_answered_once)
{
	struct packet packet, heard;
	int i, again = 0;

	fake_come_up(&self->peer);
	packet = question(self, 77);
	fake_send(&self->peer, &packet);
	EXPECT_TRUE(answered(self, 77, 10 * MS));
	for (i = 0; i < 20; i++) {
		sleep_ns(2 * MS);
		fake_send(&self->peer, &packet);
		again += fake_hear(&self->peer, &heard, 2 * MS);
	}
	EXPECT_EQ(0, again);
}

/* Two nodes that never heard of each other: the one that asks has to prove itself. */
TEST_F(challenge, proves_who_asks)
{
	struct packet packet = question(self, 77), heard;
	bool asked = false, answer = false;
	uint64_t nonce = 0;

	fake_send(&self->peer, &packet);
	while (fake_hear(&self->peer, &heard, 20 * MS)) {
		if (heard.type == CHALLENGE) {
			asked = true;
			nonce = heard.nonce;
		} else {
			EXPECT_EQ(ANSWER, heard.type);
			EXPECT_EQ(77, heard.nonce);
			answer = true;
		}
	}
	EXPECT_TRUE(asked);
	EXPECT_TRUE(answer);
	/* Who only asks, and does not beat, is not up by its answer. */
	self->peer.beat.seq++;
	fake_answer(&self->peer, nonce);
	EXPECT_TRUE(WAIT_FOR(!peer_read(&self->observer, packet.node_id).asked_ns, SECOND));
	EXPECT_EQ(HOTID_PEER_STATE_UNKNOWN, peer_state(&self->observer, packet.node_id));
}

/* An answer that was kept back for long proves a life of long ago. */
TEST_F(challenge, expires)
{
	uint64_t nonce, next;

	fake_beat(&self->peer, 0);
	nonce = fake_challenged(&self->peer, SECOND);
	ASSERT_NE(0, nonce);
	sleep_ns(NONCE_LIFE + 10 * MS);
	fake_answer(&self->peer, nonce);
	sleep_ns(10 * MS);
	EXPECT_EQ(HOTID_PEER_STATE_UNKNOWN, peer_state(&self->observer, self->peer.beat.node_id));
	/* It is asked for another one, which stays the same while it is good. */
	fake_beat(&self->peer, 0);
	next = fake_challenged(&self->peer, SECOND);
	EXPECT_NE(0, next);
	EXPECT_NE(nonce, next);
	sleep_ns(NONCE_LIFE / 2);
	fake_beat(&self->peer, 0);
	EXPECT_EQ(next, fake_challenged(&self->peer, SECOND));
	fake_answer(&self->peer, next);
	EXPECT_TRUE(WAIT_FOR(peer_state(&self->observer, self->peer.beat.node_id) ==
			     HOTID_PEER_STATE_UP, SECOND));
}

/* A flood of what lives that are over said: the module sees little of it. */
TEST_F(challenge, keeps_old_lives_off)
{
	static const uint8_t types[] = { BEAT, GASP, CHALLENGE, ANSWER, CLAIM };
	struct hotid_counts before, after;
	uint64_t began, took;
	struct packet packet;
	size_t i, j;

	fake_come_up(&self->peer);
	before = node_read(&self->observer).counters;
	began = now_ns();
	for (i = 0; i < 200; i++) {
		for (j = 0; j < ARRAY_SIZE(types); j++) {
			packet = self->peer.beat;
			packet.type = types[j];
			packet.boot_id = OLD_BOOT_ID;
			packet.seq = 1000 + i;
			packet.nonce = i;
			fake_send(&self->peer, &packet);
		}
	}
	EXPECT_TRUE(WAIT_FOR((after = node_read(&self->observer).counters,
			      after.unverified + after.replayed >=
			      before.unverified + before.replayed + 1000), SECOND));
	took = now_ns() - began;
	/* A beat and a challenge in each millisecond. */
	EXPECT_LE(after.control - before.control, 2 * (took / MS + 1));
	EXPECT_LT(after.control - before.control, 500);
	EXPECT_EQ(0, peer_read(&self->observer, self->peer.beat.node_id).downs);
}

TEST_HARNESS_MAIN

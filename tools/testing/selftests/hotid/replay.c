// SPDX-License-Identifier: GPL-2.0
/*
 * Beats that were recorded, and never delivered, are played back after their
 * sender died: they must not keep it alive. Runs in virtual time.
 *
 *   ┌──────────────┐                        ┌──────────────┐
 *   │ sender       │ s0 ──────────────── o0 │ observer     │
 *   │ a fake peer, │                        │ watches it   │
 *   │ and the one  │ s1 ──────────────── o1 │              │
 *   │ who records  │                        └──────────────┘
 *   └──────────────┘
 *
 * All packets come in by the first cable. It is the number of the path in a
 * packet that counts, and that is signed.
 */
#include "lib/clock.h"
#include "lib/fake.h"
#include "lib/harness.h"
#include "lib/listener.h"
#include "lib/net.h"
#include "lib/pair.h"
#include "lib/probe.h"

#define BOOT_ID		0x1122334455667788ULL
#define INTERVAL	(10 * MS)
#define ALLOWED		(30 * MS)
/* A look shares its interrupt with others; what is late by a quarter gets grace. */
#define AT_MOST		(ALLOWED + ALLOWED / 32 + ALLOWED / 4)

FIXTURE(replay) {
	struct pair pair;
	struct node observer;
	struct probe probe;
	struct fake peer;
	struct listener events;
};

FIXTURE_VARIANT(replay) {
	uint32_t mode;
};

FIXTURE_VARIANT_ADD(replay, module) { HOTID_PROBE_MODE_NONE };
FIXTURE_VARIANT_ADD(replay, native) { HOTID_PROBE_MODE_NATIVE };
FIXTURE_VARIANT_ADD(replay, generic) { HOTID_PROBE_MODE_GENERIC };

FIXTURE_SETUP(replay)
{
	pair_make(&self->pair);
	node_start(&self->observer, self->pair.observer, 2, INTERVAL / US);
	probe_start(&self->probe, &self->observer, "o0", variant->mode);
	listener_open(&self->events, self->pair.observer);
	fake_open(&self->peer, self->pair.sender, &self->observer, 1, BOOT_ID, INTERVAL / US);
}

FIXTURE_TEARDOWN(replay)
{
	if (self->probe.skeleton)
		probe_unload(&self->probe);
	hotid_close(self->observer.h);
}

#define THIS	struct __test_metadata *_metadata, struct _test_data_replay *self

static void expect_state(THIS, uint32_t state, uint64_t limit_ns)
{
	const struct note *note = listener_peer(&self->events, self->peer.beat.node_id, limit_ns);

	ASSERT_NE(NULL, note) {
		TH_LOG("no event; state %u was to come", state);
	}
	EXPECT_EQ(state, note->peer.state);
}

/* Beats in time, by one path. */
static void live(struct _test_data_replay *self, int beats, uint8_t path)
{
	while (beats--) {
		fake_beat(&self->peer, path);
		sleep_ns(INTERVAL / 2);
	}
}

/*
 * The peer died at a time. Beats from one sequence to another are played back
 * on a path, so that each would come in time for its deadline; it has to be
 * down all the same, by the deadline of what was heard while it lived.
 */
static void play_back(THIS, uint64_t died, uint64_t from, uint64_t to, uint8_t path)
{
	struct packet packet = self->peer.beat;
	const struct note *note = NULL;

	packet.path = path;
	for (packet.seq = from; packet.seq <= to && !note; packet.seq++) {
		fake_send(&self->peer, &packet);
		note = listener_next(&self->events, INTERVAL);
		/* A path may come and go before. */
		if (note && note->peer.state == HOTID_PEER_STATE_UP)
			note = NULL;
	}
	ASSERT_NE(NULL, note) {
		TH_LOG("still up %llu ms after its death", (now_ns() - died) / MS);
	}
	EXPECT_EQ(HOTID_PEER_STATE_DOWN, note->peer.state);
	EXPECT_EQ(HOTID_REASON_PEER_SILENT, note->peer.event);
	EXPECT_LE(note->peer.changed_ns, died + AT_MOST) {
		TH_LOG("down %llu us after its death", (note->peer.changed_ns - died) / US);
	}
	EXPECT_LE(peer_last_ns(&note->peer), died);
}

/* One path was cut and recorded while another one worked. */
TEST_F(replay, of_a_path_that_was_cut)
{
	uint64_t first, died;

	fake_come_up(&self->peer);
	expect_state(_metadata, self, HOTID_PEER_STATE_UP, SECOND);
	first = self->peer.beat.seq + 1;
	live(self, 100, 0);
	died = now_ns();
	play_back(_metadata, self, died, first, self->peer.beat.seq, 1);
}

/* The same with what is only little older than the newest beat. */
TEST_F(replay, of_the_last_beats)
{
	uint64_t died;

	fake_come_up(&self->peer);
	expect_state(_metadata, self, HOTID_PEER_STATE_UP, SECOND);
	live(self, 100, 0);
	died = now_ns();
	play_back(_metadata, self, died, self->peer.beat.seq - 20, self->peer.beat.seq, 1);
}

/* An incarnation begins: its beats until it answered were kept back. */
TEST_F(replay, of_what_came_before_the_answer)
{
	uint64_t nonce;

	fake_beat(&self->peer, 0);
	nonce = fake_challenged(&self->peer, 2 * SECOND);
	ASSERT_NE(0, nonce);
	self->peer.beat.seq = 100;
	fake_answer(&self->peer, nonce);
	expect_state(_metadata, self, HOTID_PEER_STATE_UP, SECOND);
	play_back(_metadata, self, now_ns(), 1, 99, 0);
}

/* It was unreachable, and came back: what it sent meanwhile was kept back. */
TEST_F(replay, of_what_was_sent_while_down)
{
	uint64_t nonce, first;

	fake_come_up(&self->peer);
	expect_state(_metadata, self, HOTID_PEER_STATE_UP, SECOND);
	live(self, 10, 0);
	first = self->peer.beat.seq + 1;
	expect_state(_metadata, self, HOTID_PEER_STATE_DOWN, SECOND);
	self->peer.beat.seq += 100;
	fake_beat(&self->peer, 0);
	nonce = fake_challenged(&self->peer, 2 * SECOND);
	ASSERT_NE(0, nonce);
	fake_answer(&self->peer, nonce);
	expect_state(_metadata, self, HOTID_PEER_STATE_UP, SECOND);
	play_back(_metadata, self, now_ns(), first, self->peer.beat.seq - 1, 1);
}

/* All paths were cut at once: who is down already needs proof, and there is none. */
TEST_F(replay, of_all_paths)
{
	struct packet packet;
	int i;

	fake_come_up(&self->peer);
	expect_state(_metadata, self, HOTID_PEER_STATE_UP, SECOND);
	live(self, 10, 0);
	expect_state(_metadata, self, HOTID_PEER_STATE_DOWN, SECOND);
	packet = self->peer.beat;
	for (i = 0; i < 100; i++) {
		packet.seq++;
		packet.path = i % 4;
		fake_send(&self->peer, &packet);
		EXPECT_EQ(NULL, listener_next(&self->events, INTERVAL));
	}
	EXPECT_NE(0, fake_challenged(&self->peer, SECOND));
}

/* A path that is slow is a path, but what it brings is no newer than it was. */
TEST_F(replay, a_slow_path_is_no_replay)
{
	struct hotid_peer peer = peer_with(self->peer.beat.node_id, WATCH);
	struct packet late;
	uint64_t before;
	int i;

	peer_path(&peer, SENDER);
	peer_path(&peer, SENDER_TWO);
	peer.paths[0].port = FAKE_PORT;
	peer_set(&self->observer, &peer);
	fake_come_up(&self->peer);
	expect_state(_metadata, self, HOTID_PEER_STATE_UP, SECOND);
	live(self, 20, 0);
	before = node_read(&self->observer).counters.accepted;
	for (i = 0; i < 50; i++) {
		live(self, 1, 0);
		late = self->peer.beat;
		late.path = 1;
		late.seq -= 15;
		fake_send(&self->peer, &late);
	}
	EXPECT_TRUE(WAIT_FOR(node_read(&self->observer).counters.accepted == before + 100, SECOND));
	peer = peer_read(&self->observer, self->peer.beat.node_id);
	EXPECT_EQ(HOTID_PEER_STATE_UP, peer.state);
	EXPECT_EQ(late.seq, peer.paths[1].seq);
	EXPECT_LE(peer.paths[1].last_ns, peer.paths[0].last_ns);
}

TEST_HARNESS_MAIN

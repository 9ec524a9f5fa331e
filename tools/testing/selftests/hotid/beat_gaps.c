// SPDX-License-Identifier: GPL-2.0
/*
 * Gaps between beats are counted for each path, and the longest is kept. Runs in
 * virtual time, where a gap is as long as the test makes it.
 *
 *   ┌──────────────┐                        ┌──────────────┐
 *   │ sender       │ s0 ──────────────── o0 │ observer     │
 *   │ a fake peer  │                        │ watches it   │
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
#define INTERVAL	(10 * MS)
#define ALLOWED		(30 * MS)
#define BEATS		40

FIXTURE(margins) {
	struct pair pair;
	struct node observer;
	struct probe probe;
	struct fake peer;
	struct listener events;
};

FIXTURE_VARIANT(margins) {
	uint32_t mode;
};

FIXTURE_VARIANT_ADD(margins, module) { HOTID_PROBE_MODE_NONE };
FIXTURE_VARIANT_ADD(margins, native) { HOTID_PROBE_MODE_NATIVE };
FIXTURE_VARIANT_ADD(margins, generic) { HOTID_PROBE_MODE_GENERIC };

#define THIS	struct __test_metadata *_metadata, struct _test_data_margins *self

static void expect_state(THIS, uint32_t state)
{
	const struct note *note = listener_peer(&self->events, self->peer.beat.node_id, SECOND);

	ASSERT_NE(NULL, note) {
		TH_LOG("no event; state %u was to come", state);
	}
	EXPECT_EQ(state, note->peer.state);
}

FIXTURE_SETUP(margins)
{
	struct hotid_peer peer;

	pair_make(&self->pair);
	node_start(&self->observer, self->pair.observer, 2, INTERVAL / US);
	probe_start(&self->probe, &self->observer, "o0", variant->mode);
	fake_open(&self->peer, self->pair.sender, &self->observer, 1, BOOT_ID, INTERVAL / US);
	peer = peer_read(&self->observer, self->peer.beat.node_id);
	peer_path(&peer, "10.2.0.2");
	peer_set(&self->observer, &peer);
	listener_open(&self->events, self->pair.observer);
	fake_come_up(&self->peer);
	expect_state(_metadata, self, HOTID_PEER_STATE_UP);
}

FIXTURE_TEARDOWN(margins)
{
	if (self->probe.skeleton)
		probe_unload(&self->probe);
	hotid_close(self->observer.h);
}

static struct hotid_path path_of(const struct _test_data_margins *self, int path)
{
	return peer_read(&self->observer, self->peer.beat.node_id).paths[path];
}

static uint32_t counted(const struct hotid_path *path)
{
	uint32_t sum = 0;
	int i;

	for (i = 0; i < HOTID_GAP_BUCKETS; i++)
		sum += path->gaps[i];
	return sum;
}

/* The bucket of a length, as the interface says. */
static int bucket(uint64_t ns)
{
	int i = 0;

	while (i + 1 < HOTID_GAP_BUCKETS && ns >> (HOTID_GAP_SHIFT + i + 1))
		i++;
	return i;
}

/* A beat on one path, when that much time has passed. Returns when it was sent. */
static uint64_t beat_after(struct _test_data_margins *self, uint64_t ns, uint8_t path)
{
	uint64_t now;

	sleep_ns(ns);
	now = now_ns();
	fake_beat(&self->peer, path);
	return now;
}

static void beats(struct _test_data_margins *self, int n, uint8_t path)
{
	while (n--)
		beat_after(self, INTERVAL, path);
}

/* All beats that were sent have been received. */
static void settle(THIS, uint8_t path)
{
	EXPECT_TRUE(WAIT_FOR(path_of(self, path).seq == self->peer.beat.seq, SECOND));
}

static void expect_longest(THIS, int path, uint64_t ns)
{
	struct hotid_path seen = path_of(self, path);

	EXPECT_LE(ns - slack_ns(), seen.longest_gap_ns);
	EXPECT_GE(ns + slack_ns(), seen.longest_gap_ns) {
		TH_LOG("path %d: longest gap %llu us", path, seen.longest_gap_ns / US);
	}
}

TEST_F(margins, the_longest_gap_and_all_others)
{
	struct hotid_path seen;
	uint64_t began, ended;

	beats(self, BEATS - 1, 0);
	began = beat_after(self, INTERVAL, 0);
	ended = beat_after(self, 25 * MS, 0);
	beats(self, BEATS, 0);
	settle(_metadata, self, 0);
	expect_longest(_metadata, self, 0, ended - began);
	seen = path_of(self, 0);
	EXPECT_EQ(2 * BEATS + 1, counted(&seen));
	EXPECT_EQ(1, seen.gaps[bucket(25 * MS)]);
	EXPECT_LE(2 * BEATS - 1, seen.gaps[bucket(INTERVAL)]);
	seen = path_of(self, 1);
	EXPECT_EQ(0, counted(&seen));
	EXPECT_EQ(0, seen.longest_gap_ns);
}

/* The other path keeps the peer up, so this gap is longer than the deadline. */
TEST_F(margins, each_path_by_itself)
{
	uint64_t began, ended;

	beats(self, 4, 1);
	began = beat_after(self, INTERVAL, 1);
	beats(self, 10, 0);
	ended = beat_after(self, INTERVAL, 1);
	beats(self, 4, 1);
	settle(_metadata, self, 1);
	EXPECT_LE(11 * INTERVAL, ended - began);
	expect_longest(_metadata, self, 1, ended - began);
	EXPECT_EQ(HOTID_PEER_STATE_UP,
		  peer_read(&self->observer, self->peer.beat.node_id).state);
}

/* A silence that took the peer down is no gap that it survived. */
TEST_F(margins, a_silence_is_counted_as_a_down)
{
	beats(self, BEATS, 0);
	expect_state(_metadata, self, HOTID_PEER_STATE_DOWN);
	fake_come_up(&self->peer);
	expect_state(_metadata, self, HOTID_PEER_STATE_UP);
	beats(self, BEATS, 0);
	settle(_metadata, self, 0);
	EXPECT_LE(INTERVAL - slack_ns(), path_of(self, 0).longest_gap_ns);
	EXPECT_GT(ALLOWED, path_of(self, 0).longest_gap_ns);
	EXPECT_EQ(1, peer_read(&self->observer, self->peer.beat.node_id).downs);
}

TEST_F(margins, reset)
{
	struct hotid_peer before, after;
	uint8_t other[HOTID_ID_LEN];
	struct hotid_path seen;

	beats(self, BEATS, 0);
	beat_after(self, 25 * MS, 0);
	settle(_metadata, self, 0);
	before = peer_read(&self->observer, self->peer.beat.node_id);
	node_id(77, other);
	EXPECT_EQ(HOTID_ERR_NO_PEER, hotid_margins_reset(self->observer.h, other));
	EXPECT_EQ(BEATS + 1, counted(&before.paths[0]));
	MUST(self->observer.h, hotid_margins_reset(self->observer.h, before.id));
	seen = path_of(self, 0);
	EXPECT_EQ(0, counted(&seen));
	EXPECT_EQ(0, seen.longest_gap_ns);
	/* The gap that is open now began before, so it is not counted. */
	beats(self, 5, 0);
	settle(_metadata, self, 0);
	after = peer_read(&self->observer, self->peer.beat.node_id);
	EXPECT_EQ(4, counted(&after.paths[0]));
	EXPECT_LT(before.gaps_since_ns, after.gaps_since_ns);
	MUST(self->observer.h, hotid_margins_reset(self->observer.h, NULL));
	seen = path_of(self, 0);
	EXPECT_EQ(0, counted(&seen));
}

/* A probe that comes, and one that goes, finds and leaves what was counted. */
TEST_F(margins, kept_when_the_slots_move)
{
	struct hotid_path seen;

	beats(self, BEATS, 0);
	beat_after(self, 25 * MS, 0);
	if (self->probe.skeleton)
		probe_unload(&self->probe);
	else
		probe_start(&self->probe, &self->observer, "o0", HOTID_PROBE_MODE_NATIVE);
	MUST(self->observer.h, hotid_probe_del(self->observer.h, 0));
	settle(_metadata, self, 0);
	expect_longest(_metadata, self, 0, 25 * MS);
	seen = path_of(self, 0);
	EXPECT_EQ(BEATS + 1, counted(&seen));
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * The failure detector, through the module's own receive path and through the
 * probe. Runs in virtual time, where bounds are exact.
 *
 *   ┌──────────────┐                        ┌──────────────┐
 *   │ sender       │ s0 ──────────────── o0 │ observer     │
 *   │ tells the    │                        │ watches the  │
 *   │ observer     │ s1 ──────────────── o1 │ sender       │
 *   └──────────────┘                        └──────────────┘
 *
 * A sender dies by losing what it sends: from one beat to the next nothing
 * comes, and nothing says so. A namespace that ends would gasp.
 */

#include "lib/clock.h"
#include "lib/harness.h"
#include "lib/hog.h"
#include "lib/listener.h"
#include "lib/net.h"
#include "lib/node.h"
#include "lib/pair.h"
#include "lib/probe.h"
#include "lib/stall.h"

#define THIS		struct __test_metadata *_metadata, struct _test_data_detector *self
#define INTERVAL	(10 * MS)
#define ALLOWED		(3 * INTERVAL)

FIXTURE(detector) {
	struct pair pair;
	struct node sender, observer;
	struct probe probe;
	struct listener events;
};

FIXTURE_VARIANT(detector) {
	uint32_t mode;
};

FIXTURE_VARIANT_ADD(detector, module) { HOTID_PROBE_MODE_NONE };
FIXTURE_VARIANT_ADD(detector, native) { HOTID_PROBE_MODE_NATIVE };
FIXTURE_VARIANT_ADD(detector, generic) { HOTID_PROBE_MODE_GENERIC };

FIXTURE_SETUP(detector)
{
	pair_make(&self->pair);
	node_start(&self->sender, self->pair.sender, 1, 10000);
	node_start(&self->observer, self->pair.observer, 2, 10000);
	probe_start(&self->probe, &self->observer, "o0", variant->mode);
	probe_start(&self->probe, &self->observer, "o1", variant->mode);
	listener_open(&self->events, self->pair.observer);
	/* Before any beat is missed: it may take longer than a deadline. */
	module_load_other("stall.ko");
}

FIXTURE_TEARDOWN(detector)
{
	if (self->probe.skeleton)
		probe_unload(&self->probe);
	hotid_close(self->events.h);
	hotid_close(self->sender.h);
	hotid_close(self->observer.h);
}

/* Both ends, over one path or over two. */
static void introduce(struct _test_data_detector *self, uint32_t multiplier, int paths)
{
	struct hotid_peer to = peer_with(self->observer.id, TELL);
	struct hotid_peer from = peer_with(self->sender.id, WATCH);

	from.multiplier = multiplier;
	peer_path(&to, OBSERVER);
	peer_path(&from, SENDER);
	if (paths > 1) {
		peer_path(&to, OBSERVER_TWO);
		peer_path(&from, SENDER_TWO);
	}
	peer_set(&self->observer, &from);
	peer_set(&self->sender, &to);
}

static void cut(struct _test_data_detector *self, const char *path)
{
	ns_lose(self->pair.sender, path, true);
}

static void heal(struct _test_data_detector *self, const char *path)
{
	ns_lose(self->pair.sender, path, false);
}

static void set_interval(struct node *node, uint32_t us)
{
	struct hotid_node wanted = { .interval_us = us };

	MUST(node->h, hotid_node_set(node->h, &wanted, HOTID_SET_INTERVAL));
}

/* The next event is of the sender, and about this. */
static struct hotid_peer expect_event(THIS, uint32_t state, uint32_t reason, uint64_t limit_ns)
{
	const struct note *note = listener_next(&self->events, limit_ns);

	ASSERT_NE(NULL, note) {
		TH_LOG("no event within %llu ms", limit_ns / MS);
	}
	EXPECT_EQ(HOTID_EVENT_PEER, note->type);
	EXPECT_EQ(0, memcmp(note->peer.id, self->sender.id, HOTID_ID_LEN));
	EXPECT_EQ(state, note->peer.state);
	EXPECT_EQ(reason, note->peer.event);
	return note->peer;
}

static struct hotid_peer expect_up(THIS)
{
	return expect_event(_metadata, self, HOTID_PEER_STATE_UP, HOTID_REASON_BEAT, 2 * SECOND);
}

/* It goes down, as long after its last beat as it should. */
static struct hotid_peer expect_silent(THIS, uint64_t allowed)
{
	struct hotid_peer peer = expect_event(_metadata, self, HOTID_PEER_STATE_DOWN,
					      HOTID_REASON_PEER_SILENT, allowed + 2 * SECOND);
	uint64_t took = peer.changed_ns - peer_last_ns(&peer);

	/* The timer may share an interrupt: 1/32 of the time allowed. */
	EXPECT_GE(took, allowed);
	EXPECT_LE(took, allowed + allowed / 32 + prompt_ns()) {
		TH_LOG("down %llu us after its last beat", took / US);
	}
	return peer;
}

static void expect_nothing(THIS, uint64_t for_ns)
{
	const struct note *note = listener_next(&self->events, for_ns);

	EXPECT_EQ(NULL, note) {
		TH_LOG("state %s, about %s; paths %s and %s, interval %u us, health %u, boot id %lx",
		       hotid_peer_state_name(note->peer.state),
		       hotid_reason_name(note->peer.event),
		       hotid_peer_state_name(note->peer.paths[0].state),
		       hotid_peer_state_name(note->peer.paths[1].state),
		       note->peer.interval_us, note->peer.health, note->peer.boot_id);
	}
}

TEST_F(detector, up)
{
	struct hotid_node sender = node_read(&self->sender);
	struct hotid_peer peer;

	introduce(self, 3, 1);
	peer = expect_up(_metadata, self);
	EXPECT_EQ(sender.boot_id, peer.boot_id);
	EXPECT_EQ(10000, peer.interval_us);
	EXPECT_EQ(0, peer.health);
	EXPECT_EQ(0, peer.downs);
	EXPECT_EQ(HOTID_PEER_STATE_UP, peer.paths[0].state);
	/* And it stays so, for a hundred deadlines. */
	expect_nothing(_metadata, self, 100 * ALLOWED);
	peer = peer_read(&self->observer, self->sender.id);
	EXPECT_EQ(HOTID_PEER_STATE_UP, peer.state);
	EXPECT_EQ(HOTID_PEER_STATE_UP, peer.paths[0].state);
	EXPECT_EQ(0, peer.graces);
}

TEST_F(detector, unknown_is_never_accused)
{
	struct hotid_peer peer = peer_with(self->sender.id, WATCH);

	peer_path(&peer, SENDER);
	peer_set(&self->observer, &peer);
	expect_nothing(_metadata, self, 10 * ALLOWED);
	EXPECT_EQ(HOTID_PEER_STATE_UNKNOWN, peer_state(&self->observer, self->sender.id));
}

TEST_F(detector, silent)
{
	struct hotid_peer peer;
	int round;

	introduce(self, 3, 1);
	for (round = 1; round <= 5; round++) {
		peer = expect_up(_metadata, self);
		EXPECT_EQ(round - 1, peer.downs);
		expect_nothing(_metadata, self, 300 * MS + round * 3 * MS);
		cut(self, OBSERVER);
		peer = expect_silent(_metadata, self, ALLOWED);
		EXPECT_EQ(round, peer.downs);
		EXPECT_EQ(0, peer.graces);
		heal(self, OBSERVER);
	}
}

/* As soon after it came up as can be. */
TEST_F(detector, silent_at_once)
{
	introduce(self, 3, 1);
	expect_up(_metadata, self);
	cut(self, OBSERVER);
	expect_silent(_metadata, self, ALLOWED);
}

TEST_F(detector, multipliers_and_intervals)
{
	static const struct {
		uint32_t interval_us, multiplier;
	} rows[] = {
		{ 250, 4 }, { 1000, 2 }, { 1000, 3 }, { 1000, 255 }, { 10000, 2 }, { 10000, 255 },
		{ 250000, 2 }, { 10000000, 2 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t interval = rows[i].interval_us * US;

		set_interval(&self->sender, rows[i].interval_us);
		introduce(self, rows[i].multiplier, 1);
		expect_event(_metadata, self, HOTID_PEER_STATE_UP, HOTID_REASON_BEAT,
			     interval + 2 * SECOND);
		expect_nothing(_metadata, self, interval * 3);
		cut(self, OBSERVER);
		expect_silent(_metadata, self, interval * rows[i].multiplier);
		MUST(self->observer.h, hotid_peer_del(self->observer.h, self->sender.id));
		heal(self, OBSERVER);
	}
}

/* A change of the interval is news, no failure; from then on it counts. */
TEST_F(detector, interval_changes)
{
	static const uint32_t intervals[] = { 50000, 1000, 1000000, 2000, 10000 };
	struct hotid_peer peer;
	size_t i;

	introduce(self, 3, 1);
	expect_up(_metadata, self);
	for (i = 0; i < ARRAY_SIZE(intervals); i++) {
		set_interval(&self->sender, intervals[i]);
		peer = expect_event(_metadata, self, HOTID_PEER_STATE_UP, HOTID_REASON_NONE,
				    2 * SECOND);
		EXPECT_EQ(HOTID_REASON_BEAT, peer.reason);
		EXPECT_EQ(intervals[i], peer.interval_us);
		expect_nothing(_metadata, self, 20 * intervals[i] * US);
		EXPECT_EQ(0, peer_read(&self->observer, self->sender.id).downs);
		cut(self, OBSERVER);
		expect_silent(_metadata, self, 3 * intervals[i] * US);
		heal(self, OBSERVER);
		expect_event(_metadata, self, HOTID_PEER_STATE_UP, HOTID_REASON_BEAT,
			     intervals[i] * US + 2 * SECOND);
		MUST(self->observer.h, hotid_peer_del(self->observer.h, self->sender.id));
		introduce(self, 3, 1);
		expect_event(_metadata, self, HOTID_PEER_STATE_UP, HOTID_REASON_BEAT,
			     intervals[i] * US + 2 * SECOND);
	}
}

static const struct hotid_path *path_of(const struct hotid_peer *peer, uint32_t index)
{
	size_t i;

	for (i = 0; i < peer->n_paths; i++)
		if (peer->paths[i].index == index)
			return &peer->paths[i];
	errx(1, "no path %u", index);
}

/* One path brings the proof; the other one follows. */
static void expect_up_on_both(THIS)
{
	struct hotid_peer peer;

	expect_up(_metadata, self);
	peer = expect_event(_metadata, self, HOTID_PEER_STATE_UP, HOTID_REASON_PATH_BEAT,
			    2 * SECOND);
	EXPECT_EQ(HOTID_PEER_STATE_UP, path_of(&peer, 0)->state);
	EXPECT_EQ(HOTID_PEER_STATE_UP, path_of(&peer, 1)->state);
}

TEST_F(detector, one_path_dies_and_comes_back)
{
	struct hotid_peer peer;

	introduce(self, 3, 2);
	expect_up_on_both(_metadata, self);
	expect_nothing(_metadata, self, 10 * ALLOWED);
	cut(self, OBSERVER);
	peer = expect_event(_metadata, self, HOTID_PEER_STATE_UP, HOTID_REASON_PATH_SILENT,
			    2 * SECOND);
	EXPECT_EQ(HOTID_PEER_STATE_DOWN, path_of(&peer, 0)->state);
	EXPECT_EQ(HOTID_PEER_STATE_UP, path_of(&peer, 1)->state);
	EXPECT_EQ(1, path_of(&peer, 0)->downs);
	EXPECT_EQ(0, path_of(&peer, 1)->downs);
	expect_nothing(_metadata, self, 20 * ALLOWED);
	EXPECT_EQ(0, peer_read(&self->observer, self->sender.id).downs);
	heal(self, OBSERVER);
	peer = expect_event(_metadata, self, HOTID_PEER_STATE_UP, HOTID_REASON_PATH_BEAT,
			    2 * SECOND);
	EXPECT_EQ(HOTID_PEER_STATE_UP, path_of(&peer, 0)->state);
	expect_nothing(_metadata, self, 10 * ALLOWED);

	/* The other one the same. */
	cut(self, OBSERVER_TWO);
	peer = expect_event(_metadata, self, HOTID_PEER_STATE_UP, HOTID_REASON_PATH_SILENT,
			    2 * SECOND);
	EXPECT_EQ(HOTID_PEER_STATE_DOWN, path_of(&peer, 1)->state);
	EXPECT_EQ(1, path_of(&peer, 1)->downs);
	/* And now the last one. */
	cut(self, OBSERVER);
	peer = expect_silent(_metadata, self, ALLOWED);
	EXPECT_EQ(1, peer.downs);
	EXPECT_EQ(HOTID_PEER_STATE_DOWN, path_of(&peer, 0)->state);
	EXPECT_EQ(HOTID_PEER_STATE_DOWN, path_of(&peer, 1)->state);
}

TEST_F(detector, both_paths_die_at_once)
{
	int round;

	introduce(self, 3, 2);
	for (round = 0; round < 3; round++) {
		expect_up_on_both(_metadata, self);
		expect_nothing(_metadata, self, 10 * ALLOWED);
		cut(self, OBSERVER);
		cut(self, OBSERVER_TWO);
		expect_silent(_metadata, self, ALLOWED);
		heal(self, OBSERVER);
		heal(self, OBSERVER_TWO);
	}
}

/* Another node in the sender's place, with its id; the old one cannot gasp. */
static void reboot(struct _test_data_detector *self, uint32_t interval_us)
{
	struct hotid_peer to = peer_with(self->observer.id, TELL);

	cut(self, OBSERVER);
	cut(self, OBSERVER_TWO);
	hotid_close(self->sender.h);
	/* Before the namespace ends, which would take its cables with it. */
	pair_unplug(&self->pair);
	close(self->pair.sender);
	self->pair.sender = ns_new();
	pair_plug(&self->pair);
	node_start(&self->sender, self->pair.sender, 1, interval_us);
	peer_path(&to, OBSERVER);
	peer_set(&self->sender, &to);
}

TEST_F(detector, rebooted_after_it_was_missed)
{
	struct hotid_peer peer;
	uint64_t old;

	if (variant->mode != HOTID_PROBE_MODE_NONE)
		probe_detach(&self->probe);
	introduce(self, 3, 1);
	old = expect_up(_metadata, self).boot_id;
	reboot(self, 10000);
	expect_silent(_metadata, self, ALLOWED);
	peer = expect_up(_metadata, self);
	EXPECT_NE(old, peer.boot_id);
	EXPECT_EQ(node_read(&self->sender).boot_id, peer.boot_id);
}

TEST_F(detector, rebooted_before_it_was_missed)
{
	struct hotid_peer peer;
	uint64_t old;

	if (variant->mode != HOTID_PROBE_MODE_NONE)
		probe_detach(&self->probe);
	set_interval(&self->sender, 5000000);
	introduce(self, 3, 1);
	old = expect_up(_metadata, self).boot_id;
	reboot(self, 5000000);
	/* Until the deadline it might be two nodes with one id. */
	expect_silent(_metadata, self, 15 * SECOND);
	peer = expect_event(_metadata, self, HOTID_PEER_STATE_UP, HOTID_REASON_BEAT, 10 * SECOND);
	EXPECT_NE(old, peer.boot_id);
	EXPECT_EQ(1, peer.downs);
	expect_nothing(_metadata, self, 20 * SECOND);
	cut(self, OBSERVER);
	expect_silent(_metadata, self, 15 * SECOND);
}

/* A namespace that ends says so; nobody has to wait for a deadline. */
TEST_F(detector, gasp)
{
	struct hotid_peer peer;
	uint64_t ended;

	set_interval(&self->sender, 10000000);
	introduce(self, 3, 1);
	expect_up(_metadata, self);
	ended = now_ns();
	hotid_close(self->sender.h);
	self->sender.h = NULL;
	close(self->pair.sender);
	peer = expect_event(_metadata, self, HOTID_PEER_STATE_DOWN, HOTID_REASON_PEER_GASP,
			    9 * SECOND);
	EXPECT_EQ(HOTID_GASP_UNLOAD, peer.gasp);
	EXPECT_LT(peer.changed_ns, ended + 100 * MS);
	expect_nothing(_metadata, self, 40 * SECOND);
}

TEST_F(detector, hung_daemon)
{
	struct hotid_node wanted = { .user_limit_ms = 100 };
	struct hotid_peer peer;
	uint64_t sent;
	int i;

	introduce(self, 3, 1);
	/* A node whose daemon never lived is not hung. */
	expect_up(_metadata, self);
	expect_nothing(_metadata, self, SECOND);
	MUST(self->sender.h, hotid_node_set(self->sender.h, &wanted, HOTID_SET_USER_LIMIT));
	MUST(self->sender.h, hotid_keepalive(self->sender.h, HOTID_HEALTH_USERSPACE));
	peer = expect_event(_metadata, self, HOTID_PEER_STATE_UP, HOTID_REASON_NONE, SECOND);
	EXPECT_EQ(HOTID_HEALTH_USERSPACE, peer.health);
	peer = expect_event(_metadata, self, HOTID_PEER_STATE_HUNG, HOTID_REASON_USER_SILENT,
			    SECOND);
	EXPECT_EQ(0, peer.health);
	EXPECT_EQ(0, peer.downs);
	/* At once, whatever the time to the next beat. */
	for (i = 0; i < 4; i++) {
		sleep_ns(3 * MS);
		MUST(self->sender.h, hotid_keepalive(self->sender.h, HOTID_HEALTH_USERSPACE));
		sent = now_ns();
		expect_event(_metadata, self, HOTID_PEER_STATE_UP, HOTID_REASON_BEAT, SECOND);
		peer = expect_event(_metadata, self, HOTID_PEER_STATE_HUNG,
				    HOTID_REASON_USER_SILENT, SECOND);
		EXPECT_LT(peer.changed_ns, sent + 100 * MS + slack_ns());
	}
	/* And a hung one that dies is down. */
	cut(self, OBSERVER);
	expect_silent(_metadata, self, ALLOWED);
}

TEST_F(detector, not_watched_any_more)
{
	struct hotid_peer peer = peer_with(self->sender.id, 0);
	struct hotid_peer seen;

	introduce(self, 3, 1);
	expect_up(_metadata, self);
	expect_nothing(_metadata, self, 5 * ALLOWED);
	peer_path(&peer, SENDER);
	peer_set(&self->observer, &peer);
	cut(self, OBSERVER);
	expect_nothing(_metadata, self, 20 * ALLOWED);
	/* Watched again, it is missed, after the grace that hindsight needs. */
	peer.flags = WATCH;
	peer_set(&self->observer, &peer);
	seen = expect_event(_metadata, self, HOTID_PEER_STATE_DOWN, HOTID_REASON_PEER_SILENT,
			    2 * SECOND);
	EXPECT_EQ(1, seen.downs);
}

TEST_F(detector, deleted_while_up)
{
	uint64_t unknown;
	int round;

	introduce(self, 3, 1);
	for (round = 0; round < 3; round++) {
		expect_up(_metadata, self);
		unknown = node_read(&self->observer).counters.unknown;
		MUST(self->observer.h, hotid_peer_del(self->observer.h, self->sender.id));
		expect_nothing(_metadata, self, 10 * ALLOWED);
		EXPECT_GE(node_read(&self->observer).counters.unknown, unknown + 20);
		introduce(self, 3, 1);
	}
	expect_up(_metadata, self);
}

/* What it says of a peer that it was told about again changes nothing. */
TEST_F(detector, told_again)
{
	uint64_t last;
	int i;

	introduce(self, 3, 1);
	expect_up(_metadata, self);
	for (i = 0; i < 20; i++) {
		introduce(self, 3 + i % 2, 1);
		sleep_ns(7 * MS);
	}
	expect_nothing(_metadata, self, 10 * ALLOWED);
	/* Nor does it give a silent one more time. */
	introduce(self, 3, 1);
	cut(self, OBSERVER);
	last = now_ns();
	for (i = 0; i < 4; i++) {
		struct hotid_peer from = peer_with(self->sender.id, WATCH);

		sleep_ns(5 * MS);
		peer_path(&from, SENDER);
		peer_set(&self->observer, &from);
	}
	EXPECT_LE(now_ns() - last, ALLOWED);
	expect_silent(_metadata, self, ALLOWED);
}

/* Beats that were lost while this node was stalled are not missed. */
TEST_F(detector, stalled_itself)
{
	int round;

	introduce(self, 3, 1);
	for (round = 0; round < 5; round++) {
		if (!round)
			expect_up(_metadata, self);
		cut(self, OBSERVER);
		stall_cpu(2 * ALLOWED);
		heal(self, OBSERVER);
		expect_nothing(_metadata, self, 10 * ALLOWED);
	}
	EXPECT_EQ(0, peer_read(&self->observer, self->sender.id).downs);
	EXPECT_LE(5, peer_read(&self->observer, self->sender.id).graces);
	/* And later it is as watchful as ever. */
	cut(self, OBSERVER);
	expect_silent(_metadata, self, ALLOWED);
}

/* Who is really dead is found out after the grace for the stall. */
TEST_F(detector, stalled_while_it_died)
{
	struct hotid_peer peer;
	uint64_t stalled, took;

	introduce(self, 3, 1);
	expect_up(_metadata, self);
	expect_nothing(_metadata, self, 5 * ALLOWED);
	cut(self, OBSERVER);
	stall_cpu(2 * ALLOWED);
	stalled = now_ns();
	peer = expect_event(_metadata, self, HOTID_PEER_STATE_DOWN, HOTID_REASON_PEER_SILENT,
			    2 * SECOND);
	took = peer.changed_ns - stalled;
	EXPECT_EQ(1, peer.graces);
	EXPECT_GE(took + 2 * MS, INTERVAL);
	EXPECT_LE(took, ALLOWED + 2 * MS);
}

/* A node that stalls all the time judges nevertheless, in the end. */
TEST_F(detector, stalls_without_end)
{
	struct hotid_peer peer;
	uint64_t died;

	introduce(self, 3, 1);
	expect_up(_metadata, self);
	cut(self, OBSERVER);
	died = now_ns();
	while (peer_state(&self->observer, self->sender.id) == HOTID_PEER_STATE_UP &&
	       now_ns() < died + SECOND)
		stall_cpu(2 * ALLOWED);
	peer = expect_event(_metadata, self, HOTID_PEER_STATE_DOWN, HOTID_REASON_PEER_SILENT,
			    MS);
	EXPECT_EQ(3, peer.graces);
	EXPECT_LT(peer.changed_ns, died + 12 * ALLOWED);
}

/* No task of the observer runs; the detector does. */
TEST_F(detector, while_every_task_starves)
{
	pid_t hog;

	hog_allow(self->pair.sender, true);
	introduce(self, 3, 1);
	expect_up(_metadata, self);
	expect_nothing(_metadata, self, 5 * ALLOWED);
	hog = fork();
	if (!hog) {
		hog_begin();
		cut(self, OBSERVER);
		hog_spin(SECOND);
	}
	expect_silent(_metadata, self, ALLOWED);
	EXPECT_EQ(hog, waitpid(hog, NULL, 0));
	hog_allow(self->pair.sender, false);
}

TEST_HARNESS_MAIN

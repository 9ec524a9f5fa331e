// SPDX-License-Identifier: GPL-2.0
/*
 * Leases: how long a node may count on not being found down, and that nobody finds it
 * down sooner. Runs in virtual time; both ends read one clock.
 *
 *   ┌──────────────┐                        ┌──────────────┐
 *   │ sender       │ s0 ──────────────── o0 │ observer     │
 *   │ a node       │                        │ a node       │
 *   │              │ s1 ──────────────── o1 │              │
 *   └──────────────┘                        └──────────────┘
 */
#include "lib/clock.h"
#include "lib/harness.h"
#include "lib/listener.h"
#include "lib/net.h"
#include "lib/node.h"
#include "lib/pair.h"
#include "lib/probe.h"

#define INTERVAL	(10 * MS)
#define BOTH		(WATCH | TELL)

/* As lease.h says: part of the promise that is not used. */
#define MARGIN		256
/**
 * struct side - one of the two nodes
 * @node: it
 * @probe: on its devices
 * @events: of the other one
 * @address: of its first path
 * @second: of its second path
 */
struct side {
	struct node node;
	struct probe probe;
	struct listener events;
	const char *address, *second;
};

static void side_start(struct side *side, int ns, unsigned int n, const char *devices[2],
		       uint32_t mode)
{
	node_start(&side->node, ns, n, INTERVAL / US);
	probe_start(&side->probe, &side->node, devices[0], mode);
	probe_start(&side->probe, &side->node, devices[1], mode);
	listener_open(&side->events, ns);
}

static void side_end(struct side *side)
{
	if (side->probe.skeleton)
		probe_unload(&side->probe);
	hotid_close(side->events.h);
	hotid_close(side->node.h);
}

/* What one side does with the other one. */
static void knows(struct side *side, const struct side *other, uint32_t flags,
		  uint32_t multiplier, int paths)
{
	struct hotid_peer peer = peer_with(other->node.id, flags);

	peer.multiplier = multiplier;
	peer_path(&peer, other->address);
	if (paths > 1)
		peer_path(&peer, other->second);
	peer_set(&side->node, &peer);
}

/* The end of the lease that one side has from the other. */
static uint64_t lease(const struct side *side, const struct side *from)
{
	return peer_read(&side->node, from->node.id).lease_ns;
}

static bool leased(const struct side *side, const struct side *from)
{
	return lease(side, from) > now_ns();
}

static void set_interval(const struct side *side, uint64_t ns)
{
	struct hotid_node wanted = { .interval_us = ns / US };

	MUST(side->node.h, hotid_node_set(side->node.h, &wanted, HOTID_SET_INTERVAL));
}

static uint64_t unused(uint64_t promise)
{
	return promise / MARGIN;
}

FIXTURE(lease) {
	struct pair pair;
	struct side sender, observer;
};

FIXTURE_VARIANT(lease) {
	uint32_t mode;
};

FIXTURE_VARIANT_ADD(lease, module) { HOTID_PROBE_MODE_NONE };
FIXTURE_VARIANT_ADD(lease, native) { HOTID_PROBE_MODE_NATIVE };
FIXTURE_VARIANT_ADD(lease, generic) { HOTID_PROBE_MODE_GENERIC };

FIXTURE_SETUP(lease)
{
	static const char *sender[2] = { "s0", "s1" }, *observer[2] = { "o0", "o1" };

	pair_make(&self->pair);
	side_start(&self->sender, self->pair.sender, 1, sender, variant->mode);
	side_start(&self->observer, self->pair.observer, 2, observer, variant->mode);
	self->sender.address = SENDER;
	self->sender.second = SENDER_TWO;
	self->observer.address = OBSERVER;
	self->observer.second = OBSERVER_TWO;
}

FIXTURE_TEARDOWN(lease)
{
	side_end(&self->sender);
	side_end(&self->observer);
}

#define THIS	struct __test_metadata *_metadata, struct _test_data_lease *self

/* Both watch and tell each other, and have leases. */
static void introduce(THIS, uint32_t multiplier, int paths)
{
	struct side *a = &self->sender, *b = &self->observer;

	knows(a, b, BOTH, multiplier, paths);
	knows(b, a, BOTH, multiplier, paths);
	ASSERT_TRUE(WAIT_FOR(leased(a, b) && leased(b, a), 2 * SECOND));
}

/* For some time it always has one, of the right length, and its end moves on. */
static void expect_lease(THIS, const struct side *side, const struct side *from,
			 uint64_t promise)
{
	uint64_t first = lease(side, from), until = now_ns() + 20 * INTERVAL, last = first;

	while (now_ns() < until) {
		uint64_t before = now_ns(), end = lease(side, from), after = now_ns();

		EXPECT_GT(end, before);
		EXPECT_LE(end, after + promise);
		EXPECT_GE(end, last);
		last = end;
		sleep_ns(MS);
	}
	/* As far as time did, to one echo. */
	EXPECT_GE(last, first + 18 * INTERVAL);
}

/* Both ways, and whoever has the lease need not watch whom it is from. */
TEST_F(lease, moves_on)
{
	introduce(_metadata, self, 3, 1);
	expect_lease(_metadata, self, &self->sender, &self->observer, 3 * INTERVAL);
	expect_lease(_metadata, self, &self->observer, &self->sender, 3 * INTERVAL);
	knows(&self->sender, &self->observer, TELL, 3, 1);
	expect_lease(_metadata, self, &self->sender, &self->observer, 3 * INTERVAL);
}

TEST_F(lease, lives_on_any_path)
{
	introduce(_metadata, self, 3, 2);
	ns_lose(self->pair.sender, OBSERVER, true);
	ns_lose(self->pair.observer, SENDER_TWO, true);
	sleep_ns(5 * INTERVAL);
	expect_lease(_metadata, self, &self->sender, &self->observer, 3 * INTERVAL);
	ns_lose(self->pair.sender, OBSERVER, false);
	ns_lose(self->pair.observer, SENDER_TWO, false);
}

/*
 * The side is found down; returns when. Meanwhile its lease is read as often as can be,
 * and the latest end of it goes to *end.
 */
static uint64_t found_down(THIS, struct side *side, struct side *by, uint64_t *end)
{
	uint32_t graces = peer_read(&by->node, side->node.id).graces;
	uint64_t limit = now_ns() + 5 * SECOND;
	const struct note *note = NULL;
	struct hotid_peer down = {};

	while (down.state != HOTID_PEER_STATE_DOWN && now_ns() < limit) {
		uint64_t now = lease(side, by);

		*end = now > *end ? now : *end;
		note = listener_peer(&by->events, side->node.id, MS);
		if (note)
			down = note->peer;
	}
	EXPECT_EQ(HOTID_PEER_STATE_DOWN, down.state);
	EXPECT_EQ(HOTID_REASON_PEER_SILENT, down.event);
	EXPECT_EQ(graces, down.graces);
	EXPECT_GE(*end, lease(side, by));
	return down.changed_ns;
}

/*
 * The side is not heard any more, and hears that it is still promised what it was: so
 * its lease runs out, and before it is found down, by no less than what is not used.
 */
static void falls_silent(THIS, struct side *side, struct side *by, uint64_t promise)
{
	uint64_t cut, end, down;

	end = lease(side, by);
	ns_lose(side->node.ns, by->address, true);
	cut = now_ns();
	down = found_down(_metadata, self, side, by, &end);
	EXPECT_GE(down, end + unused(promise)) {
		TH_LOG("promise %llu us: %lld us from the end to the event", promise / US,
		       (long long)(down - end) / (long long)US);
	}
	/* Nor is it much shorter than it could be. */
	EXPECT_LE(down, end + unused(promise) + promise / 32 + prompt_ns()) {
		TH_LOG("promise %llu us: %lld us from the end to the event", promise / US,
		       (long long)(down - end) / (long long)US);
	}
	EXPECT_LE(end, cut + promise);
	ns_lose(side->node.ns, by->address, false);
	ASSERT_TRUE(WAIT_FOR(leased(side, by), 2 * SECOND));
	/* What was promised for the pace before is over, too. */
	sleep_ns(promise);
}

TEST_F(lease, is_over_before_the_other_side_acts)
{
	static const struct {
		uint64_t interval;
		uint32_t multiplier;
	} rows[] = { { 10 * MS, 3 }, { 10 * MS, 2 }, { 10 * MS, 30 }, { 5 * MS, 4 }, { MS, 100 },
		     { MS, 10 } };
	size_t i;

	introduce(_metadata, self, 3, 1);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t promise = rows[i].interval * rows[i].multiplier;

		set_interval(&self->sender, rows[i].interval);
		set_interval(&self->observer, rows[i].interval);
		knows(&self->sender, &self->observer, BOTH, rows[i].multiplier, 1);
		knows(&self->observer, &self->sender, BOTH, rows[i].multiplier, 1);
		/* Whatever was promised before is over. */
		sleep_ns(SECOND);
		falls_silent(_metadata, self, &self->sender, &self->observer, promise);
		falls_silent(_metadata, self, &self->observer, &self->sender, promise);
	}
}

/* Whoever hears nothing has no lease, although it is heard. */
TEST_F(lease, ends_for_who_hears_nothing)
{
	uint64_t cut, end;

	introduce(_metadata, self, 3, 1);
	ns_lose(self->pair.observer, SENDER, true);
	cut = now_ns();
	ASSERT_TRUE(WAIT_FOR(!leased(&self->sender, &self->observer), SECOND));
	end = lease(&self->sender, &self->observer);
	EXPECT_LE(end, cut + 3 * INTERVAL);
	EXPECT_GT(end, cut);
	EXPECT_EQ(HOTID_PEER_STATE_UP, peer_state(&self->observer.node, self->sender.node.id));
	EXPECT_EQ(0, peer_read(&self->observer.node, self->sender.node.id).downs);
	ns_lose(self->pair.observer, SENDER, false);
	EXPECT_TRUE(WAIT_FOR(leased(&self->sender, &self->observer), SECOND));
}

/* The observer comes to wait for a shorter time, while the sender is silent. */
TEST_F(lease, outlasts_a_lower_multiplier)
{
	uint64_t end, changed, down;

	introduce(_metadata, self, 20, 1);
	ns_lose(self->pair.sender, OBSERVER, true);
	sleep_ns(5 * INTERVAL);
	end = lease(&self->sender, &self->observer);
	knows(&self->observer, &self->sender, BOTH, 2, 1);
	changed = now_ns();
	down = found_down(_metadata, self, &self->sender, &self->observer, &end);
	EXPECT_GT(end, changed + 10 * INTERVAL);
	EXPECT_GE(down, end + unused(20 * INTERVAL)) {
		TH_LOG("down %llu us before the lease's end", (end - down) / US);
	}
	EXPECT_LE(down, changed + 20 * INTERVAL + prompt_ns());
	/* When the promise is over the new time holds. */
	ns_lose(self->pair.sender, OBSERVER, false);
	ASSERT_TRUE(WAIT_FOR(leased(&self->sender, &self->observer), 2 * SECOND));
	sleep_ns(20 * INTERVAL);
	falls_silent(_metadata, self, &self->sender, &self->observer, 2 * INTERVAL);
}

/* The sender says that it beats more often, and then nothing more. */
TEST_F(lease, outlasts_a_shorter_interval)
{
	uint64_t end, changed, down;

	introduce(_metadata, self, 20, 1);
	end = lease(&self->sender, &self->observer);
	/* Its beats get there, and no echo of them comes back. */
	ns_lose(self->pair.observer, SENDER, true);
	set_interval(&self->sender, INTERVAL / 10);
	ASSERT_TRUE(WAIT_FOR(peer_read(&self->observer.node,
				       self->sender.node.id).interval_us == INTERVAL / 10 / US,
			     SECOND));
	changed = now_ns();
	ns_lose(self->pair.sender, OBSERVER, true);
	down = found_down(_metadata, self, &self->sender, &self->observer, &end);
	EXPECT_GT(end, changed + 10 * INTERVAL);
	EXPECT_GE(down, end + unused(20 * INTERVAL)) {
		TH_LOG("down %llu us before the lease's end", (end - down) / US);
	}
	EXPECT_LE(down, changed + 20 * INTERVAL + prompt_ns());
	ns_lose(self->pair.sender, OBSERVER, false);
	ns_lose(self->pair.observer, SENDER, false);
}

/* Nor does it have one for some time. */
static void expect_none(THIS, const struct side *side, const struct side *from)
{
	uint64_t until = now_ns() + 10 * INTERVAL;

	for (; now_ns() < until; sleep_ns(INTERVAL))
		EXPECT_EQ(0, lease(side, from));
}

TEST_F(lease, is_of_who_watches_and_tells)
{
	struct side *sender = &self->sender, *observer = &self->observer;

	/* Told, and not watched. */
	knows(sender, observer, BOTH, 3, 1);
	knows(observer, sender, TELL, 3, 1);
	ASSERT_TRUE(WAIT_FOR(leased(observer, sender), 2 * SECOND));
	expect_none(_metadata, self, sender, observer);
	/* Watched, and not told. */
	knows(observer, sender, WATCH, 3, 1);
	expect_none(_metadata, self, sender, observer);
	EXPECT_EQ(HOTID_PEER_STATE_UP, peer_state(&observer->node, sender->node.id));
	knows(observer, sender, BOTH, 3, 1);
	ASSERT_TRUE(WAIT_FOR(leased(sender, observer), SECOND));
	/* Watched no longer: what was promised is kept, and no more is. */
	knows(observer, sender, TELL, 3, 1);
	sleep_ns(2 * INTERVAL);
	expect_none(_metadata, self, sender, observer);
}

/* Beats that never came, or have not come for too long, are not echoed. */
TEST_F(lease, is_of_who_beats_in_time)
{
	struct side *sender = &self->sender, *observer = &self->observer;

	knows(sender, observer, WATCH, 3, 1);
	knows(observer, sender, BOTH, 3, 1);
	ASSERT_TRUE(WAIT_FOR(peer_state(&sender->node, observer->node.id) ==
			     HOTID_PEER_STATE_UP, 2 * SECOND));
	expect_none(_metadata, self, sender, observer);
	knows(sender, observer, BOTH, 3, 1);
	ASSERT_TRUE(WAIT_FOR(leased(sender, observer), 2 * SECOND));
	ns_lose(self->pair.sender, OBSERVER, true);
	ASSERT_TRUE(WAIT_FOR(peer_state(&observer->node, sender->node.id) ==
			     HOTID_PEER_STATE_DOWN, SECOND));
	sleep_ns(2 * INTERVAL);
	expect_none(_metadata, self, sender, observer);
	ns_lose(self->pair.sender, OBSERVER, false);
	EXPECT_TRUE(WAIT_FOR(leased(sender, observer), 2 * SECOND));
}

/* Its beats say that its daemon is dead, which is acted upon. */
TEST_F(lease, is_not_of_who_hangs)
{
	struct side *sender = &self->sender, *observer = &self->observer;

	node_daemon_lives(&sender->node);
	introduce(_metadata, self, 3, 1);
	ASSERT_TRUE(WAIT_FOR(peer_read(&observer->node, sender->node.id).health, SECOND));
	node_daemon_dies(&sender->node);
	ASSERT_TRUE(WAIT_FOR(peer_state(&observer->node, sender->node.id) ==
			     HOTID_PEER_STATE_HUNG, SECOND));
	sleep_ns(2 * INTERVAL);
	expect_none(_metadata, self, sender, observer);
	node_daemon_lives(&sender->node);
	EXPECT_TRUE(WAIT_FOR(leased(sender, observer), SECOND));
}

TEST_HARNESS_MAIN

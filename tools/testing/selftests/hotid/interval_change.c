// SPDX-License-Identifier: GPL-2.0
/*
 * A node changes its interval while it is watched, and the beats that say so
 * are lost. Runs in virtual time.
 *
 *   ┌──────────────┐                        ┌──────────────┐
 *   │ sender       │ s0 ──────────────── o0 │ observer     │
 *   │ a node       │                        │ watches it   │
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

#define SHORT		(10 * MS)
#define LONG		SECOND
/* As many beats at the old pace as the highest multiplier, and one more. */
#define ANNOUNCED	((HOTID_MULTIPLIER_MAX + 1) * SHORT)

FIXTURE(interval) {
	struct pair pair;
	struct node sender, observer;
	struct probe probe;
	struct listener events;
};

FIXTURE_VARIANT(interval) {
	uint32_t mode;
};

FIXTURE_VARIANT_ADD(interval, module) { HOTID_PROBE_MODE_NONE };
FIXTURE_VARIANT_ADD(interval, native) { HOTID_PROBE_MODE_NATIVE };

FIXTURE_SETUP(interval)
{
	const struct note *note;

	pair_make(&self->pair);
	node_start(&self->sender, self->pair.sender, 1, SHORT / US);
	node_start(&self->observer, self->pair.observer, 2, SHORT / US);
	probe_start(&self->probe, &self->observer, "o0", variant->mode);
	listener_open(&self->events, self->pair.observer);
	peer_add(&self->observer, self->sender.id, WATCH, SENDER);
	peer_add(&self->sender, self->observer.id, TELL, OBSERVER);
	note = listener_next(&self->events, SECOND);
	ASSERT_NE(NULL, note);
	EXPECT_EQ(HOTID_PEER_STATE_UP, note->peer.state);
}

FIXTURE_TEARDOWN(interval)
{
	if (self->probe.skeleton)
		probe_unload(&self->probe);
	hotid_close(self->sender.h);
	hotid_close(self->observer.h);
}

#define THIS	struct __test_metadata *_metadata, struct _test_data_interval *self

static void set_interval(struct _test_data_interval *self, uint64_t ns)
{
	struct hotid_node wanted = { .interval_us = ns / US };

	MUST(self->sender.h, hotid_node_set(self->sender.h, &wanted, HOTID_SET_INTERVAL));
}

/* Beats sent meanwhile. */
static uint64_t beats_within(struct _test_data_interval *self, uint64_t ns)
{
	uint64_t before = node_read(&self->sender).beats_sent;

	sleep_ns(ns);
	return node_read(&self->sender).beats_sent - before;
}

/* No event but that of the new interval, and no false alarm. */
static void expect_no_alarm(THIS, uint64_t for_ns)
{
	uint64_t end = now_ns() + for_ns;
	const struct note *note;

	while (now_ns() < end) {
		note = listener_next(&self->events, 100 * MS);
		if (!note)
			continue;
		EXPECT_EQ(HOTID_PEER_STATE_UP, note->peer.state);
		EXPECT_EQ(HOTID_REASON_NONE, note->peer.event);
	}
	EXPECT_EQ(0, peer_read(&self->observer, self->sender.id).downs);
}

TEST_F(interval, grows_while_its_announcement_is_lost)
{
	ns_lose(self->pair.sender, OBSERVER, true);
	set_interval(self, LONG);
	ns_lose(self->pair.sender, OBSERVER, false);
	expect_no_alarm(_metadata, self, ANNOUNCED + 3 * LONG);
	EXPECT_EQ(LONG / US, peer_read(&self->observer, self->sender.id).interval_us);
	/* Now it beats as slowly as it says. */
	EXPECT_LE(beats_within(self, 10 * LONG), 11);
	expect_no_alarm(_metadata, self, LONG);
}

TEST_F(interval, is_announced_at_the_old_pace)
{
	set_interval(self, LONG);
	EXPECT_GE(beats_within(self, ANNOUNCED / 2), HOTID_MULTIPLIER_MAX / 2 - 1);
	/* Said again, it is announced again, however often that is. */
	set_interval(self, LONG);
	EXPECT_GE(beats_within(self, ANNOUNCED - 2 * SHORT), HOTID_MULTIPLIER_MAX - 4);
	sleep_ns(LONG);
	EXPECT_LE(beats_within(self, 10 * LONG), 11);
	expect_no_alarm(_metadata, self, LONG);
}

TEST_F(interval, shrinks_at_once)
{
	set_interval(self, SHORT / 2);
	EXPECT_GE(beats_within(self, SECOND), SECOND / (SHORT / 2) - 2);
	expect_no_alarm(_metadata, self, SECOND);
	EXPECT_EQ(SHORT / 2 / US, peer_read(&self->observer, self->sender.id).interval_us);
	/* And takes back one that was announced. */
	set_interval(self, LONG);
	set_interval(self, SHORT / 2);
	sleep_ns(2 * ANNOUNCED);
	EXPECT_GE(beats_within(self, SECOND), SECOND / (SHORT / 2) - 2);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * Two nodes with one id, as from a disk that was cloned, and what looks alike: a
 * node that reboots faster than it is missed, and beats of old played again.
 *
 *   ┌──────────────────┐                    ┌──────────────┐
 *   │ holder, its clone│ s0 ──────────── o0 │ observer     │
 *   │ (both written by │                    │ armed for web│
 *   │ the test)        │                    └──────────────┘
 *   └──────────────────┘
 */
#include "lib/clock.h"
#include "lib/fake.h"
#include "lib/harness.h"
#include "lib/identities.h"
#include "lib/listener.h"
#include "lib/net.h"
#include "lib/pair.h"
#include "lib/probe.h"

#define WEB		"web"
#define EPOCH		10
#define INTERVAL	(10 * MS)
#define ALLOWED		(30 * MS)
#define BOOT_ID		0x1111111111111111
#define CLONE_BOOT_ID	0x2222222222222222

FIXTURE(conflict) {
	struct pair pair;
	struct node observer;
	struct probe probe;
	struct fake holder, clone;
	struct listener events;
};

FIXTURE_VARIANT(conflict) {
	uint32_t mode;
};

FIXTURE_VARIANT_ADD(conflict, module) { HOTID_PROBE_MODE_NONE };
FIXTURE_VARIANT_ADD(conflict, native) { HOTID_PROBE_MODE_NATIVE };

FIXTURE_SETUP(conflict)
{
	struct packet claim;

	pair_make(&self->pair);
	node_start(&self->observer, self->pair.observer, 2, 10000);
	node_daemon_lives(&self->observer);
	probe_start(&self->probe, &self->observer, "o0", variant->mode);
	fake_open(&self->holder, self->pair.sender, &self->observer, 1, BOOT_ID,
		  INTERVAL / US);
	identity_bring(&self->observer, WEB, HOTID_IDENTITY_FLAGS_AUTO, ARMED, 0);
	fake_come_up(&self->holder);
	/* The clone shares everything, even the address that is challenged. */
	self->clone = self->holder;
	self->clone.beat.boot_id = CLONE_BOOT_ID;
	self->clone.beat.seq = 0;
	claim = packet_claim(&self->holder.beat, ++self->holder.beat.seq, WEB, EPOCH, HELD);
	fake_send(&self->holder, &claim);
	ASSERT_TRUE(WAIT_FOR(identity_read(&self->observer, WEB).epoch == EPOCH, SECOND));
	listener_open(&self->events, self->pair.observer);
}

FIXTURE_TEARDOWN(conflict)
{
	if (self->probe.skeleton)
		probe_unload(&self->probe);
	hotid_close(self->observer.h);
}

#define THIS	struct __test_metadata *_metadata, struct _test_data_conflict *self

/* Who beats meanwhile; the clone, when it does, answers what comes in. */
static void go_on(struct _test_data_conflict *self, bool holder, bool clone, uint64_t for_ns)
{
	uint64_t end = now_ns() + for_ns, next = now_ns(), nonce;

	while (now_ns() < end) {
		if (now_ns() >= next) {
			if (holder)
				fake_beat(&self->holder, 0);
			if (clone)
				fake_beat(&self->clone, 0);
			next += INTERVAL;
		}
		nonce = fake_challenged(clone ? &self->clone : &self->holder, MS);
		if (nonce)
			fake_answer(clone ? &self->clone : &self->holder, nonce);
	}
}

static const struct note *expect_peer(THIS, uint32_t state, uint32_t reason, uint64_t boot_id)
{
	const struct note *note = listener_peer(&self->events, self->holder.beat.node_id, 100 * MS);

	ASSERT_NE(NULL, note);
	EXPECT_EQ(state, note->peer.state);
	EXPECT_EQ(reason, note->peer.event);
	EXPECT_EQ(boot_id, note->peer.boot_id);
	return note;
}

static void expect_still(THIS, uint32_t state)
{
	EXPECT_EQ(NULL, listener_next(&self->events, 10 * MS));
	EXPECT_EQ(state, peer_state(&self->observer, self->holder.beat.node_id));
	EXPECT_EQ(ARMED, identity_state(&self->observer, WEB));
}

TEST_F(conflict, two_nodes_with_one_id)
{
	const struct note *told;

	go_on(self, true, true, 2 * SECOND);
	told = expect_peer(_metadata, self, HOTID_PEER_STATE_CONFLICT, HOTID_REASON_ID_CONFLICT,
			   BOOT_ID);
	EXPECT_EQ(CLONE_BOOT_ID, told->peer.rival_boot_id);
	expect_still(_metadata, self, HOTID_PEER_STATE_CONFLICT);
	EXPECT_EQ(0, peer_read(&self->observer, self->holder.beat.node_id).downs);
	/* The clone goes. A daemon that lives finds that it is over, after a while. */
	go_on(self, true, false, 200 * MS);
	node_daemon_lives(&self->observer);
	expect_still(_metadata, self, HOTID_PEER_STATE_CONFLICT);
	go_on(self, true, false, 2 * SECOND);
	node_daemon_lives(&self->observer);
	told = expect_peer(_metadata, self, HOTID_PEER_STATE_UP, HOTID_REASON_BEAT, BOOT_ID);
	EXPECT_EQ(0, told->peer.rival_boot_id);
	/* It may come again. */
	go_on(self, true, true, SECOND);
	expect_peer(_metadata, self, HOTID_PEER_STATE_CONFLICT, HOTID_REASON_ID_CONFLICT, BOOT_ID);
}

/* In a conflict the holder can die as anywhere else; then the clone is what is left. */
TEST_F(conflict, holder_dies_beside_its_clone)
{
	go_on(self, true, true, SECOND);
	expect_peer(_metadata, self, HOTID_PEER_STATE_CONFLICT, HOTID_REASON_ID_CONFLICT, BOOT_ID);
	go_on(self, false, true, SECOND);
	expect_peer(_metadata, self, HOTID_PEER_STATE_DOWN, HOTID_REASON_PEER_SILENT, BOOT_ID);
	EXPECT_EQ(TAKING, identity_state(&self->observer, WEB));
	expect_peer(_metadata, self, HOTID_PEER_STATE_UP, HOTID_REASON_BEAT, CLONE_BOOT_ID);
	EXPECT_EQ(EPOCH + 1, identity_read(&self->observer, WEB).epoch);
}

/* A reboot that is faster than the deadline is seen at the deadline. */
TEST_F(conflict, fast_reboot)
{
	const struct note *told;

	go_on(self, true, false, 100 * MS);
	go_on(self, false, true, SECOND);
	told = expect_peer(_metadata, self, HOTID_PEER_STATE_DOWN, HOTID_REASON_PEER_SILENT,
			   BOOT_ID);
	EXPECT_EQ(0, told->peer.rival_boot_id);
	EXPECT_EQ(TAKING, identity_state(&self->observer, WEB));
	expect_peer(_metadata, self, HOTID_PEER_STATE_UP, HOTID_REASON_BEAT, CLONE_BOOT_ID);
	EXPECT_EQ(NULL, listener_peer(&self->events, self->holder.beat.node_id, 10 * MS));
}

/* Beats of another incarnation that nobody answers for are no conflict: they may be old. */
TEST_F(conflict, replayed_incarnation)
{
	struct packet old = self->clone.beat;
	uint64_t end = now_ns() + SECOND;

	while (now_ns() < end) {
		old.seq++;
		fake_send(&self->holder, &old);
		/* The holder itself answers what it is asked because of that. */
		go_on(self, true, false, INTERVAL);
	}
	expect_still(_metadata, self, HOTID_PEER_STATE_UP);
}

/* The rival is asked again now and then, and not with each of its beats. */
TEST_F(conflict, rival_is_asked_rarely)
{
	uint64_t end, next, nonce, asked = 0;

	go_on(self, true, true, SECOND);
	end = now_ns() + SECOND;
	for (next = now_ns(); now_ns() < end; next += MS) {
		fake_beat(&self->clone, 0);
		if (!(next / MS % 10))
			fake_beat(&self->holder, 0);
		while (now_ns() < next) {
			nonce = fake_challenged(&self->clone, MS);
			if (nonce) {
				fake_answer(&self->clone, nonce);
				asked++;
			}
		}
	}
	EXPECT_LE(10, asked);
	EXPECT_GE(SECOND / ALLOWED + 1, asked);
}

TEST_HARNESS_MAIN

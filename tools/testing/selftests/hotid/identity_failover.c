// SPDX-License-Identifier: GPL-2.0
/*
 * Identities that move by themselves: claims, failure of the holder, two
 * spares that want the same, and a holder that comes back too late. Runs in
 * virtual time.
 *
 *   ┌────────────┐        ┌────────┐        ┌────────────┐
 *   │ HOLDER     │        │        │        │ SPARE      │
 *   │ 10.5.0.1   ├────────┤ bridge ├────────┤ 10.5.0.2   │
 *   └────────────┘        │        │        └────────────┘
 *                         └───┬────┘
 *                       ┌─────┴──────┐
 *                       │ OTHER      │
 *                       │ 10.5.0.3   │
 *                       └────────────┘
 *
 * Each tells and watches the two others.
 */
#include "lib/clock.h"
#include "lib/harness.h"
#include "lib/identities.h"
#include "lib/listener.h"
#include "lib/net.h"

#define WEB		"web"
#define EPOCH		10
#define INTERVAL_US	10000
#define ALLOWED		(30 * MS)
#define AUTO		HOTID_IDENTITY_FLAGS_AUTO
#define AUTO_HUNG	HOTID_IDENTITY_FLAGS_AUTO_HUNG

enum { HOLDER, SPARE, OTHER, NODES };

static const char *const addresses[NODES] = { "10.5.0.1", "10.5.0.2", "10.5.0.3" };

FIXTURE(automatic) {
	struct node nodes[NODES];
	struct listener events[NODES];
};

static void plug(struct _test_data_automatic *self, int bridge, int n)
{
	char port[8], address[24];

	snprintf(port, sizeof(port), "p%d", n);
	snprintf(address, sizeof(address), "%s/24", addresses[n]);
	self->nodes[n].ns = ns_new();
	link_veth(bridge, port, self->nodes[n].ns, "eth0");
	link_enslave(bridge, port, "bridge");
	link_address(self->nodes[n].ns, "eth0", address);
}

/* Tell and watch all others. */
static void introduce(struct _test_data_automatic *self, int n)
{
	int m;

	for (m = 0; m < NODES; m++) {
		struct hotid_peer peer = peer_with(self->nodes[m].id, WATCH | TELL);

		if (m == n)
			continue;
		strcpy(peer.name, addresses[m]);
		peer_path(&peer, addresses[m]);
		peer_set(&self->nodes[n], &peer);
	}
}

static bool all_up(struct _test_data_automatic *self, int n)
{
	int m, up = 0;

	for (m = 0; m < NODES; m++)
		up += m != n && peer_state(&self->nodes[n], self->nodes[m].id) == HOTID_PEER_STATE_UP;
	return up == NODES - 1;
}

FIXTURE_SETUP(automatic)
{
	int n, bridge = ns_new();

	link_bridge(bridge, "bridge");
	for (n = 0; n < NODES; n++) {
		plug(self, bridge, n);
		/* The holder has the lowest id, the spare the next one. */
		node_start(&self->nodes[n], self->nodes[n].ns, n + 1, INTERVAL_US);
	}
	for (n = 0; n < NODES; n++) {
		introduce(self, n);
		node_daemon_lives(&self->nodes[n]);
	}
	for (n = 0; n < NODES; n++) {
		ASSERT_TRUE(WAIT_FOR(all_up(self, n), 5 * SECOND));
		listener_open(&self->events[n], self->nodes[n].ns);
	}
}

FIXTURE_TEARDOWN(automatic)
{
	int n;

	for (n = 0; n < NODES; n++)
		hotid_close(self->nodes[n].h);
}

#define THIS	struct __test_metadata *_metadata, struct _test_data_automatic *self

/* From now on nobody hears this node, or it nobody, or neither. */
static void cut_off(struct _test_data_automatic *self, int n, bool mute, bool deaf, bool cut)
{
	int m;

	for (m = 0; m < NODES; m++) {
		if (m == n)
			continue;
		if (mute)
			ns_lose(self->nodes[n].ns, addresses[m], cut);
		if (deaf)
			ns_lose(self->nodes[m].ns, addresses[n], cut);
	}
}

static void die(struct _test_data_automatic *self, int n)
{
	cut_off(self, n, true, false, true);
}

/* The node knows that the holder has the identity, for this epoch. */
static bool knows(struct _test_data_automatic *self, int n, int holder, uint64_t epoch)
{
	struct hotid_identity identity = identity_read(&self->nodes[n], WEB);

	return identity.has_holder && identity.epoch == epoch &&
	       !memcmp(identity.holder, self->nodes[holder].id, HOTID_ID_LEN);
}

/* HOLDER holds it, SPARE is armed, and knows who the holder is. */
static void usual_state(THIS, uint32_t flags)
{
	identity_bring(&self->nodes[SPARE], WEB, flags, ARMED, 0);
	identity_bring(&self->nodes[HOLDER], WEB, 0, HELD, EPOCH);
	ASSERT_TRUE(WAIT_FOR(knows(self, SPARE, HOLDER, EPOCH), SECOND));
	/* Two claims later there is nothing new. */
	while (listener_next(&self->events[SPARE], 600 * MS))
		;
}

static struct hotid_identity expect_change(THIS, int n, uint32_t state, uint32_t reason)
{
	const struct note *note;

	do
		note = listener_identity(&self->events[n], WEB, 2 * SECOND);
	while (note && note->identity.previous == note->identity.state);
	ASSERT_NE(NULL, note);
	EXPECT_EQ(state, note->identity.state);
	EXPECT_EQ(reason, note->identity.reason);
	return note->identity;
}

static void expect_no_change(THIS, int n, uint32_t state, uint64_t for_ns)
{
	EXPECT_EQ(NULL, listener_identity(&self->events[n], WEB, for_ns));
	EXPECT_EQ(state, identity_state(&self->nodes[n], WEB));
}

TEST_F(automatic, claims_make_the_holder_known)
{
	const struct note *note;

	identity_bring(&self->nodes[SPARE], WEB, 0, ARMED, 0);
	identity_bring(&self->nodes[OTHER], WEB, 0, OFFLINE, 0);
	while (listener_next(&self->events[SPARE], 50 * MS))
		;
	identity_bring(&self->nodes[HOLDER], WEB, 0, TAKING, EPOCH);
	/* It is news once. */
	note = listener_identity(&self->events[SPARE], WEB, SECOND);
	ASSERT_NE(NULL, note);
	EXPECT_EQ(ARMED, note->identity.state);
	EXPECT_EQ(EPOCH, note->identity.epoch);
	EXPECT_EQ(0, memcmp(note->identity.holder, self->nodes[HOLDER].id, HOTID_ID_LEN));
	expect_no_change(_metadata, self, SPARE, ARMED, 2 * SECOND);
	EXPECT_TRUE(knows(self, OTHER, HOLDER, EPOCH));
	/* Whoever takes it next has to go beyond. */
	EXPECT_EQ(-ESTALE, hotid_identity_takeover(self->nodes[SPARE].h, WEB, EPOCH));
	EXPECT_EQ(ARMED, identity_state(&self->nodes[SPARE], WEB));
}

TEST_F(automatic, holder_falls_silent)
{
	struct hotid_identity taken;
	const struct note *peer, *step;
	struct hotid_step detect;

	usual_state(_metadata, self, AUTO);
	die(self, HOLDER);
	/* First what was detected, then what follows from it, in this order. */
	peer = listener_next(&self->events[SPARE], SECOND);
	ASSERT_NE(NULL, peer);
	EXPECT_EQ(HOTID_EVENT_PEER, peer->type);
	EXPECT_EQ(HOTID_PEER_STATE_DOWN, peer->peer.state);
	taken = expect_change(_metadata, self, SPARE, TAKING, HOTID_REASON_PEER_SILENT);
	EXPECT_EQ(EPOCH + 1, taken.epoch);
	EXPECT_EQ(ARMED, taken.previous);
	EXPECT_EQ(0, memcmp(taken.holder, self->nodes[SPARE].id, HOTID_ID_LEN));
	step = listener_next(&self->events[SPARE], SECOND);
	ASSERT_NE(NULL, step);
	ASSERT_EQ(HOTID_EVENT_STEP, step->type);
	detect = step->step;
	EXPECT_EQ(0, detect.index);
	EXPECT_EQ(HOTID_STAGE_DETECT, detect.stage);
	EXPECT_STREQ(addresses[HOLDER], detect.message);
	/* From the last beat to the decision. */
	EXPECT_LE(ALLOWED, detect.end_ns - detect.start_ns);
	EXPECT_GE(ALLOWED + ALLOWED / 32 + prompt_ns(), detect.end_ns - detect.start_ns);
	EXPECT_LE(detect.end_ns, taken.changed_ns);
	EXPECT_GE(detect.end_ns + MS, taken.changed_ns);
}

TEST_F(automatic, holder_gasps)
{
	struct hotid_identity taken;
	uint64_t ended;

	usual_state(_metadata, self, AUTO);
	ended = now_ns();
	/* Whatever keeps the namespace. */
	hotid_close(self->events[HOLDER].h);
	hotid_close(self->nodes[HOLDER].h);
	self->nodes[HOLDER].h = NULL;
	close(self->nodes[HOLDER].ns);
	taken = expect_change(_metadata, self, SPARE, TAKING, HOTID_REASON_PEER_GASP);
	EXPECT_EQ(EPOCH + 1, taken.epoch);
	EXPECT_LT(taken.changed_ns, ended + SECOND);
}

/* Its daemon died, its kernel lives: only who is told to does something. */
TEST_F(automatic, holder_hangs)
{
	struct hotid_node quick = { .user_limit_ms = 50 };
	struct hotid *h = self->nodes[HOLDER].h;

	usual_state(_metadata, self, AUTO);
	MUST(h, hotid_node_set(h, &quick, HOTID_SET_USER_LIMIT));
	expect_no_change(_metadata, self, SPARE, ARMED, SECOND);
	EXPECT_EQ(HOTID_PEER_STATE_HUNG, peer_state(&self->nodes[SPARE], self->nodes[HOLDER].id));
	MUST(self->nodes[SPARE].h, hotid_identity_new(self->nodes[SPARE].h, WEB, AUTO | AUTO_HUNG));
	MUST(h, hotid_keepalive(h, HOTID_HEALTH_USERSPACE));
	expect_change(_metadata, self, SPARE, TAKING, HOTID_REASON_USER_SILENT);
}

/* Only who has proven a fence, or holds, makes a holder that lives let go. */
TEST_F(automatic, taking_evicts_nobody)
{
	struct hotid_identity holder;

	usual_state(_metadata, self, 0);
	while (listener_next(&self->events[HOLDER], 50 * MS))
		;
	node_daemon_lives(&self->nodes[SPARE]);
	MUST(self->nodes[SPARE].h, hotid_identity_takeover(self->nodes[SPARE].h, WEB, 0));
	/* Four claims later it has heard of the attempt, and goes on. */
	sleep_ns(SECOND);
	holder = identity_read(&self->nodes[HOLDER], WEB);
	EXPECT_EQ(HELD, holder.state);
	EXPECT_EQ(EPOCH, holder.epoch);
	EXPECT_EQ(EPOCH + 1, holder.known_epoch);
	EXPECT_EQ(0, memcmp(holder.holder, self->nodes[HOLDER].id, HOTID_ID_LEN));
}

/* The daemon tells of a step of the takeover. */
static void step_told(const struct node *node, uint32_t stage, uint32_t verb, uint32_t status)
{
	struct hotid_identity now = identity_read(node, WEB);
	struct hotid_step step = { .index = 1, .stage = stage, .verb = verb, .status = status,
				   .name = "a step", .kind = "kind" };

	MUST(node->h, hotid_step_report(node->h, WEB, TAKING, now.epoch, &step));
}

/* The first step after the fence that runs proves it; then the holder lets go at once. */
TEST_F(automatic, proven_fence_evicts)
{
	const struct node *spare = &self->nodes[SPARE];
	struct hotid_identity released;
	uint64_t proven;

	usual_state(_metadata, self, 0);
	node_daemon_lives(spare);
	MUST(spare->h, hotid_identity_takeover(spare->h, WEB, 0));
	/* None of these is the proof. */
	step_told(spare, HOTID_STAGE_FENCE, HOTID_VERB_TAKE, HOTID_STEP_STATUS_DONE);
	step_told(spare, HOTID_STAGE_NET, HOTID_VERB_UNDO, HOTID_STEP_STATUS_DONE);
	step_told(spare, HOTID_STAGE_NET, HOTID_VERB_TAKE, HOTID_STEP_STATUS_FAILED);
	step_told(spare, HOTID_STAGE_NET, HOTID_VERB_TAKE, HOTID_STEP_STATUS_PENDING);
	sleep_ns(SECOND);
	EXPECT_EQ(HELD, identity_state(&self->nodes[HOLDER], WEB));
	while (listener_next(&self->events[HOLDER], 50 * MS))
		;
	step_told(spare, HOTID_STAGE_NET, HOTID_VERB_TAKE, HOTID_STEP_STATUS_RUNNING);
	proven = now_ns();
	released = expect_change(_metadata, self, HOLDER, RELEASING, HOTID_REASON_SUPERSEDED);
	EXPECT_LT(released.changed_ns, proven + 20 * MS + slack_ns());
	EXPECT_EQ(EPOCH + 1, released.epoch);
	EXPECT_EQ(TAKING, identity_state(spare, WEB));
	EXPECT_TRUE(knows(self, HOLDER, SPARE, EPOCH + 1));
}

/* A takeover that failed leaves all as it was: who holds, and who would take over. */
TEST_F(automatic, failed_takeover_changes_nothing)
{
	const struct node *spare = &self->nodes[SPARE];
	struct hotid_identity taken;

	identity_bring(&self->nodes[OTHER], WEB, AUTO, ARMED, 0);
	usual_state(_metadata, self, AUTO);
	node_daemon_lives(spare);
	node_daemon_lives(&self->nodes[OTHER]);
	MUST(spare->h, hotid_identity_takeover(spare->h, WEB, 0));
	EXPECT_TRUE(WAIT_FOR(knows(self, OTHER, SPARE, EPOCH + 1), SECOND));
	MUST(spare->h, hotid_identity_report(spare->h, WEB, TAKING, EPOCH + 1, EIO, true, "no"));
	EXPECT_TRUE(WAIT_FOR(knows(self, OTHER, HOLDER, EPOCH + 1), 3 * SECOND));
	EXPECT_TRUE(knows(self, SPARE, HOLDER, EPOCH + 1));
	MUST(spare->h, hotid_identity_arm(spare->h, WEB));
	identity_done(spare, WEB);
	while (listener_next(&self->events[SPARE], 600 * MS))
		;
	EXPECT_EQ(HELD, identity_state(&self->nodes[HOLDER], WEB));
	die(self, HOLDER);
	taken = expect_change(_metadata, self, SPARE, TAKING, HOTID_REASON_PEER_SILENT);
	EXPECT_EQ(EPOCH + 2, taken.epoch);
}

/* HOLDER is dead, SPARE at it, and OTHER waits for what becomes of it. */
static void second_in_line(THIS)
{
	identity_bring(&self->nodes[OTHER], WEB, AUTO, ARMED, 0);
	usual_state(_metadata, self, AUTO);
	/* So that it does not begin at the same moment. */
	node_daemon_dies(&self->nodes[OTHER]);
	ASSERT_TRUE(WAIT_FOR(knows(self, OTHER, HOLDER, EPOCH), SECOND));
	die(self, HOLDER);
	expect_change(_metadata, self, SPARE, TAKING, HOTID_REASON_PEER_SILENT);
	ASSERT_TRUE(WAIT_FOR(knows(self, OTHER, SPARE, EPOCH + 1), SECOND));
	EXPECT_EQ(ARMED, identity_state(&self->nodes[OTHER], WEB));
	while (listener_next(&self->events[OTHER], 50 * MS))
		;
	/* While the other one is at it, a daemon that lives changes nothing. */
	node_daemon_lives(&self->nodes[OTHER]);
	expect_no_change(_metadata, self, OTHER, ARMED, 2 * SECOND);
	node_daemon_lives(&self->nodes[OTHER]);
	EXPECT_EQ(ARMED, identity_state(&self->nodes[OTHER], WEB));
}

TEST_F(automatic, second_spare_after_death_of_the_first)
{
	struct hotid_identity taken;

	second_in_line(_metadata, self);
	die(self, SPARE);
	taken = expect_change(_metadata, self, OTHER, TAKING, HOTID_REASON_PEER_SILENT);
	EXPECT_EQ(EPOCH + 2, taken.epoch);
}

TEST_F(automatic, second_spare_after_failure_of_the_first)
{
	const struct node *spare = &self->nodes[SPARE];

	second_in_line(_metadata, self);
	MUST(spare->h, hotid_identity_report(spare->h, WEB, TAKING, EPOCH + 1, EIO, true, "no"));
	EXPECT_TRUE(WAIT_FOR((node_daemon_lives(&self->nodes[OTHER]),
			      identity_state(&self->nodes[OTHER], WEB) == TAKING), 3 * SECOND));
	EXPECT_EQ(EPOCH + 2, identity_read(&self->nodes[OTHER], WEB).epoch);
}

/* Nor does a node get on with a takeover whose daemon died, and so it does not claim. */
TEST_F(automatic, second_spare_after_the_daemon_of_the_first)
{
	second_in_line(_metadata, self);
	node_daemon_dies(&self->nodes[SPARE]);
	EXPECT_TRUE(WAIT_FOR((node_daemon_lives(&self->nodes[OTHER]),
			      identity_state(&self->nodes[OTHER], WEB) == TAKING), 3 * SECOND));
	/* Who comes back finds that it is late. */
	node_daemon_lives(&self->nodes[SPARE]);
	EXPECT_TRUE(WAIT_FOR(identity_state(&self->nodes[SPARE], WEB) == RELEASING, SECOND));
	EXPECT_EQ(TAKING, identity_state(&self->nodes[OTHER], WEB));
}

/* A node whose daemon is dead says that it cannot, and does it when it can. */
TEST_F(automatic, spare_without_daemon)
{
	struct hotid_identity told;

	usual_state(_metadata, self, AUTO);
	node_daemon_dies(&self->nodes[SPARE]);
	die(self, HOLDER);
	told = listener_identity(&self->events[SPARE], WEB, 2 * SECOND)->identity;
	EXPECT_EQ(ARMED, told.state);
	EXPECT_EQ(ARMED, told.previous);
	EXPECT_EQ(HOTID_REASON_UNFIT, told.reason);
	EXPECT_EQ(EPOCH, told.epoch);
	EXPECT_EQ(0, memcmp(told.holder, self->nodes[HOLDER].id, HOTID_ID_LEN));
	/* Once, and without a claim. */
	expect_no_change(_metadata, self, SPARE, ARMED, SECOND);
	EXPECT_EQ(HELD, identity_state(&self->nodes[HOLDER], WEB));
	node_daemon_lives(&self->nodes[SPARE]);
	told = expect_change(_metadata, self, SPARE, TAKING, HOTID_REASON_PEER_SILENT);
	EXPECT_EQ(EPOCH + 1, told.epoch);
}

/* What was due is not any more when the holder is back before the daemon. */
TEST_F(automatic, holder_back_before_daemon)
{
	usual_state(_metadata, self, AUTO);
	node_daemon_dies(&self->nodes[SPARE]);
	die(self, HOLDER);
	EXPECT_EQ(HOTID_REASON_UNFIT,
		  listener_identity(&self->events[SPARE], WEB, 2 * SECOND)->identity.reason);
	cut_off(self, HOLDER, true, false, false);
	ASSERT_TRUE(WAIT_FOR(all_up(self, SPARE), 5 * SECOND));
	node_daemon_lives(&self->nodes[SPARE]);
	expect_no_change(_metadata, self, SPARE, ARMED, SECOND);
}

/* None of these is a reason to take anything. */
TEST_F(automatic, not_the_holder)
{
	usual_state(_metadata, self, AUTO);
	die(self, OTHER);
	expect_no_change(_metadata, self, SPARE, ARMED, SECOND);
}

TEST_F(automatic, not_told_to)
{
	usual_state(_metadata, self, 0);
	die(self, HOLDER);
	expect_no_change(_metadata, self, SPARE, ARMED, SECOND);
}

TEST_F(automatic, not_armed)
{
	identity_bring(&self->nodes[SPARE], WEB, AUTO, ARMING, 0);
	identity_bring(&self->nodes[OTHER], WEB, AUTO, OFFLINE, 0);
	identity_bring(&self->nodes[HOLDER], WEB, 0, HELD, EPOCH);
	ASSERT_TRUE(WAIT_FOR(knows(self, SPARE, HOLDER, EPOCH), SECOND));
	while (listener_next(&self->events[SPARE], 600 * MS) ||
	       listener_next(&self->events[OTHER], MS))
		;
	die(self, HOLDER);
	expect_no_change(_metadata, self, SPARE, ARMING, SECOND);
	expect_no_change(_metadata, self, OTHER, OFFLINE, MS);
}

/* Whoever is armed while the holder is lost takes over, and once more after a failure. */
TEST_F(automatic, armed_too_late)
{
	struct hotid *h = self->nodes[SPARE].h;
	struct hotid_identity told;

	identity_bring(&self->nodes[SPARE], WEB, AUTO, ARMING, 0);
	identity_bring(&self->nodes[HOLDER], WEB, 0, HELD, EPOCH);
	ASSERT_TRUE(WAIT_FOR(knows(self, SPARE, HOLDER, EPOCH), SECOND));
	while (listener_next(&self->events[SPARE], 600 * MS))
		;
	die(self, HOLDER);
	expect_no_change(_metadata, self, SPARE, ARMING, SECOND);
	MUST(h, hotid_identity_report(h, WEB, ARMING, EPOCH, 0, true, ""));
	expect_change(_metadata, self, SPARE, ARMED, HOTID_REASON_STEPS_DONE);
	node_daemon_lives(&self->nodes[SPARE]);
	told = expect_change(_metadata, self, SPARE, TAKING, HOTID_REASON_PEER_SILENT);
	EXPECT_EQ(EPOCH + 1, told.epoch);
	MUST(h, hotid_identity_report(h, WEB, TAKING, EPOCH + 1, EHOSTUNREACH, true, ""));
	MUST(h, hotid_identity_arm(h, WEB));
	MUST(h, hotid_identity_report(h, WEB, ARMING, EPOCH + 1, 0, true, ""));
	node_daemon_lives(&self->nodes[SPARE]);
	ASSERT_TRUE(WAIT_FOR(identity_state(&self->nodes[SPARE], WEB) == TAKING, 5 * SECOND));
	told = identity_read(&self->nodes[SPARE], WEB);
	EXPECT_EQ(EPOCH + 2, told.epoch);
	EXPECT_EQ(HOTID_REASON_PEER_SILENT, told.reason);
}

/* Who let go and died later left nothing to take over, however late it is armed. */
TEST_F(automatic, armed_after_a_release)
{
	struct hotid *holder = self->nodes[HOLDER].h, *spare = self->nodes[SPARE].h;

	identity_bring(&self->nodes[SPARE], WEB, AUTO, ARMING, 0);
	identity_bring(&self->nodes[HOLDER], WEB, 0, HELD, EPOCH);
	ASSERT_TRUE(WAIT_FOR(knows(self, SPARE, HOLDER, EPOCH), SECOND));
	MUST(holder, hotid_identity_release(holder, WEB, 0));
	identity_done(&self->nodes[HOLDER], WEB);
	/* Longer than claims may fail to come. */
	while (listener_next(&self->events[SPARE], 2 * SECOND))
		;
	die(self, HOLDER);
	ASSERT_TRUE(WAIT_FOR(!identity_read(&self->nodes[SPARE], WEB).has_holder, SECOND));
	while (listener_next(&self->events[SPARE], 100 * MS))
		;
	MUST(spare, hotid_identity_report(spare, WEB, ARMING, EPOCH, 0, true, ""));
	expect_change(_metadata, self, SPARE, ARMED, HOTID_REASON_STEPS_DONE);
	node_daemon_lives(&self->nodes[SPARE]);
	expect_no_change(_metadata, self, SPARE, ARMED, SECOND);
}

/* SPARE failed to take over from the holder that is lost, and may be armed again. */
static void fail_to_take(THIS)
{
	struct hotid *h = self->nodes[SPARE].h;

	die(self, HOLDER);
	expect_change(_metadata, self, SPARE, TAKING, HOTID_REASON_PEER_SILENT);
	MUST(h, hotid_identity_report(h, WEB, TAKING, EPOCH + 1, EHOSTUNREACH, true, ""));
	expect_change(_metadata, self, SPARE, HOTID_IDENTITY_STATE_FAILED,
		      HOTID_REASON_STEP_FAILED);
}

static void arm_again(THIS, uint64_t epoch)
{
	struct hotid *h = self->nodes[SPARE].h;

	MUST(h, hotid_identity_arm(h, WEB));
	expect_change(_metadata, self, SPARE, ARMING, HOTID_REASON_ADMIN);
	MUST(h, hotid_identity_report(h, WEB, ARMING, epoch, 0, true, ""));
	expect_change(_metadata, self, SPARE, ARMED, HOTID_REASON_STEPS_DONE);
	node_daemon_lives(&self->nodes[SPARE]);
}

/* Armed again after a failure, a spare leaves alone what another node has by now. */
TEST_F(automatic, armed_again_after_another_took_it)
{
	usual_state(_metadata, self, AUTO);
	fail_to_take(_metadata, self);
	identity_bring(&self->nodes[OTHER], WEB, 0, HELD, EPOCH + 2);
	ASSERT_TRUE(WAIT_FOR(knows(self, SPARE, OTHER, EPOCH + 2), SECOND));
	while (listener_next(&self->events[SPARE], 600 * MS))
		;
	arm_again(_metadata, self, EPOCH + 2);
	expect_no_change(_metadata, self, SPARE, ARMED, SECOND);
	EXPECT_EQ(HELD, identity_state(&self->nodes[OTHER], WEB));
}

/* The same when nothing of that node is heard here but its key on the disk. */
TEST_F(automatic, armed_again_after_a_disk_told_of_another)
{
	struct hotid *h = self->nodes[SPARE].h;
	struct hotid_identity read;

	usual_state(_metadata, self, AUTO);
	fail_to_take(_metadata, self);
	MUST(h, hotid_identity_know(h, WEB, EPOCH + 5));
	read = identity_read(&self->nodes[SPARE], WEB);
	EXPECT_EQ(EPOCH + 5, read.epoch);
	EXPECT_FALSE(read.has_holder);
	while (listener_next(&self->events[SPARE], 100 * MS))
		;
	arm_again(_metadata, self, EPOCH + 5);
	expect_no_change(_metadata, self, SPARE, ARMED, SECOND);
	/* Whoever asks for it gets it. */
	MUST(h, hotid_identity_takeover(h, WEB, 0));
	EXPECT_EQ(EPOCH + 6, identity_read(&self->nodes[SPARE], WEB).epoch);
}

TEST_F(automatic, holder_not_known)
{
	identity_bring(&self->nodes[SPARE], WEB, AUTO, ARMED, 0);
	while (listener_next(&self->events[SPARE], 50 * MS))
		;
	die(self, HOLDER);
	expect_no_change(_metadata, self, SPARE, ARMED, SECOND);
}

/* Of two spares the one with the lower id takes it, and the other one lets go. */
TEST_F(automatic, two_spares)
{
	struct hotid_identity other;

	identity_bring(&self->nodes[OTHER], WEB, AUTO, ARMED, 0);
	usual_state(_metadata, self, AUTO);
	ASSERT_TRUE(WAIT_FOR(knows(self, OTHER, HOLDER, EPOCH), SECOND));
	die(self, HOLDER);
	expect_change(_metadata, self, SPARE, TAKING, HOTID_REASON_PEER_SILENT);
	expect_no_change(_metadata, self, SPARE, TAKING, SECOND);
	other = identity_read(&self->nodes[OTHER], WEB);
	/* It either began and was superseded, or saw the claim before its own deadline. */
	if (other.state == RELEASING) {
		EXPECT_EQ(HOTID_REASON_SUPERSEDED, other.reason);
	} else {
		EXPECT_EQ(ARMED, other.state);
	}
	EXPECT_TRUE(knows(self, OTHER, SPARE, EPOCH + 1));
	EXPECT_TRUE(knows(self, SPARE, SPARE, EPOCH + 1));
}

/* Both are asked at the same time to take it for the same epoch. */
TEST_F(automatic, two_takeovers)
{
	identity_bring(&self->nodes[SPARE], WEB, 0, ARMED, 0);
	identity_bring(&self->nodes[OTHER], WEB, 0, ARMED, 0);
	while (listener_next(&self->events[OTHER], 50 * MS))
		;
	/* They do not hear each other until both have begun. */
	cut_off(self, SPARE, true, true, true);
	MUST(self->nodes[OTHER].h, hotid_identity_takeover(self->nodes[OTHER].h, WEB, EPOCH));
	MUST(self->nodes[SPARE].h, hotid_identity_takeover(self->nodes[SPARE].h, WEB, EPOCH));
	expect_change(_metadata, self, OTHER, TAKING, HOTID_REASON_ADMIN);
	cut_off(self, SPARE, true, true, false);
	expect_change(_metadata, self, OTHER, RELEASING, HOTID_REASON_SUPERSEDED);
	EXPECT_TRUE(knows(self, OTHER, SPARE, EPOCH));
	EXPECT_EQ(TAKING, identity_state(&self->nodes[SPARE], WEB));
	identity_done(&self->nodes[SPARE], WEB);
	identity_done(&self->nodes[OTHER], WEB);
	EXPECT_EQ(HELD, identity_state(&self->nodes[SPARE], WEB));
	EXPECT_EQ(OFFLINE, identity_state(&self->nodes[OTHER], WEB));
}

/* Both came to hold it for the same epoch: when they hear of it, one lets go. */
TEST_F(automatic, two_holders)
{
	cut_off(self, SPARE, true, true, true);
	identity_bring(&self->nodes[OTHER], WEB, 0, HELD, EPOCH);
	identity_bring(&self->nodes[SPARE], WEB, 0, HELD, EPOCH);
	while (listener_next(&self->events[OTHER], 50 * MS))
		;
	cut_off(self, SPARE, true, true, false);
	expect_change(_metadata, self, OTHER, RELEASING, HOTID_REASON_SUPERSEDED);
	EXPECT_TRUE(knows(self, OTHER, SPARE, EPOCH));
	sleep_ns(SECOND);
	EXPECT_EQ(HELD, identity_state(&self->nodes[SPARE], WEB));
}

/* Cut off and alive, it holds on; the first claim it hears makes it let go. */
TEST_F(automatic, holder_comes_back_too_late)
{
	struct hotid_identity released;
	uint64_t fixed;

	usual_state(_metadata, self, AUTO);
	cut_off(self, HOLDER, true, true, true);
	expect_change(_metadata, self, SPARE, TAKING, HOTID_REASON_PEER_SILENT);
	identity_done(&self->nodes[SPARE], WEB);
	while (listener_next(&self->events[HOLDER], 600 * MS))
		;
	EXPECT_EQ(HELD, identity_state(&self->nodes[HOLDER], WEB));
	fixed = now_ns();
	cut_off(self, HOLDER, true, true, false);
	released = expect_change(_metadata, self, HOLDER, RELEASING, HOTID_REASON_SUPERSEDED);
	EXPECT_EQ(EPOCH + 1, released.epoch);
	EXPECT_EQ(0, memcmp(released.holder, self->nodes[SPARE].id, HOTID_ID_LEN));
	/* A beat proves the spare, and the next claim is a quarter of a second away. */
	EXPECT_LT(released.changed_ns, fixed + 300 * MS);
	/* The end of its release is for the new epoch. */
	EXPECT_EQ(-ESTALE, hotid_identity_report(self->nodes[HOLDER].h, WEB, RELEASING, EPOCH, 0,
						 true, ""));
	identity_done(&self->nodes[HOLDER], WEB);
	EXPECT_EQ(OFFLINE, identity_state(&self->nodes[HOLDER], WEB));
	EXPECT_EQ(HELD, identity_state(&self->nodes[SPARE], WEB));
	EXPECT_TRUE(knows(self, HOLDER, SPARE, EPOCH + 1));
}

/* A holder is superseded by a higher epoch only; claims of old ones are nothing. */
TEST_F(automatic, older_epochs_lose)
{
	identity_bring(&self->nodes[HOLDER], WEB, 0, HELD, EPOCH);
	/* OTHER knows nothing of it yet and takes it for an older epoch. */
	cut_off(self, OTHER, false, true, true);
	identity_bring(&self->nodes[OTHER], WEB, 0, HELD, EPOCH - 1);
	sleep_ns(600 * MS);
	EXPECT_EQ(HELD, identity_state(&self->nodes[HOLDER], WEB));
	EXPECT_EQ(EPOCH, identity_read(&self->nodes[HOLDER], WEB).epoch);
	cut_off(self, OTHER, false, true, false);
	expect_change(_metadata, self, OTHER, ARMING, HOTID_REASON_ADMIN);
	expect_change(_metadata, self, OTHER, ARMED, HOTID_REASON_STEPS_DONE);
	expect_change(_metadata, self, OTHER, TAKING, HOTID_REASON_ADMIN);
	expect_change(_metadata, self, OTHER, HELD, HOTID_REASON_STEPS_DONE);
	expect_change(_metadata, self, OTHER, RELEASING, HOTID_REASON_SUPERSEDED);
	EXPECT_EQ(HELD, identity_state(&self->nodes[HOLDER], WEB));
}

TEST_HARNESS_MAIN

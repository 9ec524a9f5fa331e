// SPDX-License-Identifier: GPL-2.0
/*
 * Identities that move by themselves: claims, failure of the holder, and of the spare
 * that was first; and what is no reason to move. Runs in virtual time. The fixture is
 * drawn in lib/failover_fixture.h.
 */
#include "lib/failover_fixture.h"

#define ALLOWED		(30 * MS)
#define AUTO_HUNG	HOTID_IDENTITY_FLAGS_AUTO_HUNG

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

TEST_F(automatic, holder_not_known)
{
	identity_bring(&self->nodes[SPARE], WEB, AUTO, ARMED, 0);
	while (listener_next(&self->events[SPARE], 50 * MS))
		;
	die(self, HOLDER);
	expect_no_change(_metadata, self, SPARE, ARMED, SECOND);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * A spare that is armed when the holder is lost already, for the first time or again:
 * it takes over what is still to be taken, and nothing else. Runs in virtual time. The
 * fixture is drawn in lib/failover_fixture.h.
 */
#include "lib/failover_fixture.h"

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

TEST_HARNESS_MAIN

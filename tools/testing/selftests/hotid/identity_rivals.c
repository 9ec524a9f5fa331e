// SPDX-License-Identifier: GPL-2.0
/*
 * Two nodes that want or hold the same identity: one of them lets go, and a holder that
 * comes back too late does. Runs in virtual time. The fixture is drawn in
 * lib/failover_fixture.h.
 */
#include "lib/failover_fixture.h"

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

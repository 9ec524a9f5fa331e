// SPDX-License-Identifier: GPL-2.0
/*
 * The states of an identity on one node, and what leads from one to another: every
 * input in every state, as netlink has it. The fixture is drawn in
 * lib/identity_fixture.h.
 */
#include "lib/identity_fixture.h"

/* What can be asked of an identity, in all its shades. */
enum input {
	ARM, DISARM, TAKE_NEXT, TAKE_HIGHER, TAKE_SAME, TAKE_LOWER, TAKE_TOO_FAR, TAKE_TOO_HIGH,
	RELEASE, RELEASE_CURRENT, RELEASE_OTHER,
	REPORT_DONE, REPORT_CLEAN, REPORT_UNCLEAN, REPORT_OLD_EPOCH, REPORT_NEW_EPOCH,
	DELETE, INPUTS
};

static const char *const input_names[] = {
	"arm", "disarm", "takeover", "takeover with a higher epoch",
	"takeover with the epoch known", "takeover with an old epoch",
	"takeover that jumps too far",
	"takeover with too high an epoch",
	"release", "release of the epoch", "release of another epoch",
	"report of success", "report of a clean failure", "report of an unclean failure",
	"report of an old epoch", "report of an epoch to come", "deletion",
};

static int ask(const struct node *node, enum input input, uint64_t epoch, uint32_t state)
{
	struct hotid *h = node->h;

	switch (input) {
	case ARM:
		return hotid_identity_arm(h, WEB);
	case DISARM:
		return hotid_identity_disarm(h, WEB);
	case TAKE_NEXT:
		return hotid_identity_takeover(h, WEB, 0);
	case TAKE_HIGHER:
		return hotid_identity_takeover(h, WEB, epoch + 100);
	case TAKE_SAME:
		/* The epoch 0 is the wish for the next one, so it has to be another. */
		return hotid_identity_takeover(h, WEB, epoch);
	case TAKE_LOWER:
		return hotid_identity_takeover(h, WEB, epoch - 1);
	case TAKE_TOO_FAR:
		return hotid_identity_takeover(h, WEB, epoch + HOTID_EPOCH_JUMP + 1);
	case TAKE_TOO_HIGH:
		return hotid_identity_takeover(h, WEB, (uint64_t)HOTID_EPOCH_MAX + 1);
	case RELEASE:
		return hotid_identity_release(h, WEB, 0);
	case RELEASE_CURRENT:
		return hotid_identity_release(h, WEB, epoch);
	case RELEASE_OTHER:
		return hotid_identity_release(h, WEB, epoch + 1);
	case REPORT_DONE:
		return hotid_identity_report(h, WEB, state, epoch, 0, true, "done");
	case REPORT_CLEAN:
		return hotid_identity_report(h, WEB, state, epoch, EIO, true, "failed");
	case REPORT_UNCLEAN:
		return hotid_identity_report(h, WEB, state, epoch, EIO, false, "failed");
	case REPORT_OLD_EPOCH:
		return hotid_identity_report(h, WEB, state, epoch - 1, 0, true, "done");
	case REPORT_NEW_EPOCH:
		return hotid_identity_report(h, WEB, state, epoch + 1, 0, true, "done");
	case DELETE:
		return hotid_identity_del(h, WEB);
	default:
		errx(1, "no input %d", input);
	}
}

#define GONE	99

/* Where an input leads from a state; or, when negative, why it does not. */
static const int expected[8][INPUTS] = {
	[OFFLINE] = {
		ARMING, -EALREADY, -ENOTCONN, -ENOTCONN, -ENOTCONN, -ENOTCONN, -ENOTCONN, -ENOTCONN,
		-ENOTCONN, -ENOTCONN, -ENOTCONN,
		-EINVAL, -EINVAL, -EINVAL, -EINVAL, -EINVAL, GONE },
	[ARMING] = {
		-EBUSY, RELEASING, -ENOTCONN, -ENOTCONN, -ENOTCONN, -ENOTCONN, -ENOTCONN, -ENOTCONN,
		-ENOTCONN, -ENOTCONN, -ENOTCONN,
		ARMED, FAILED, FAILED, -ESTALE, -ESTALE, -EBUSY },
	[ARMED] = {
		-EALREADY, RELEASING, TAKING, TAKING, -ESTALE, -ESTALE, -ERANGE, -ERANGE,
		-ENOTCONN, -ENOTCONN, -ENOTCONN,
		-EINVAL, -EINVAL, -EINVAL, -EINVAL, -EINVAL, -EBUSY },
	[TAKING] = {
		-EBUSY, -EBUSY, -ENOTCONN, -ENOTCONN, -ENOTCONN, -ENOTCONN, -ENOTCONN, -ENOTCONN,
		RELEASING, RELEASING, -ESTALE,
		HELD, FAILED, FAILED, -ESTALE, -ESTALE, -EBUSY },
	[HELD] = {
		-EBUSY, -EBUSY, -ENOTCONN, -ENOTCONN, -ENOTCONN, -ENOTCONN, -ENOTCONN, -ENOTCONN,
		RELEASING, RELEASING, -ESTALE,
		-EINVAL, -EINVAL, -EINVAL, -EINVAL, -EINVAL, -EBUSY },
	[RELEASING] = {
		-EBUSY, -EBUSY, -ENOTCONN, -ENOTCONN, -ENOTCONN, -ENOTCONN, -ENOTCONN, -ENOTCONN,
		-ENOTCONN, -ENOTCONN, -ENOTCONN,
		OFFLINE, FAILED, FAILED, -ESTALE, -ESTALE, -EBUSY },
	[FAILED] = {
		ARMING, RELEASING, -ENOTCONN, -ENOTCONN, -ENOTCONN, -ENOTCONN, -ENOTCONN, -ENOTCONN,
		-ENOTCONN, -ENOTCONN, -ENOTCONN,
		-EINVAL, -EINVAL, -EINVAL, -EINVAL, -EINVAL, GONE },
	/* Failed, and something was left behind. */
	[FAILED + 1] = {
		-EUCLEAN, RELEASING, -ENOTCONN, -ENOTCONN, -ENOTCONN, -ENOTCONN, -ENOTCONN,
		-ENOTCONN, -ENOTCONN, -ENOTCONN, -ENOTCONN,
		-EINVAL, -EINVAL, -EINVAL, -EINVAL, -EINVAL, -EBUSY },
};

/* An identity in one of the eight states, of epoch EPOCH. */
static void bring(const struct node *node, int state)
{
	struct hotid *h = node->h;

	/* One that was held before, so that it has an epoch. */
	identity_bring(node, WEB, 0, RELEASING, EPOCH);
	identity_done(node, WEB);
	if (state == OFFLINE)
		return;
	if (state <= ARMED) {
		identity_bring(node, WEB, 0, state, 0);
		return;
	}
	MUST(h, hotid_identity_del(h, WEB));
	identity_bring(node, WEB, 0, state > FAILED ? TAKING : state, EPOCH);
	if (state > FAILED)
		MUST(h, hotid_identity_report(h, WEB, TAKING, EPOCH, EIO, false, "failed"));
}

static void gone(THIS)
{
	struct hotid_identity none;

	EXPECT_EQ(-ENOENT, hotid_identity_get(self->node.h, WEB, &none));
}

TEST_F(identity, every_state_and_every_input)
{
	int state, input;

	for (state = OFFLINE; state <= FAILED + 1; state++) {
		for (input = 0; input < INPUTS; input++) {
			int want = expected[state][input], error;
			uint64_t epoch;

			bring(&self->node, state);
			epoch = identity_read(&self->node, WEB).epoch;
			EXPECT_EQ(EPOCH, epoch);
			raw_state(&self->raw, self->before);
			error = ask(&self->node, input, epoch, state > FAILED ? FAILED : state);
			EXPECT_EQ(want < 0 ? want : 0, error) {
				TH_LOG("%s in state %d: %s", input_names[input], state,
				       hotid_strerror(self->node.h, error));
			}
			if (want < 0) {
				raw_state(&self->raw, self->after);
				EXPECT_TRUE(state_same(self->before, self->after))
					TH_LOG("%s in state %d was refused and changed something",
					       input_names[input], state);
				/* Why, and what to do. */
				EXPECT_LT(20, strlen(hotid_strerror(self->node.h, error)));
			} else if (want == GONE) {
				gone(_metadata, self);
			} else {
				EXPECT_EQ(want, identity_state(&self->node, WEB))
					TH_LOG("%s in state %d", input_names[input], state);
				EXPECT_LE(epoch, identity_read(&self->node, WEB).epoch);
			}
			/* Another namespace for the next one would take longer. */
			hotid_close(self->node.h);
			raw_close(&self->raw);
			node_start(&self->node, ns_new(), 1, 10000);
			raw_open(&self->raw, self->node.ns);
		}
	}
}

/* Reports on a state that is over, in each state. */
TEST_F(identity, reports_on_another_state)
{
	static const uint32_t reportable[] = { ARMING, TAKING, RELEASING };
	uint32_t states[] = { ARMING, TAKING, RELEASING, ARMED, HELD };
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		char name[16];

		snprintf(name, sizeof(name), "identity%zu", i);
		identity_bring(&self->node, name, 0, states[i], 1);
		for (j = 0; j < ARRAY_SIZE(reportable); j++) {
			if (states[i] == reportable[j])
				continue;
			EXPECT_EQ(-ESTALE, hotid_identity_report(self->node.h, name, reportable[j],
					  identity_read(&self->node, name).epoch, 0, true, ""));
			EXPECT_EQ(states[i], identity_state(&self->node, name));
		}
	}
}

/* Without a daemon nobody would carry a takeover out, so none begins. */
TEST_F(identity, no_takeover_without_daemon)
{
	int error;

	identity_bring(&self->node, WEB, 0, ARMED, 0);
	raw_state(&self->raw, self->before);
	error = hotid_identity_takeover(self->node.h, WEB, 0);
	EXPECT_EQ(-EHOSTDOWN, error);
	EXPECT_NE(NULL, strstr(hotid_strerror(self->node.h, error), "start hotidd"));
	raw_state(&self->raw, self->after);
	EXPECT_TRUE(state_same(self->before, self->after));
	node_daemon_lives(&self->node);
	EXPECT_EQ(0, hotid_identity_takeover(self->node.h, WEB, 0));
}

/* Declared again: the flags change, and nothing else. */
TEST_F(identity, declared_again)
{
	struct hotid_identity before, after;

	identity_bring(&self->node, WEB, 0, HELD, EPOCH);
	before = identity_read(&self->node, WEB);
	MUST(self->node.h, hotid_identity_new(self->node.h, WEB, HOTID_IDENTITY_FLAGS_AUTO));
	after = identity_read(&self->node, WEB);
	EXPECT_EQ(HOTID_IDENTITY_FLAGS_AUTO, after.flags);
	EXPECT_EQ(before.state, after.state);
	EXPECT_EQ(before.epoch, after.epoch);
	EXPECT_EQ(before.changed_ns, after.changed_ns);
	EXPECT_TRUE(after.has_holder);
}

/* The daemon tells of an epoch that a disk has; the flags stay. */
TEST_F(identity, known_epoch)
{
	struct hotid *h = self->node.h;
	struct hotid_identity read;

	MUST(h, hotid_identity_new(h, WEB, HOTID_IDENTITY_FLAGS_AUTO));
	MUST(h, hotid_identity_know(h, WEB, EPOCH));
	MUST(h, hotid_identity_know(h, WEB, EPOCH - 1));
	read = identity_read(&self->node, WEB);
	EXPECT_EQ(EPOCH, read.epoch);
	EXPECT_EQ(EPOCH, read.known_epoch);
	EXPECT_EQ(HOTID_IDENTITY_FLAGS_AUTO, read.flags);
	EXPECT_EQ(OFFLINE, read.state);
	EXPECT_EQ(0, read.changed_ns);
	EXPECT_EQ(-ERANGE, hotid_identity_know(h, WEB, (uint64_t)HOTID_EPOCH_MAX + 1));
	identity_bring(&self->node, WEB, HOTID_IDENTITY_FLAGS_AUTO, ARMED, 0);
	node_daemon_lives(&self->node);
	EXPECT_EQ(-ESTALE, hotid_identity_takeover(h, WEB, EPOCH));
	MUST(h, hotid_identity_takeover(h, WEB, 0));
	EXPECT_EQ(EPOCH + 1, identity_read(&self->node, WEB).epoch);
}

TEST_HARNESS_MAIN

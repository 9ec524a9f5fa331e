// SPDX-License-Identifier: GPL-2.0
/*
 * Identities on one node: states and what leads from one to another, events,
 * steps, history.
 *
 *   ┌──────┐
 *   │ node │     one namespace, no link
 *   └──────┘
 */
#include <linux/genetlink.h>

#include "lib/clock.h"
#include "lib/harness.h"
#include "lib/identities.h"
#include "lib/listener.h"
#include "lib/net.h"
#include "lib/raw.h"

#define WEB	"web"
#define EPOCH	10

FIXTURE(identity) {
	struct node node;
	struct listener events;
	struct raw raw;
	struct state *before, *after;
};

FIXTURE_SETUP(identity)
{
	node_start(&self->node, ns_new(), 1, 10000);
	listener_open(&self->events, self->node.ns);
	raw_open(&self->raw, self->node.ns);
	self->before = malloc(sizeof(*self->before));
	self->after = malloc(sizeof(*self->after));
}

FIXTURE_TEARDOWN(identity)
{
	raw_close(&self->raw);
	hotid_close(self->events.h);
	hotid_close(self->node.h);
}

#define THIS	struct __test_metadata *_metadata, struct _test_data_identity *self

/* The next event is of an identity that came into this state. */
static struct hotid_identity expect_event(THIS, uint32_t previous, uint32_t state,
					  uint32_t reason)
{
	const struct note *note = listener_next(&self->events, 2 * SECOND);

	ASSERT_NE(NULL, note);
	EXPECT_EQ(HOTID_EVENT_IDENTITY, note->type);
	EXPECT_EQ(previous, note->identity.previous);
	EXPECT_EQ(state, note->identity.state);
	EXPECT_EQ(reason, note->identity.reason);
	return note->identity;
}

static void expect_nothing(THIS)
{
	EXPECT_EQ(NULL, listener_next(&self->events, 20 * MS));
}

/* What can be asked of an identity, in all its shades. */
enum input {
	ARM, DISARM, TAKE_NEXT, TAKE_HIGHER, TAKE_SAME, TAKE_LOWER, TAKE_TOO_FAR, TAKE_TOO_HIGH,
	RELEASE, RELEASE_CURRENT, RELEASE_OTHER,
	REPORT_DONE, REPORT_CLEAN, REPORT_UNCLEAN, REPORT_OLD_EPOCH, REPORT_NEW_EPOCH,
	DELETE, INPUTS
};

static const char *const input_names[] = {
	"arm", "disarm", "takeover", "takeover with a higher epoch", "takeover with the epoch known",
	"takeover with an old epoch", "takeover that jumps too far",
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
		-EUCLEAN, RELEASING, -ENOTCONN, -ENOTCONN, -ENOTCONN, -ENOTCONN, -ENOTCONN, -ENOTCONN,
		-ENOTCONN, -ENOTCONN, -ENOTCONN,
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

/* One life of an identity, as a listener sees it. */
TEST_F(identity, events)
{
	struct hotid *h = self->node.h;
	struct hotid_identity seen;
	const struct note *note;
	uint64_t last = 0;

	MUST(h, hotid_identity_new(h, WEB, HOTID_IDENTITY_FLAGS_AUTO));
	seen = expect_event(_metadata, self, OFFLINE, OFFLINE, HOTID_REASON_NONE);
	EXPECT_STREQ(WEB, seen.name);
	EXPECT_EQ(HOTID_IDENTITY_FLAGS_AUTO, seen.flags);
	EXPECT_EQ(0, seen.epoch);
	EXPECT_FALSE(seen.has_holder);

	MUST(h, hotid_identity_arm(h, WEB));
	seen = expect_event(_metadata, self, OFFLINE, ARMING, HOTID_REASON_ADMIN);
	EXPECT_LT(last, seen.changed_ns);
	last = seen.changed_ns;
	MUST(h, hotid_identity_report(h, WEB, ARMING, 0, 0, true, "staged 5 steps"));
	seen = expect_event(_metadata, self, ARMING, ARMED, HOTID_REASON_STEPS_DONE);
	EXPECT_STREQ("staged 5 steps", seen.message);
	EXPECT_FALSE(seen.has_holder);
	EXPECT_LT(last, seen.changed_ns);
	last = seen.changed_ns;

	node_daemon_lives(&self->node);
	MUST(h, hotid_identity_takeover(h, WEB, 0));
	seen = expect_event(_metadata, self, ARMED, TAKING, HOTID_REASON_ADMIN);
	EXPECT_EQ(1, seen.epoch);
	EXPECT_STREQ("", seen.message);
	EXPECT_TRUE(seen.has_holder);
	EXPECT_EQ(0, memcmp(seen.holder, self->node.id, HOTID_ID_LEN));
	EXPECT_LT(last, seen.changed_ns);
	/* The module's own step comes after it. */
	note = listener_next(&self->events, SECOND);
	ASSERT_NE(NULL, note);
	EXPECT_EQ(HOTID_EVENT_STEP, note->type);
	EXPECT_EQ(0, note->step.index);
	EXPECT_EQ(HOTID_STAGE_DETECT, note->step.stage);
	EXPECT_EQ(HOTID_STEP_STATUS_DONE, note->step.status);

	MUST(h, hotid_identity_report(h, WEB, TAKING, 1, 0, true, ""));
	expect_event(_metadata, self, TAKING, HELD, HOTID_REASON_STEPS_DONE);
	MUST(h, hotid_identity_release(h, WEB, 1));
	seen = expect_event(_metadata, self, HELD, RELEASING, HOTID_REASON_ADMIN);
	EXPECT_TRUE(seen.has_holder);
	MUST(h, hotid_identity_report(h, WEB, RELEASING, 1, EIO, false, "umount /srv: busy"));
	seen = expect_event(_metadata, self, RELEASING, FAILED, HOTID_REASON_UNDO_FAILED);
	EXPECT_EQ(EIO, seen.error);
	EXPECT_FALSE(seen.clean);
	EXPECT_STREQ("umount /srv: busy", seen.message);
	MUST(h, hotid_identity_disarm(h, WEB));
	expect_event(_metadata, self, FAILED, RELEASING, HOTID_REASON_ADMIN);
	MUST(h, hotid_identity_report(h, WEB, RELEASING, 1, 0, true, ""));
	seen = expect_event(_metadata, self, RELEASING, OFFLINE, HOTID_REASON_STEPS_DONE);
	EXPECT_FALSE(seen.has_holder);
	EXPECT_TRUE(seen.clean);
	EXPECT_EQ(1, seen.epoch);

	/* The next takeover has a higher epoch than the last one. */
	MUST(h, hotid_identity_arm(h, WEB));
	expect_event(_metadata, self, OFFLINE, ARMING, HOTID_REASON_ADMIN);
	MUST(h, hotid_identity_report(h, WEB, ARMING, 1, ENOENT, true, "no device"));
	seen = expect_event(_metadata, self, ARMING, FAILED, HOTID_REASON_STEP_FAILED);
	EXPECT_TRUE(seen.clean);
	MUST(h, hotid_identity_arm(h, WEB));
	seen = expect_event(_metadata, self, FAILED, ARMING, HOTID_REASON_ADMIN);
	EXPECT_EQ(0, seen.error);
	EXPECT_STREQ("", seen.message);
	MUST(h, hotid_identity_report(h, WEB, ARMING, 1, 0, true, ""));
	expect_event(_metadata, self, ARMING, ARMED, HOTID_REASON_STEPS_DONE);
	MUST(h, hotid_identity_takeover(h, WEB, 1 + HOTID_EPOCH_JUMP));
	seen = expect_event(_metadata, self, ARMED, TAKING, HOTID_REASON_ADMIN);
	EXPECT_EQ(1 + HOTID_EPOCH_JUMP, seen.epoch);
	EXPECT_EQ(1 + HOTID_EPOCH_JUMP, seen.known_epoch);
	EXPECT_NE(NULL, listener_next(&self->events, SECOND));
	expect_nothing(_metadata, self);
}

/* What is deleted is told of once, as it last was; what may not be deleted is not. */
TEST_F(identity, deletion_is_told)
{
	struct hotid *h = self->node.h;
	const struct note *note;

	MUST(h, hotid_identity_new(h, WEB, HOTID_IDENTITY_FLAGS_AUTO));
	expect_event(_metadata, self, OFFLINE, OFFLINE, HOTID_REASON_NONE);
	MUST(h, hotid_identity_arm(h, WEB));
	expect_event(_metadata, self, OFFLINE, ARMING, HOTID_REASON_ADMIN);
	EXPECT_EQ(-EBUSY, hotid_identity_del(h, WEB));
	MUST(h, hotid_identity_report(h, WEB, ARMING, 0, ENODEV, true, "no port"));
	expect_event(_metadata, self, ARMING, FAILED, HOTID_REASON_STEP_FAILED);

	MUST(h, hotid_identity_del(h, WEB));
	note = listener_next(&self->events, 2 * SECOND);
	ASSERT_NE(NULL, note);
	EXPECT_EQ(HOTID_EVENT_IDENTITY_DEL, note->type);
	EXPECT_STREQ(WEB, note->identity.name);
	EXPECT_EQ(FAILED, note->identity.state);
	EXPECT_EQ(HOTID_IDENTITY_FLAGS_AUTO, note->identity.flags);
	EXPECT_STREQ("no port", note->identity.message);
	expect_nothing(_metadata, self);
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

static struct hotid_step step(uint32_t index, uint32_t status, const char *message)
{
	struct hotid_step step = {
		.index = index, .stage = HOTID_STAGE_MOUNT, .verb = HOTID_VERB_TAKE,
		.status = status, .start_ns = 1000 + index,
	};

	snprintf(step.name, sizeof(step.name), "mount %u", index);
	strcpy(step.kind, "mount");
	snprintf(step.message, sizeof(step.message), "%s", message);
	if (status == HOTID_STEP_STATUS_FAILED)
		step.error = EBUSY;
	if (status != HOTID_STEP_STATUS_RUNNING)
		step.end_ns = 2000 + index;
	return step;
}

static bool same_step(const struct hotid_step *a, const struct hotid_step *b)
{
	return a->index == b->index && !strcmp(a->name, b->name) && !strcmp(a->kind, b->kind) &&
	       a->stage == b->stage && a->verb == b->verb && a->status == b->status &&
	       a->start_ns == b->start_ns && a->end_ns == b->end_ns && a->error == b->error &&
	       !strcmp(a->message, b->message);
}

/* Tell of a step; it is told on, and kept. */
static void report(THIS, uint32_t state, uint64_t epoch, struct hotid_step told)
{
	const struct note *note;

	MUST(self->node.h, hotid_step_report(self->node.h, WEB, state, epoch, &told));
	do
		note = listener_next(&self->events, SECOND);
	while (note && (note->type != HOTID_EVENT_STEP || !note->step.index));
	ASSERT_NE(NULL, note);
	EXPECT_TRUE(same_step(&told, &note->step));
	EXPECT_STREQ(WEB, note->identity.name);
	EXPECT_EQ(state, note->identity.state);
	EXPECT_EQ(epoch, note->identity.epoch);
}

TEST_F(identity, steps)
{
	struct hotid_step one = step(1, HOTID_STEP_STATUS_RUNNING, ""), wrong;
	struct hotid_identity read;

	identity_bring(&self->node, WEB, 0, TAKING, EPOCH);
	report(_metadata, self, TAKING, EPOCH, one);
	report(_metadata, self, TAKING, EPOCH, step(1, HOTID_STEP_STATUS_DONE, "mounted"));
	report(_metadata, self, TAKING, EPOCH, step(2, HOTID_STEP_STATUS_FAILED, "busy"));
	MUST(self->node.h, hotid_identity_get(self->node.h, WEB, &read));
	ASSERT_EQ(3, read.n_steps);
	EXPECT_EQ(HOTID_STAGE_DETECT, read.steps[0].stage);
	one = step(1, HOTID_STEP_STATUS_DONE, "mounted");
	EXPECT_TRUE(same_step(&one, &read.steps[1]));
	one = step(2, HOTID_STEP_STATUS_FAILED, "busy");
	EXPECT_TRUE(same_step(&one, &read.steps[2]));
	hotid_identity_clear(&read);

	raw_state(&self->raw, self->before);
	wrong = step(0, HOTID_STEP_STATUS_DONE, "");
	EXPECT_EQ(-ERANGE, hotid_step_report(self->node.h, WEB, TAKING, EPOCH, &wrong));
	wrong = step(4, HOTID_STEP_STATUS_DONE, "");
	EXPECT_EQ(-ERANGE, hotid_step_report(self->node.h, WEB, TAKING, EPOCH, &wrong));
	wrong = step(3, HOTID_STEP_STATUS_DONE, "");
	EXPECT_EQ(-ESTALE, hotid_step_report(self->node.h, WEB, TAKING, EPOCH - 1, &wrong));
	EXPECT_EQ(-ESTALE, hotid_step_report(self->node.h, WEB, ARMING, EPOCH, &wrong));
	EXPECT_EQ(-ESTALE, hotid_step_report(self->node.h, WEB, HELD, EPOCH, &wrong));
	EXPECT_EQ(-EINVAL, hotid_step_report(self->node.h, WEB, FAILED, EPOCH, &wrong));
	raw_state(&self->raw, self->after);
	EXPECT_TRUE(state_same(self->before, self->after));

	/* The next plan begins without the steps of this one. */
	MUST(self->node.h, hotid_identity_report(self->node.h, WEB, TAKING, EPOCH, EBUSY, true, ""));
	MUST(self->node.h, hotid_identity_arm(self->node.h, WEB));
	MUST(self->node.h, hotid_identity_get(self->node.h, WEB, &read));
	EXPECT_EQ(0, read.n_steps);
	hotid_identity_clear(&read);
	report(_metadata, self, ARMING, EPOCH, step(1, HOTID_STEP_STATUS_DONE, "staged"));
	MUST(self->node.h, hotid_identity_get(self->node.h, WEB, &read));
	ASSERT_EQ(1, read.n_steps);
	EXPECT_EQ(1, read.steps[0].index);
	hotid_identity_clear(&read);
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

/* While no plan runs, a step can be found to be lost, and well again; and nothing else. */
TEST_F(identity, audited_steps)
{
	static const struct {
		uint32_t state, verb, other;
		const char *name;
	} audits[] = {
		{ ARMED, HOTID_VERB_VALIDATE, HOTID_VERB_VERIFY, "armed" },
		{ HELD, HOTID_VERB_VERIFY, HOTID_VERB_TAKE, "held" },
	};
	struct hotid_identity read;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(audits); i++) {
		struct hotid_step found = step(1, HOTID_STEP_STATUS_FAILED, "gone");
		uint64_t epoch;

		identity_bring(&self->node, audits[i].name, 0, audits[i].state, EPOCH);
		epoch = identity_read(&self->node, audits[i].name).epoch;
		found.verb = audits[i].other;
		EXPECT_EQ(-EINVAL, hotid_step_report(self->node.h, audits[i].name, audits[i].state,
						     epoch, &found));
		found.verb = audits[i].verb;
		MUST(self->node.h, hotid_step_report(self->node.h, audits[i].name, audits[i].state,
						     epoch, &found));
		EXPECT_EQ(audits[i].state, identity_state(&self->node, audits[i].name));
		MUST(self->node.h, hotid_identity_get(self->node.h, audits[i].name, &read));
		EXPECT_TRUE(same_step(&found, &read.steps[read.n_steps - 1]));
		hotid_identity_clear(&read);
		found = step(1, HOTID_STEP_STATUS_DONE, "there");
		found.verb = audits[i].verb;
		MUST(self->node.h, hotid_step_report(self->node.h, audits[i].name, audits[i].state,
						     epoch, &found));
	}
}

/* As many steps as there can be, with as much to say as they may. */
static void fill_steps(struct _test_data_identity *self)
{
	char words[HOTID_MESSAGE_MAX + 1] = {};
	uint32_t index;

	memset(words, 'w', HOTID_MESSAGE_MAX);
	identity_bring(&self->node, WEB, 0, TAKING, EPOCH);
	for (index = 1; index < HOTID_MAX_STEPS; index++) {
		struct hotid_step told = step(index, HOTID_STEP_STATUS_DONE, words);

		memset(told.name, 'n', HOTID_NAME_MAX);
		memset(told.kind, 'k', HOTID_KIND_MAX);
		MUST(self->node.h, hotid_step_report(self->node.h, WEB, TAKING, EPOCH, &told));
	}
}

struct found {
	size_t identities, steps, words;
};

static int find(const struct hotid_identity *identity, void *data)
{
	struct found *found = data;
	size_t i;

	found->identities++;
	found->steps += identity->n_steps;
	for (i = 0; i < identity->n_steps; i++)
		found->words += strlen(identity->steps[i].message);
	return 0;
}

TEST_F(identity, longest_plan)
{
	struct found listed = {}, remembered = {};
	struct hotid_identity read;
	struct hotid *fresh;

	fill_steps(self);
	identity_bring(&self->node, "after it", 0, OFFLINE, 0);
	MUST(self->node.h, hotid_identity_get(self->node.h, WEB, &read));
	EXPECT_EQ(HOTID_MAX_STEPS, read.n_steps);
	EXPECT_EQ(HOTID_MESSAGE_MAX, strlen(read.steps[HOTID_MAX_STEPS - 1].message));
	hotid_identity_clear(&read);
	/* A connection that has not read anything yet gets lists in small parts. */
	fresh = node_connect(self->node.ns);
	MUST(fresh, hotid_identity_dump(fresh, find, &listed));
	EXPECT_EQ(2, listed.identities);
	EXPECT_EQ(HOTID_MAX_STEPS, listed.steps);
	hotid_close(fresh);
	identity_done(&self->node, WEB);
	fresh = node_connect(self->node.ns);
	MUST(fresh, hotid_history_dump(fresh, find, &remembered));
	EXPECT_EQ(4, remembered.identities);
	EXPECT_LE(HOTID_MAX_STEPS, remembered.steps);
	hotid_close(fresh);
}

static void note_loss(const struct hotid_event *event, void *data)
{
	size_t *counts = data;

	counts[event->type == HOTID_EVENT_LOST]++;
}

/* Whoever reads too slowly is told, after what is left, so that he reads all again. */
TEST_F(identity, lost_events)
{
	size_t counts[2] = {};
	struct hotid *slow = node_connect(self->node.ns);
	int size = 4096, i;

	ns_enter(self->node.ns);
	MUST(slow, hotid_subscribe(slow, note_loss, counts));
	ns_home();
	ASSERT_EQ(0, setsockopt(hotid_event_fd(slow), SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)));
	for (i = 0; i < 20; i++) {
		identity_bring(&self->node, WEB, 0, FAILED, i + 1);
		MUST(self->node.h, hotid_identity_del(self->node.h, WEB));
	}
	MUST(slow, hotid_dispatch(slow));
	EXPECT_LT(0, counts[0]);
	EXPECT_EQ(1, counts[1]);
	MUST(slow, hotid_dispatch(slow));
	EXPECT_EQ(1, counts[1]);
	hotid_close(slow);
}

static int note_states(const struct hotid_identity *identity, void *data)
{
	struct hotid_identity **next = data;

	**next = *identity;
	(*next)++;
	return 0;
}

/* The last 32 changes, oldest first; each as it was then. */
TEST_F(identity, history)
{
	struct hotid_identity records[64], *next = records;
	uint64_t last = 0;
	int i, n;

	identity_bring(&self->node, WEB, 0, ARMED, 0);
	for (i = 0; i < 20; i++) {
		MUST(self->node.h, hotid_identity_disarm(self->node.h, WEB));
		identity_done(&self->node, WEB);
		MUST(self->node.h, hotid_identity_arm(self->node.h, WEB));
		identity_done(&self->node, WEB);
	}
	MUST(self->node.h, hotid_history_dump(self->node.h, note_states, &next));
	n = next - records;
	EXPECT_EQ(32, n);
	for (i = 0; i < n; i++) {
		static const uint32_t cycle[] = { RELEASING, OFFLINE, ARMING, ARMED };

		EXPECT_EQ(cycle[i % 4], records[i].state);
		EXPECT_EQ(cycle[(i + 3) % 4], records[i].previous);
		EXPECT_LT(last, records[i].changed_ns);
		last = records[i].changed_ns;
	}
	/* What is deleted is still remembered. */
	MUST(self->node.h, hotid_identity_disarm(self->node.h, WEB));
	identity_done(&self->node, WEB);
	MUST(self->node.h, hotid_identity_del(self->node.h, WEB));
	next = records;
	MUST(self->node.h, hotid_history_dump(self->node.h, note_states, &next));
	EXPECT_EQ(32, next - records);
	EXPECT_EQ(OFFLINE, next[-1].state);
	EXPECT_STREQ(WEB, next[-1].name);
}

/* More than fit in one part of a list; none is missing and none twice. */
TEST_F(identity, many)
{
	struct found found = {};
	char name[HOTID_NAME_MAX + 1];
	int i;

	for (i = 0; i < 100; i++) {
		memset(name, 'i', HOTID_NAME_MAX);
		snprintf(name + 50, sizeof(name) - 50, "%d", i);
		MUST(self->node.h, hotid_identity_new(self->node.h, name, 0));
	}
	MUST(self->node.h, hotid_identity_dump(self->node.h, find, &found));
	EXPECT_EQ(100, found.identities);
	for (i = 0; i < 100; i += 2) {
		snprintf(name + 50, sizeof(name) - 50, "%d", i);
		MUST(self->node.h, hotid_identity_del(self->node.h, name));
	}
	found = (struct found) {};
	MUST(self->node.h, hotid_identity_dump(self->node.h, find, &found));
	EXPECT_EQ(50, found.identities);
}

/**
 * struct parts - a list as it comes in parts
 * @n: parts so far
 * @messages: identities, or records of them
 * @interrupted: it says that it changed meanwhile
 * @omitted: of these, how many say that they have no steps
 * @delete: identity to delete after the first part
 */
struct parts {
	int n;
	size_t messages;
	size_t omitted;
	bool interrupted;
	const char *delete;
};

/* It says that it comes without its steps, and does. */
static bool omits_steps(const struct nlmsghdr *message)
{
	bool says = false, has = false;
	const struct nlattr *attribute;

	mnl_attr_for_each(attribute, message, sizeof(struct genlmsghdr)) {
		says |= mnl_attr_get_type(attribute) == HOTID_A_IDENTITY_OMITTED &&
			mnl_attr_get_u32(attribute) == HOTID_OMISSION_STEPS;
		has |= mnl_attr_get_type(attribute) == HOTID_A_IDENTITY_STEP;
	}
	return says && !has;
}

/*
 * Read a list through a socket of its own: the kernel makes parts as large as
 * what was read from a socket before, so that here all are small.
 */
static struct parts read_parts(THIS, uint8_t command, const char *delete)
{
	struct raw small = { .family = self->raw.family };
	char buffer[RAW_MAX] = {}, answer[4096];
	struct parts parts = { .delete = delete };
	struct nlmsghdr *request, *message;
	ssize_t length;
	bool done = false;
	int rest;

	ns_enter(self->node.ns);
	small.socket = mnl_socket_open(NETLINK_GENERIC);
	ns_home();
	request = raw_begin(&small, buffer, command);
	request->nlmsg_flags |= NLM_F_DUMP;
	ASSERT_LT(0, mnl_socket_sendto(small.socket, request, request->nlmsg_len));
	for (; !done; parts.n++) {
		length = mnl_socket_recvfrom(small.socket, answer, sizeof(answer));
		ASSERT_LT(0, length) {
			TH_LOG("part %d: errno %d", parts.n, errno);
		}
		if (!parts.n && delete)
			MUST(self->node.h, hotid_identity_del(self->node.h, delete));
		rest = length;
		for (message = (void *)answer; mnl_nlmsg_ok(message, rest);
		     message = mnl_nlmsg_next(message, &rest)) {
			parts.interrupted |= message->nlmsg_flags & NLM_F_DUMP_INTR;
			parts.messages += message->nlmsg_type == small.family;
			parts.omitted += message->nlmsg_type == small.family &&
					 omits_steps(message);
			done |= message->nlmsg_type == NLMSG_DONE ||
				message->nlmsg_type == NLMSG_ERROR;
			if (message->nlmsg_type == NLMSG_ERROR ||
			    message->nlmsg_type == NLMSG_DONE)
				EXPECT_EQ(0, *(int *)mnl_nlmsg_get_payload(message));
		}
	}
	mnl_socket_close(small.socket);
	return parts;
}

/* A list that changes while it is read says so; one that does not, does not. */
TEST_F(identity, interrupted_list)
{
	struct parts parts;
	char name[64];
	int i;

	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "%040d", i);
		MUST(self->node.h, hotid_identity_new(self->node.h, name, 0));
	}
	parts = read_parts(_metadata, self, HOTID_CMD_IDENTITY_GET, NULL);
	EXPECT_EQ(100, parts.messages);
	EXPECT_LT(2, parts.n);
	EXPECT_FALSE(parts.interrupted);
	parts = read_parts(_metadata, self, HOTID_CMD_IDENTITY_GET, name);
	EXPECT_TRUE(parts.interrupted);
}

/* An identity that is larger than a part is not left out, nor what comes after it. */
TEST_F(identity, larger_than_a_part)
{
	struct parts parts;

	fill_steps(self);
	identity_bring(&self->node, "after it", 0, OFFLINE, 0);
	parts = read_parts(_metadata, self, HOTID_CMD_IDENTITY_GET, NULL);
	EXPECT_EQ(2, parts.messages);
	EXPECT_EQ(1, parts.omitted);
	identity_done(&self->node, WEB);
	parts = read_parts(_metadata, self, HOTID_CMD_HISTORY_GET, NULL);
	EXPECT_EQ(4, parts.messages);
	EXPECT_EQ(1, parts.omitted);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * What listeners are told of the identities of one node: changes, steps, deletions,
 * and that something was lost. The fixture is drawn in lib/identity_fixture.h.
 */
#include "lib/identity_fixture.h"

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

/* The next takeover has a higher epoch than the last one. */
static void taken_again(THIS)
{
	struct hotid *h = self->node.h;
	struct hotid_identity seen;

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

	taken_again(_metadata, self);
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
	MUST(self->node.h, hotid_identity_report(self->node.h, WEB, TAKING, EPOCH, EBUSY, true,
						 ""));
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

TEST_HARNESS_MAIN

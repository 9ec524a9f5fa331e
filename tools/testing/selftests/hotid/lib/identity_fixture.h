/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fixture of the tests of identities on one node. For one source of a program.
 *
 *   ┌──────┐
 *   │ node │     one namespace, no link
 *   └──────┘
 */
#ifndef SELFTEST_IDENTITY_FIXTURE_H
#define SELFTEST_IDENTITY_FIXTURE_H

#include "clock.h"
#include "harness.h"
#include "identities.h"
#include "listener.h"
#include "net.h"
#include "raw.h"

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

/* A step with this message; when it has failed, with an error. */
static inline struct hotid_step step(uint32_t index, uint32_t status, const char *message)
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

#endif /* SELFTEST_IDENTITY_FIXTURE_H */

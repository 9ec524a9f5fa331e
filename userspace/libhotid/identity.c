// SPDX-License-Identifier: LGPL-2.1-or-later
/* Identities: commands on them, what the daemon reports, and their history. */
#include <errno.h>
#include <string.h>

#include "hotid_daemon.h"
#include "object.h"

#define STEP(attribute, member) FIELD(HOTID_A_STEP_##attribute, struct hotid_step, member)

static const struct field step_fields[] = {
	STEP(INDEX, index),
	STEP(NAME, name),
	STEP(KIND, kind),
	STEP(STAGE, stage),
	STEP(VERB, verb),
	STEP(STATUS, status),
	STEP(START_NS, start_ns),
	STEP(END_NS, end_ns),
	STEP(ERRNO, error),
	STEP(MESSAGE, message),
};

static const struct object step_object = { OBJECT(step_fields, struct hotid_step) };

#define IDENTITY(attribute, member) \
	FIELD(HOTID_A_IDENTITY_##attribute, struct hotid_identity, member)

static const struct field identity_fields[] = {
	IDENTITY(NAME, name),
	IDENTITY(FLAGS, flags),
	IDENTITY(STATE, state),
	IDENTITY(PREVIOUS, previous),
	IDENTITY(EPOCH, epoch),
	IDENTITY(REASON, reason),
	IDENTITY(MESSAGE, message),
	{ FIELD_OF(HOTID_A_IDENTITY_HOLDER, FIELD_BYTES, struct hotid_identity, holder),
	  .mark = offsetof(struct hotid_identity, has_holder), .present = true },
	IDENTITY(CLEAN, clean),
	IDENTITY(ERRNO, error),
	IDENTITY(CHANGED_NS, changed_ns),
	IDENTITY(CHANGED_REAL_NS, changed_real_ns),
	{ FIELD_OF(HOTID_A_IDENTITY_STEP, FIELD_LIST, struct hotid_identity, steps),
	  .nest = &step_object, .count = offsetof(struct hotid_identity, n_steps) },
	IDENTITY(KNOWN_EPOCH, known_epoch),
	IDENTITY(OMITTED, omitted),
};

const struct object identity_object = {
	OBJECT(identity_fields, struct hotid_identity),
	.theirs = offsetof(struct hotid_sizes, identity),
};

void hotid_identity_clear(struct hotid_identity *identity)
{
	object_clear(&identity_object, identity);
}

int hotid_identity_new(struct hotid *h, const char *name, uint32_t flags)
{
	struct request rq;

	request_identity(&rq, h, HOTID_CMD_IDENTITY_NEW, name, 0);
	request_u32(&rq, HOTID_A_IDENTITY_FLAGS, flags);
	return request_ask(&rq, NULL, NULL);
}

int hotid_identity_know(struct hotid *h, const char *name, uint64_t epoch)
{
	struct request rq;

	request_identity(&rq, h, HOTID_CMD_IDENTITY_NEW, name, 0);
	request_u64(&rq, HOTID_A_IDENTITY_KNOWN_EPOCH, epoch);
	return request_ask(&rq, NULL, NULL);
}

static int command(struct hotid *h, uint8_t cmd, const char *name, uint64_t epoch)
{
	struct request rq;

	request_identity(&rq, h, cmd, name, epoch);
	return request_ask(&rq, NULL, NULL);
}

int hotid_identity_del(struct hotid *h, const char *name)
{
	return command(h, HOTID_CMD_IDENTITY_DEL, name, 0);
}

int hotid_identity_arm(struct hotid *h, const char *name)
{
	return command(h, HOTID_CMD_IDENTITY_ARM, name, 0);
}

int hotid_identity_disarm(struct hotid *h, const char *name)
{
	return command(h, HOTID_CMD_IDENTITY_DISARM, name, 0);
}

int hotid_identity_takeover(struct hotid *h, const char *name, uint64_t epoch)
{
	return command(h, HOTID_CMD_IDENTITY_TAKEOVER, name, epoch);
}

int hotid_identity_release(struct hotid *h, const char *name, uint64_t epoch)
{
	return command(h, HOTID_CMD_IDENTITY_RELEASE, name, epoch);
}

int hotid_identity_get(struct hotid *h, const char *name, struct hotid_identity *identity)
{
	struct request rq;

	request_identity(&rq, h, HOTID_CMD_IDENTITY_GET, name, 0);
	return object_get(&identity_object, &rq, identity);
}

struct dump {
	hotid_identity_fn fn;
	void *data;
};

static int give(const void *identity, void *data)
{
	const struct dump *dump = data;

	return dump->fn(identity, dump->data);
}

int hotid_identity_dump(struct hotid *h, hotid_identity_fn fn, void *data)
{
	struct dump dump = { fn, data };

	return object_dump(&identity_object, h, HOTID_CMD_IDENTITY_GET, give, &dump);
}

int hotid_history_dump(struct hotid *h, hotid_identity_fn fn, void *data)
{
	struct dump dump = { fn, data };

	return object_dump(&identity_object, h, HOTID_CMD_HISTORY_GET, give, &dump);
}

int hotid_step_report(struct hotid *h, const char *name, uint32_t state,
		      uint64_t epoch, const struct hotid_step *step)
{
	static const struct hotid_step zero;
	struct nlattr *nest;
	struct request rq;

	if (memcmp(step->reserved, zero.reserved, sizeof(zero.reserved)))
		return hotid_fail(h, -E2BIG, "step.reserved must be 0");
	request_identity(&rq, h, HOTID_CMD_STEP_REPORT, name, 0);
	request_u32(&rq, HOTID_A_IDENTITY_STATE, state);
	request_u64(&rq, HOTID_A_IDENTITY_EPOCH, epoch);
	nest = request_nest(&rq, HOTID_A_IDENTITY_STEP);
	request_u32(&rq, HOTID_A_STEP_INDEX, step->index);
	request_string(&rq, HOTID_A_STEP_NAME, step->name);
	request_string(&rq, HOTID_A_STEP_KIND, step->kind);
	request_u32(&rq, HOTID_A_STEP_STAGE, step->stage);
	request_u32(&rq, HOTID_A_STEP_VERB, step->verb);
	request_u32(&rq, HOTID_A_STEP_STATUS, step->status);
	request_u64(&rq, HOTID_A_STEP_START_NS, step->start_ns);
	request_u64(&rq, HOTID_A_STEP_END_NS, step->end_ns);
	request_u32(&rq, HOTID_A_STEP_ERRNO, step->error);
	request_sentence(&rq, HOTID_A_STEP_MESSAGE, step->message);
	request_nest_end(&rq, nest);
	return request_ask(&rq, NULL, NULL);
}

int hotid_identity_report(struct hotid *h, const char *name, uint32_t state,
			  uint64_t epoch, uint32_t error, bool clean,
			  const char *message)
{
	struct request rq;

	request_identity(&rq, h, HOTID_CMD_IDENTITY_REPORT, name, 0);
	request_u32(&rq, HOTID_A_IDENTITY_STATE, state);
	request_u64(&rq, HOTID_A_IDENTITY_EPOCH, epoch);
	request_u32(&rq, HOTID_A_IDENTITY_ERRNO, error);
	request_u8(&rq, HOTID_A_IDENTITY_CLEAN, clean);
	if (message)
		request_sentence(&rq, HOTID_A_IDENTITY_MESSAGE, message);
	return request_ask(&rq, NULL, NULL);
}

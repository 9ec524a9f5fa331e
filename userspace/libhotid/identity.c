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

static const struct field voter_fields[] = {
	FIELD(HOTID_A_VOTER_ID, struct hotid_voter, id),
};

static const struct object voter_object = { OBJECT(voter_fields, struct hotid_voter) };

static const struct field port_fields[] = {
	FIELD(HOTID_A_GUARDED_PORT_IFINDEX, struct hotid_guarded_port, ifindex),
};

static const struct object port_object = { OBJECT(port_fields, struct hotid_guarded_port) };

static const struct field guard_fields[] = {
	{ FIELD_OF(HOTID_A_GUARD_VOTER, FIELD_ARRAY, struct hotid_guard, voters),
	  .nest = &voter_object, .count = offsetof(struct hotid_guard, n_voters) },
	{ FIELD_OF(HOTID_A_GUARD_PORT, FIELD_ARRAY, struct hotid_guard, ports),
	  .nest = &port_object, .count = offsetof(struct hotid_guard, n_ports) },
};

static const struct object guard_object = { OBJECT(guard_fields, struct hotid_guard) };

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
	{ FIELD_OF(HOTID_A_IDENTITY_GUARD, FIELD_NEST, struct hotid_identity, guard),
	  .nest = &guard_object },
	IDENTITY(EGRESS, egress),
	IDENTITY(LEASE_NS, lease_ns),
	IDENTITY(BLOCKED_FRAMES, blocked_frames),
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

/* What no request can be made of. */
static int check_guard(struct hotid *h, const struct hotid_guard *guard)
{
	static const struct hotid_guarded_port no_port;
	static const struct hotid_voter nobody;
	size_t i;

	if (guard->n_voters > HOTID_MAX_VOTERS)
		return hotid_fail(h, -E2BIG, "voter: %zu voters are too many; give at most %d",
				  guard->n_voters, HOTID_MAX_VOTERS);
	if (guard->n_ports > HOTID_MAX_GUARDED_PORTS)
		return hotid_fail(h, -E2BIG, "port: %zu ports are too many; give at most %d",
				  guard->n_ports, HOTID_MAX_GUARDED_PORTS);
	for (i = 0; i < guard->n_voters; i++)
		if (memcmp(guard->voters[i].reserved, nobody.reserved, sizeof(nobody.reserved)))
			return hotid_fail(h, -E2BIG, "voter[%zu].reserved must be 0", i);
	for (i = 0; i < guard->n_ports; i++)
		if (memcmp(guard->ports[i].reserved, no_port.reserved, sizeof(no_port.reserved)))
			return hotid_fail(h, -E2BIG, "port[%zu].reserved must be 0", i);
	return 0;
}

int hotid_identity_guard(struct hotid *h, const char *name, const struct hotid_guard *guard)
{
	int error = check_guard(h, guard);
	struct nlattr *nest, *item;
	struct request rq;
	size_t i;

	if (error)
		return error;
	request_identity(&rq, h, HOTID_CMD_IDENTITY_NEW, name, 0);
	nest = request_nest(&rq, HOTID_A_IDENTITY_GUARD);
	for (i = 0; i < guard->n_voters; i++) {
		item = request_nest(&rq, HOTID_A_GUARD_VOTER);
		request_bytes(&rq, HOTID_A_VOTER_ID, guard->voters[i].id, HOTID_ID_LEN);
		request_nest_end(&rq, item);
	}
	for (i = 0; i < guard->n_ports; i++) {
		item = request_nest(&rq, HOTID_A_GUARD_PORT);
		request_u32(&rq, HOTID_A_GUARDED_PORT_IFINDEX, guard->ports[i].ifindex);
		request_nest_end(&rq, item);
	}
	request_nest_end(&rq, nest);
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

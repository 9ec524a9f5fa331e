// SPDX-License-Identifier: LGPL-2.1-or-later
/* Identities: commands on them, what the daemon reports, and their history. */
#include "identity.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "hotid_daemon.h"
#include "layout.h"
#include "request.h"

static struct nla_policy identity_policy[HOTID_A_IDENTITY_MAX + 1] = {
	[HOTID_A_IDENTITY_NAME] = { .type = NLA_STRING },
	[HOTID_A_IDENTITY_FLAGS] = { .type = NLA_U32 },
	[HOTID_A_IDENTITY_STATE] = { .type = NLA_U32 },
	[HOTID_A_IDENTITY_PREVIOUS] = { .type = NLA_U32 },
	[HOTID_A_IDENTITY_EPOCH] = { .type = NLA_U64 },
	[HOTID_A_IDENTITY_REASON] = { .type = NLA_U32 },
	[HOTID_A_IDENTITY_MESSAGE] = { .type = NLA_STRING },
	[HOTID_A_IDENTITY_HOLDER] = { .type = NLA_UNSPEC, .minlen = HOTID_ID_LEN },
	[HOTID_A_IDENTITY_CLEAN] = { .type = NLA_U8 },
	[HOTID_A_IDENTITY_ERRNO] = { .type = NLA_U32 },
	[HOTID_A_IDENTITY_CHANGED_NS] = { .type = NLA_U64 },
	[HOTID_A_IDENTITY_CHANGED_REAL_NS] = { .type = NLA_U64 },
	[HOTID_A_IDENTITY_STEP] = { .type = NLA_NESTED },
	[HOTID_A_IDENTITY_KNOWN_EPOCH] = { .type = NLA_U64 },
	[HOTID_A_IDENTITY_OMITTED] = { .type = NLA_U32 },
};

static struct nla_policy step_policy[HOTID_A_STEP_MAX + 1] = {
	[HOTID_A_STEP_INDEX] = { .type = NLA_U32 },
	[HOTID_A_STEP_NAME] = { .type = NLA_STRING },
	[HOTID_A_STEP_KIND] = { .type = NLA_STRING },
	[HOTID_A_STEP_STAGE] = { .type = NLA_U32 },
	[HOTID_A_STEP_VERB] = { .type = NLA_U32 },
	[HOTID_A_STEP_STATUS] = { .type = NLA_U32 },
	[HOTID_A_STEP_START_NS] = { .type = NLA_U64 },
	[HOTID_A_STEP_END_NS] = { .type = NLA_U64 },
	[HOTID_A_STEP_ERRNO] = { .type = NLA_U32 },
	[HOTID_A_STEP_MESSAGE] = { .type = NLA_STRING },
};

static int parse_step(struct nlattr *nest, struct hotid_step *step)
{
	struct nlattr *a[HOTID_A_STEP_MAX + 1];

	if (nla_parse_nested(a, HOTID_A_STEP_MAX, nest, step_policy) < 0)
		return -EBADMSG;
	step->index = answer_u32(a[HOTID_A_STEP_INDEX]);
	answer_string(a[HOTID_A_STEP_NAME], step->name, sizeof(step->name));
	answer_string(a[HOTID_A_STEP_KIND], step->kind, sizeof(step->kind));
	step->stage = answer_u32(a[HOTID_A_STEP_STAGE]);
	step->verb = answer_u32(a[HOTID_A_STEP_VERB]);
	step->status = answer_u32(a[HOTID_A_STEP_STATUS]);
	step->start_ns = answer_u64(a[HOTID_A_STEP_START_NS]);
	step->end_ns = answer_u64(a[HOTID_A_STEP_END_NS]);
	step->error = answer_u32(a[HOTID_A_STEP_ERRNO]);
	answer_string(a[HOTID_A_STEP_MESSAGE], step->message, sizeof(step->message));
	return 0;
}

static int parse_steps(struct nlattr *attrs, int len, struct hotid_identity *identity)
{
	struct nlattr *nla;
	size_t n = 0;
	int rem;

	nla_for_each_attr(nla, attrs, len, rem)
		n += nla_type(nla) == HOTID_A_IDENTITY_STEP;
	if (!n)
		return 0;
	identity->steps = calloc(n, sizeof(*identity->steps));
	if (!identity->steps)
		return -ENOMEM;

	nla_for_each_attr(nla, attrs, len, rem) {
		if (nla_type(nla) != HOTID_A_IDENTITY_STEP)
			continue;
		if (parse_step(nla, &identity->steps[identity->n_steps]) < 0)
			return -EBADMSG;
		identity->n_steps++;
	}
	return 0;
}

int identity_parse(struct nlattr *attrs, int len, struct hotid_identity *identity)
{
	struct nlattr *a[HOTID_A_IDENTITY_MAX + 1];

	memset(identity, 0, sizeof(*identity));
	if (nla_parse(a, HOTID_A_IDENTITY_MAX, attrs, len, identity_policy) < 0)
		return -EBADMSG;
	answer_string(a[HOTID_A_IDENTITY_NAME], identity->name, sizeof(identity->name));
	identity->flags = answer_u32(a[HOTID_A_IDENTITY_FLAGS]);
	identity->state = answer_u32(a[HOTID_A_IDENTITY_STATE]);
	identity->previous = answer_u32(a[HOTID_A_IDENTITY_PREVIOUS]);
	identity->epoch = answer_u64(a[HOTID_A_IDENTITY_EPOCH]);
	identity->omitted = answer_u32(a[HOTID_A_IDENTITY_OMITTED]);
	identity->known_epoch = answer_u64(a[HOTID_A_IDENTITY_KNOWN_EPOCH]);
	identity->reason = answer_u32(a[HOTID_A_IDENTITY_REASON]);
	answer_string(a[HOTID_A_IDENTITY_MESSAGE], identity->message, sizeof(identity->message));
	identity->has_holder = a[HOTID_A_IDENTITY_HOLDER] != NULL;
	answer_id(a[HOTID_A_IDENTITY_HOLDER], identity->holder);
	identity->clean = answer_u8(a[HOTID_A_IDENTITY_CLEAN]);
	identity->error = answer_u32(a[HOTID_A_IDENTITY_ERRNO]);
	identity->changed_ns = answer_u64(a[HOTID_A_IDENTITY_CHANGED_NS]);
	identity->changed_real_ns = answer_u64(a[HOTID_A_IDENTITY_CHANGED_REAL_NS]);
	return parse_steps(attrs, len, identity);
}

/* The rest may be shorter than the library knows it. */
void hotid_identity_clear(struct hotid_identity *identity)
{
	free(identity->steps);
	identity->steps = NULL;
	identity->n_steps = 0;
}

int hotid_identity_new(struct hotid *h, const char *name, uint32_t flags)
{
	struct request rq;

	request_start(&rq, h, HOTID_CMD_IDENTITY_NEW);
	request_string(&rq, HOTID_A_IDENTITY_NAME, name);
	request_u32(&rq, HOTID_A_IDENTITY_FLAGS, flags);
	return request_ask(&rq, NULL, NULL);
}

int hotid_identity_know(struct hotid *h, const char *name, uint64_t epoch)
{
	struct request rq;

	request_start(&rq, h, HOTID_CMD_IDENTITY_NEW);
	request_string(&rq, HOTID_A_IDENTITY_NAME, name);
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

static int parse_one(struct nlattr *attrs, int len, void *data)
{
	hotid_identity_clear(data);
	return identity_parse(attrs, len, data);
}

int hotid_identity_get(struct hotid *h, const char *name, struct hotid_identity *theirs)
{
	struct hotid_identity identity = { 0 };
	struct request rq;
	int err;

	request_identity(&rq, h, HOTID_CMD_IDENTITY_GET, name, 0);
	err = request_ask(&rq, parse_one, &identity);
	if (err < 0) {
		hotid_identity_clear(&identity);
		memset(&identity, 0, sizeof(identity));
	}
	layout_give(theirs, h->sizes.identity, &identity, sizeof(identity));
	return err;
}

struct list {
	struct hotid_identity *items;
	size_t n;
};

static void list_clear(void *data)
{
	struct list *list = data;

	while (list->n)
		hotid_identity_clear(&list->items[--list->n]);
	free(list->items);
	list->items = NULL;
}

static int list_add(struct nlattr *attrs, int len, void *data)
{
	struct list *list = data;
	struct hotid_identity *items;

	items = reallocarray(list->items, list->n + 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	list->items = items;
	return identity_parse(attrs, len, &items[list->n++]);
}

static int dump(struct hotid *h, uint8_t cmd, hotid_identity_fn fn, void *data)
{
	struct list list = { 0 };
	const void *identity;
	void *copy;
	size_t i;
	int ret;

	ret = request_dump(h, cmd, list_add, list_clear, &list);
	for (i = 0; !ret && i < list.n; i++) {
		identity = layout_view(&list.items[i], sizeof(list.items[i]), h->sizes.identity,
				       &copy);
		ret = identity ? fn(identity, data) :
				 hotid_fail(h, -ENOMEM, "%s", explain_errno(-ENOMEM));
		free(copy);
	}
	list_clear(&list);
	return ret;
}

int hotid_identity_dump(struct hotid *h, hotid_identity_fn fn, void *data)
{
	return dump(h, HOTID_CMD_IDENTITY_GET, fn, data);
}

int hotid_history_dump(struct hotid *h, hotid_identity_fn fn, void *data)
{
	return dump(h, HOTID_CMD_HISTORY_GET, fn, data);
}

int hotid_step_report(struct hotid *h, const char *name, uint32_t state,
		      uint64_t epoch, const struct hotid_step *step)
{
	static const struct hotid_step zero;
	struct nlattr *nest;
	struct request rq;

	if (memcmp(step->reserved, zero.reserved, sizeof(zero.reserved)))
		return hotid_fail(h, -E2BIG, "step.reserved must be 0");
	request_start(&rq, h, HOTID_CMD_STEP_REPORT);
	request_string(&rq, HOTID_A_IDENTITY_NAME, name);
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
	request_sentence(&rq, HOTID_A_STEP_MESSAGE, step->message, HOTID_MESSAGE_MAX);
	request_nest_end(&rq, nest);
	return request_ask(&rq, NULL, NULL);
}

int hotid_identity_report(struct hotid *h, const char *name, uint32_t state,
			  uint64_t epoch, uint32_t error, bool clean,
			  const char *message)
{
	struct request rq;

	request_start(&rq, h, HOTID_CMD_IDENTITY_REPORT);
	request_string(&rq, HOTID_A_IDENTITY_NAME, name);
	request_u32(&rq, HOTID_A_IDENTITY_STATE, state);
	request_u64(&rq, HOTID_A_IDENTITY_EPOCH, epoch);
	request_u32(&rq, HOTID_A_IDENTITY_ERRNO, error);
	request_u8(&rq, HOTID_A_IDENTITY_CLEAN, clean);
	if (message)
		request_sentence(&rq, HOTID_A_IDENTITY_MESSAGE, message, HOTID_MESSAGE_MAX);
	return request_ask(&rq, NULL, NULL);
}

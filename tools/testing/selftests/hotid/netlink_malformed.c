// SPDX-License-Identifier: GPL-2.0
/*
 * Requests that no library would make: each is refused with a reason, and
 * nothing changes.
 *
 *   ┌────────────────────┐
 *   │ ns: a node with a  │     one namespace, no link
 *   │ peer and identities│
 *   └────────────────────┘
 */
#include "lib/harness.h"
#include "lib/net.h"
#include "lib/node.h"
#include "lib/probe.h"
#include "lib/raw.h"
#include "lib/rules.h"

/**
 * struct bad - a request under construction
 * @from, @to: where the bad attribute lies in it
 */
struct bad {
	char buffer[RAW_MAX];
	struct nlmsghdr *request;
	uint32_t from, to;
};

FIXTURE(netlink_bad) {
	struct node node;
	struct probe probe;
	struct raw raw;
	const struct command *command;
	struct state *before, *after;
	struct bad *bad;
	unsigned int cases;
};

FIXTURE_VARIANT(netlink_bad) {
	const char *command;
};

FIXTURE_VARIANT_ADD(netlink_bad, node_set) { "node-set" };
FIXTURE_VARIANT_ADD(netlink_bad, key) { "node-set key" };
FIXTURE_VARIANT_ADD(netlink_bad, key_use) { "node-set key-use" };
FIXTURE_VARIANT_ADD(netlink_bad, key_drop) { "node-set key-drop" };
FIXTURE_VARIANT_ADD(netlink_bad, keepalive) { "keepalive" };
FIXTURE_VARIANT_ADD(netlink_bad, probe_set) { "probe-set" };
FIXTURE_VARIANT_ADD(netlink_bad, probe_del) { "probe-del" };
FIXTURE_VARIANT_ADD(netlink_bad, peer_new) { "peer-new" };
FIXTURE_VARIANT_ADD(netlink_bad, peer_del) { "peer-del" };
FIXTURE_VARIANT_ADD(netlink_bad, identity_new) { "identity-new" };
FIXTURE_VARIANT_ADD(netlink_bad, identity_del) { "identity-del" };
FIXTURE_VARIANT_ADD(netlink_bad, identity_arm) { "identity-arm" };
FIXTURE_VARIANT_ADD(netlink_bad, identity_disarm) { "identity-disarm" };
FIXTURE_VARIANT_ADD(netlink_bad, identity_takeover) { "identity-takeover" };
FIXTURE_VARIANT_ADD(netlink_bad, identity_release) { "identity-release" };
FIXTURE_VARIANT_ADD(netlink_bad, identity_report) { "identity-report" };
FIXTURE_VARIANT_ADD(netlink_bad, step_report) { "step-report" };

FIXTURE_SETUP(netlink_bad)
{
	rules_prepare(&self->node, &self->probe, &self->raw);
	self->command = command_find(variant->command);
	self->before = malloc(sizeof(*self->before));
	self->after = malloc(sizeof(*self->after));
	self->bad = malloc(sizeof(*self->bad));
	raw_state(&self->raw, self->before);
}

FIXTURE_TEARDOWN(netlink_bad)
{
	probe_unload(&self->probe);
	raw_close(&self->raw);
	hotid_close(self->node.h);
}

#define THIS	struct __test_metadata *_metadata, struct _test_data_netlink_bad *self

/* Begin a request; what it takes but one attribute follows. */
static struct nlmsghdr *begin(struct _test_data_netlink_bad *self)
{
	memset(self->bad, 0, sizeof(*self->bad));
	self->bad->request = raw_begin(&self->raw, self->bad->buffer, self->command->number);
	return self->bad->request;
}

static void begin_without(struct _test_data_netlink_bad *self, const struct rule *without)
{
	rules_put_required(begin(self), self->command->rules, without);
}

/* The request is refused, the reason points into the bad attribute, and nothing changed. */
static void refused(THIS, bool points, const char *what)
{
	struct refusal refusal = raw_ask(&self->raw, self->bad->request);

	self->cases++;
	EXPECT_TRUE(refusal.error == -EINVAL || refusal.error == -ERANGE ||
		    refusal.error == -ENOENT)
		TH_LOG("%s: error %d", what, refusal.error);
	EXPECT_STRNE("", refusal.message)
		TH_LOG("%s: no reason given", what);
	if (points) {
		EXPECT_TRUE(refusal.has_offset && refusal.offset >= self->bad->from &&
			    refusal.offset < self->bad->to)
			TH_LOG("%s: \"%s\" is about offset %u, not %u to %u", what, refusal.message,
			       refusal.offset, self->bad->from, self->bad->to);
	}
	raw_state(&self->raw, self->after);
	EXPECT_TRUE(state_same(self->before, self->after))
		TH_LOG("%s: it was refused (%s) and changed something", what, refusal.message);
}

/*
 * One attribute with these bytes, inside nest when that is given. The kernel
 * does not say where in a nest the attributes stopped making sense.
 */
static void bad_bytes_at(THIS, const struct rule *rule, const struct rule *nest,
			 const void *bytes, size_t length, bool points, const char *defect)
{
	struct nlattr *outer = NULL;
	struct nlmsghdr *request;
	char what[128];

	begin_without(self, nest ?: rule);
	request = self->bad->request;
	if (nest) {
		outer = mnl_attr_nest_start(request, nest->type);
		rules_put_required(request, nest->nest, rule);
	}
	self->bad->from = request->nlmsg_len;
	mnl_attr_put(request, rule->type | (rule->kind == NEST ? NLA_F_NESTED : 0), length, bytes);
	self->bad->to = request->nlmsg_len;
	if (nest)
		mnl_attr_nest_end(request, outer);
	snprintf(what, sizeof(what), "%s %s%s%s: %s", self->command->name, nest ? nest->name : "",
		 nest ? "." : "", rule->name, defect);
	refused(_metadata, self, points, what);
}

static void bad_bytes(THIS, const struct rule *rule, const struct rule *nest,
		      const void *bytes, size_t length, const char *defect)
{
	bad_bytes_at(_metadata, self, rule, nest, bytes, length, true, defect);
}

static void bad_number(THIS, const struct rule *rule, const struct rule *nest)
{
	uint64_t top = rule->kind == U64 ? UINT64_MAX : (1ULL << (8 * rule_size(rule->kind))) - 1;
	size_t size = rule_size(rule->kind), i;
	uint8_t bytes[16] = {};
	uint64_t bad[3];
	size_t n = 0;

	memcpy(bytes, &rule->number, size);
	for (i = 0; i <= 9; i++)
		if (i != size)
			bad_bytes(_metadata, self, rule, nest, bytes, i, "a number of another length");
	if (rule->min)
		bad[n++] = rule->min - 1;
	if (rule->max < top) {
		bad[n++] = rule->max + 1;
		bad[n++] = top;
	}
	for (i = 0; i < n; i++)
		bad_bytes(_metadata, self, rule, nest, &bad[i], size, "out of range");
}

static void bad_binary(THIS, const struct rule *rule, const struct rule *nest)
{
	uint8_t bytes[2000];
	size_t length;

	memset(bytes, 0x41, sizeof(bytes));
	for (length = 0; length < rule->min; length++)
		bad_bytes(_metadata, self, rule, nest, bytes, length, "too short");
	/* An address has one of two lengths. */
	for (length = rule->min + 1; length < rule->max; length++)
		bad_bytes(_metadata, self, rule, nest, bytes, length, "between two lengths");
	bad_bytes(_metadata, self, rule, nest, bytes, rule->max + 1, "too long by one");
	bad_bytes(_metadata, self, rule, nest, bytes, rule->max + 4, "too long by four");
	bad_bytes(_metadata, self, rule, nest, bytes, sizeof(bytes), "far too long");
}

static void bad_string(THIS, const struct rule *rule, const struct rule *nest)
{
	char bytes[2000];

	memset(bytes, 'n', sizeof(bytes));
	bad_bytes(_metadata, self, rule, nest, bytes, 0, "no byte at all");
	bad_bytes(_metadata, self, rule, nest, bytes, 1, "one byte, not terminated");
	bad_bytes(_metadata, self, rule, nest, bytes, rule->max, "not terminated");
	bad_bytes(_metadata, self, rule, nest, bytes, rule->max + 1, "too long, not terminated");
	bytes[rule->max + 1] = '\0';
	bad_bytes(_metadata, self, rule, nest, bytes, rule->max + 2, "too long by one");
	bytes[sizeof(bytes) - 1] = '\0';
	if (rule->min)
		bad_bytes(_metadata, self, rule, nest, "", 1, "empty");
}

static void bad_rules(THIS, const struct rule *rules, const struct rule *nest);

static bool needs_something(const struct rule *rules)
{
	for (; rules->name; rules++)
		if (rules->required)
			return true;
	return false;
}

static void bad_nest(THIS, const struct rule *rule)
{
	static const uint8_t flagless[] = { 8, 0, 1, 0, 1, 0, 0, 0 };
	uint8_t garbage[64];
	struct nlattr *nest;
	int i;

	memset(garbage, 0xff, sizeof(garbage));
	bad_bytes_at(_metadata, self, rule, NULL, garbage, sizeof(garbage), false, "garbage");
	bad_bytes(_metadata, self, rule, NULL, garbage, 3, "three bytes");
	memset(garbage, 0, sizeof(garbage));
	bad_bytes_at(_metadata, self, rule, NULL, garbage, sizeof(garbage), false, "zeroes");
	/* Unless nothing must be in it. */
	if (needs_something(rule->nest))
		bad_bytes(_metadata, self, rule, NULL, NULL, 0, "nothing in it");

	begin_without(self, rule);
	self->bad->from = self->bad->request->nlmsg_len;
	mnl_attr_put(self->bad->request, rule->type, sizeof(flagless), flagless);
	self->bad->to = self->bad->request->nlmsg_len;
	refused(_metadata, self, true, "nested attribute without its flag");

	/* An unknown attribute among good ones. */
	for (i = 0; i < 2; i++) {
		begin_without(self, rule);
		nest = mnl_attr_nest_start(self->bad->request, rule->type);
		rules_put_required(self->bad->request, rule->nest, NULL);
		self->bad->from = self->bad->request->nlmsg_len;
		mnl_attr_put_u32(self->bad->request, i ? 100 : 0, 1);
		self->bad->to = self->bad->request->nlmsg_len;
		mnl_attr_nest_end(self->bad->request, nest);
		refused(_metadata, self, true, "unknown attribute in a nest");
	}
	bad_rules(_metadata, self, rule->nest, rule);
}

static void bad_rules(THIS, const struct rule *rules, const struct rule *nest)
{
	const struct rule *rule;

	for (rule = rules; rule->name; rule++) {
		switch (rule->kind) {
		case BINARY:
			bad_binary(_metadata, self, rule, nest);
			break;
		case STRING:
			bad_string(_metadata, self, rule, nest);
			break;
		case NEST:
			bad_nest(_metadata, self, rule);
			break;
		default:
			bad_number(_metadata, self, rule, nest);
		}
	}
}

TEST_F(netlink_bad, attributes)
{
	bad_rules(_metadata, self, self->command->rules, NULL);
	EXPECT_GT(self->cases, 5);
}

TEST_F(netlink_bad, missing_attributes)
{
	const struct rule *rule, *inner;

	for (rule = self->command->rules; rule->name; rule++) {
		/* node-set without anything is a wish for nothing, and granted. */
		if (rule->required && self->command->number != HOTID_CMD_NODE_SET) {
			begin_without(self, rule);
			refused(_metadata, self, false, rule->name);
		}
		for (inner = rule->nest; inner && inner->name; inner++) {
			struct nlattr *nest;

			if (!inner->required)
				continue;
			begin_without(self, rule);
			nest = mnl_attr_nest_start(self->bad->request, rule->type);
			rules_put_required(self->bad->request, rule->nest, inner);
			mnl_attr_nest_end(self->bad->request, nest);
			refused(_metadata, self, false, inner->name);
		}
	}
}

static bool takes(const struct command *command, uint16_t type)
{
	const struct rule *rule;
	size_t i;

	for (i = 0; i < n_commands; i++) {
		if (commands[i].number != command->number)
			continue;
		for (rule = commands[i].rules; rule->name; rule++)
			if (rule->type == type)
				return true;
	}
	return false;
}

/* Attributes that the command does not take, though its set may have them. */
TEST_F(netlink_bad, unknown_attributes)
{
	uint16_t type;
	char what[64];

	for (type = 1; type < self->command->highest + 4; type++) {
		if (takes(self->command, type))
			continue;
		begin_without(self, NULL);
		self->bad->from = self->bad->request->nlmsg_len;
		mnl_attr_put_u32(self->bad->request, type, 1);
		self->bad->to = self->bad->request->nlmsg_len;
		snprintf(what, sizeof(what), "%s with attribute %u", self->command->name, type);
		refused(_metadata, self, true, what);
	}
	begin_without(self, NULL);
	mnl_attr_put_u32(self->bad->request, 0x3fff, 1);
	refused(_metadata, self, false, "the highest attribute there can be");
	begin_without(self, NULL);
	mnl_attr_put_u32(self->bad->request, 0, 1);
	refused(_metadata, self, false, "attribute 0");
}

/* A message whose attributes do not fill it, or want more than there is. */
TEST_F(netlink_bad, malformed_messages)
{
	struct nlattr *attribute;
	unsigned int seed, round;

	begin_without(self, NULL);
	memset(mnl_nlmsg_get_payload_tail(self->bad->request), 0xee, 4);
	self->bad->request->nlmsg_len += 2;
	refused(_metadata, self, false, "two bytes after the last attribute");

	begin_without(self, NULL);
	attribute = mnl_nlmsg_get_payload_tail(self->bad->request);
	mnl_attr_put_u32(self->bad->request, 1, 1);
	attribute->nla_len = 4000;
	refused(_metadata, self, false, "an attribute that goes on after the message");

	begin_without(self, NULL);
	attribute = mnl_nlmsg_get_payload_tail(self->bad->request);
	mnl_attr_put_u32(self->bad->request, 1, 1);
	attribute->nla_len = 3;
	refused(_metadata, self, false, "an attribute shorter than its head");

	/* Noise instead of attributes; the same noise in every run. */
	for (round = 0, seed = 77; round < 50; round++) {
		struct nlmsghdr *request = begin(self);
		uint8_t *bytes = mnl_nlmsg_get_payload_tail(request);
		int i, length = 5 + rand_r(&seed) % 200;

		for (i = 0; i < length; i++)
			bytes[i] = rand_r(&seed);
		/* An attribute of a type that nobody knows, so none may be taken. */
		bytes[3] |= 0x20;
		bytes[1] &= 0x3f;
		request->nlmsg_len += length;
		refused(_metadata, self, false, "noise");
	}
}

/* With all that it takes, the good request is taken: so each defect was the reason. */
TEST_F(netlink_bad, good_request_is_taken)
{
	const struct rule *rule;
	struct refusal refusal;

	rules_put_required(begin(self), self->command->rules, NULL);
	for (rule = self->command->rules; rule->name; rule++)
		if (!rule->required)
			rule_put(self->bad->request, rule);
	refusal = raw_ask(&self->raw, self->bad->request);
	EXPECT_EQ(0, refusal.error)
		TH_LOG("%s: %s", self->command->name, refusal.message);
}

TEST_HARNESS_MAIN

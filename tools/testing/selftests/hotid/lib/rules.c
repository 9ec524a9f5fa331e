// SPDX-License-Identifier: GPL-2.0
#include "rules.h"

#include <string.h>

#include <linux/hotid.h>

#include "net.h"
#include "node.h"
#include "probe.h"
#include "raw.h"

#define ANY_U32		.min = 0, .max = UINT32_MAX
#define ANY_U64		.min = 0, .max = UINT64_MAX
#define NAME(set)	"name", set##_NAME, STRING
#define OPTIONAL	false
#define REQUIRED	true

static const uint8_t an_id[HOTID_ID_LEN] = "sixteen bytes ..";
static const uint8_t peer_id[HOTID_ID_LEN] = "id of the peer..";
static const uint8_t new_id[HOTID_ID_LEN] = "id of a new peer";
static const uint8_t a_key[HOTID_KEY_LEN] = "keys are 16 long";
static const uint8_t address[16] = { 0xfd, 0x77, [15] = 2 };
static const uint8_t local[16] = { 0xfd, 0x77, [15] = 1 };

static const struct rule node_set[] = {
	{ "id", HOTID_A_NODE_ID, BINARY, OPTIONAL, 16, 16, .data = an_id },
	{ NAME(HOTID_A_NODE), OPTIONAL, 0, 63, .data = "spare" },
	{ "port", HOTID_A_NODE_PORT, U16, OPTIONAL, 1, 65535, 6123 },
	{ "interval-us", HOTID_A_NODE_INTERVAL_US, U32, OPTIONAL, 250, 10000000, 20000 },
	{ "user-limit-ms", HOTID_A_NODE_USER_LIMIT_MS, U32, OPTIONAL, 10, 600000, 300 },
	{}
};

static const struct rule keepalive[] = {
	{ "health", HOTID_A_NODE_HEALTH, U32, OPTIONAL, 0, 3, 1 },
	{}
};

static struct rule probe_set[] = {
	{ "slots-fd", HOTID_A_PROBE_SLOTS_FD, U32, REQUIRED, ANY_U32 },
	{ "counters-fd", HOTID_A_PROBE_COUNTERS_FD, U32, REQUIRED, ANY_U32 },
	{ "ifindex", HOTID_A_PROBE_IFINDEX, U32, REQUIRED, 1, UINT32_MAX },
	{ "mode", HOTID_A_PROBE_MODE, U32, REQUIRED, 0, 2, HOTID_PROBE_MODE_GENERIC },
	{}
};

static const struct rule probe_del[] = {
	{ "ifindex", HOTID_A_PROBE_IFINDEX, U32, OPTIONAL, 1, UINT32_MAX, 1 },
	{}
};

static const struct rule path[] = {
	{ "index", HOTID_A_PATH_INDEX, U32, REQUIRED, 0, 3, 1 },
	{ "remote-ipv6", HOTID_A_PATH_REMOTE_IPV6, BINARY, REQUIRED, 16, 16, .data = address },
	{ "local-ipv6", HOTID_A_PATH_LOCAL_IPV6, BINARY, OPTIONAL, 16, 16, .data = local },
	{ "port", HOTID_A_PATH_PORT, U16, OPTIONAL, 1, 65535, 7000 },
	{ "ifindex", HOTID_A_PATH_IFINDEX, U32, OPTIONAL, ANY_U32 },
	{}
};

static const struct rule peer_new[] = {
	{ "id", HOTID_A_PEER_ID, BINARY, REQUIRED, 16, 16, .data = new_id },
	{ NAME(HOTID_A_PEER), OPTIONAL, 0, 63, .data = "active" },
	{ "flags", HOTID_A_PEER_FLAGS, U32, OPTIONAL, 0, 3, 1 },
	{ "multiplier", HOTID_A_PEER_MULTIPLIER, U32, OPTIONAL, 2, 255, 5 },
	{ "path", HOTID_A_PEER_PATH, NEST, REQUIRED, .nest = path },
	{}
};

static const struct rule margins_reset[] = {
	{ "id", HOTID_A_PEER_ID, BINARY, OPTIONAL, 16, 16, .data = peer_id },
	{}
};

static const struct rule peer_del[] = {
	{ "id", HOTID_A_PEER_ID, BINARY, REQUIRED, 16, 16, .data = peer_id },
	{}
};

/* What is in voters and ports is for netlink_refused: nests in nests are not tried here. */
static const struct rule guard[] = {
	{}
};

static const struct rule identity_new[] = {
	{ NAME(HOTID_A_IDENTITY), REQUIRED, 1, 63, .data = "another" },
	{ "flags", HOTID_A_IDENTITY_FLAGS, U32, OPTIONAL, 0, 3, 1 },
	{ "guard", HOTID_A_IDENTITY_GUARD, NEST, OPTIONAL, .nest = guard },
	{}
};

static const struct rule of_offline[] = {
	{ NAME(HOTID_A_IDENTITY), REQUIRED, 1, 63, .data = "off" },
	{}
};

static const struct rule of_armed[] = {
	{ NAME(HOTID_A_IDENTITY), REQUIRED, 1, 63, .data = "armed" },
	{}
};

static const struct rule takeover[] = {
	{ NAME(HOTID_A_IDENTITY), REQUIRED, 1, 63, .data = "armed" },
	{ "epoch", HOTID_A_IDENTITY_EPOCH, U64, OPTIONAL, ANY_U64, 7 },
	{}
};

static const struct rule release[] = {
	{ NAME(HOTID_A_IDENTITY), REQUIRED, 1, 63, .data = "held" },
	{ "epoch", HOTID_A_IDENTITY_EPOCH, U64, OPTIONAL, ANY_U64, 1 },
	{}
};

static const struct rule report[] = {
	{ NAME(HOTID_A_IDENTITY), REQUIRED, 1, 63, .data = "arming" },
	{ "state", HOTID_A_IDENTITY_STATE, U32, REQUIRED, 0, 6, HOTID_IDENTITY_STATE_ARMING },
	{ "epoch", HOTID_A_IDENTITY_EPOCH, U64, REQUIRED, ANY_U64, 0 },
	{ "errno", HOTID_A_IDENTITY_ERRNO, U32, OPTIONAL, ANY_U32, 5 },
	{ "clean", HOTID_A_IDENTITY_CLEAN, U8, OPTIONAL, 0, 1, 1 },
	{ "message", HOTID_A_IDENTITY_MESSAGE, STRING, OPTIONAL, 0, 255, .data = "no medium" },
	{}
};

static const struct rule step[] = {
	{ "index", HOTID_A_STEP_INDEX, U32, REQUIRED, 0, 63, 1 },
	{ NAME(HOTID_A_STEP), REQUIRED, 1, 63, .data = "net eth0" },
	{ "kind", HOTID_A_STEP_KIND, STRING, REQUIRED, 0, 15, .data = "net" },
	{ "stage", HOTID_A_STEP_STAGE, U32, REQUIRED, 0, 6, HOTID_STAGE_NET },
	{ "verb", HOTID_A_STEP_VERB, U32, REQUIRED, 0, 4, HOTID_VERB_STAGE },
	{ "status", HOTID_A_STEP_STATUS, U32, REQUIRED, 0, 3, HOTID_STEP_STATUS_RUNNING },
	{ "start-ns", HOTID_A_STEP_START_NS, U64, OPTIONAL, ANY_U64, 1 },
	{ "end-ns", HOTID_A_STEP_END_NS, U64, OPTIONAL, ANY_U64, 2 },
	{ "errno", HOTID_A_STEP_ERRNO, U32, OPTIONAL, ANY_U32, 5 },
	{ "message", HOTID_A_STEP_MESSAGE, STRING, OPTIONAL, 0, 255, .data = "up" },
	{}
};

static const struct rule step_report[] = {
	{ NAME(HOTID_A_IDENTITY), REQUIRED, 1, 63, .data = "arming" },
	{ "state", HOTID_A_IDENTITY_STATE, U32, REQUIRED, 0, 6, HOTID_IDENTITY_STATE_ARMING },
	{ "epoch", HOTID_A_IDENTITY_EPOCH, U64, REQUIRED, ANY_U64, 0 },
	{ "step", HOTID_A_IDENTITY_STEP, NEST, REQUIRED, .nest = step },
	{}
};

/* Keys are set by calls of their own; these are the three, as three commands. */
static const struct rule key_set[] = {
	{ "key", HOTID_A_NODE_KEY, BINARY, REQUIRED, 16, 16, .data = a_key },
	{ "key-generation", HOTID_A_NODE_KEY_GENERATION, U32, OPTIONAL, 1, UINT32_MAX, 2 },
	{}
};

static const struct rule key_use[] = {
	{ "key-use", HOTID_A_NODE_KEY_USE, U32, REQUIRED, 1, UINT32_MAX, 1 },
	{}
};

static const struct rule key_drop[] = {
	{ "key-drop", HOTID_A_NODE_KEY_DROP, U32, REQUIRED, 1, UINT32_MAX, 3 },
	{}
};

#define NODE		HOTID_A_NODE_MAX
#define PROBE		HOTID_A_PROBE_MAX
#define PEER		HOTID_A_PEER_MAX
#define IDENTITY	HOTID_A_IDENTITY_MAX

const struct command commands[] = {
	{ "node-set", HOTID_CMD_NODE_SET, NODE, node_set },
	{ "node-set key", HOTID_CMD_NODE_SET, NODE, key_set },
	{ "node-set key-use", HOTID_CMD_NODE_SET, NODE, key_use },
	{ "node-set key-drop", HOTID_CMD_NODE_SET, NODE, key_drop },
	{ "keepalive", HOTID_CMD_KEEPALIVE, NODE, keepalive },
	{ "probe-set", HOTID_CMD_PROBE_SET, PROBE, probe_set },
	{ "probe-del", HOTID_CMD_PROBE_DEL, PROBE, probe_del },
	{ "peer-new", HOTID_CMD_PEER_NEW, PEER, peer_new },
	{ "peer-del", HOTID_CMD_PEER_DEL, PEER, peer_del },
	{ "margins-reset", HOTID_CMD_MARGINS_RESET, PEER, margins_reset },
	{ "identity-new", HOTID_CMD_IDENTITY_NEW, IDENTITY, identity_new },
	{ "identity-del", HOTID_CMD_IDENTITY_DEL, IDENTITY, of_offline },
	{ "identity-arm", HOTID_CMD_IDENTITY_ARM, IDENTITY, of_offline },
	{ "identity-disarm", HOTID_CMD_IDENTITY_DISARM, IDENTITY, of_armed },
	{ "identity-takeover", HOTID_CMD_IDENTITY_TAKEOVER, IDENTITY, takeover },
	{ "identity-release", HOTID_CMD_IDENTITY_RELEASE, IDENTITY, release },
	{ "identity-report", HOTID_CMD_IDENTITY_REPORT, IDENTITY, report },
	{ "step-report", HOTID_CMD_STEP_REPORT, IDENTITY, step_report },
};

const size_t n_commands = sizeof(commands) / sizeof(commands[0]);

const struct command *command_find(const char *name)
{
	size_t i;

	for (i = 0; i < n_commands; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	errx(1, "no command %s", name);
}

size_t rule_size(enum kind kind)
{
	static const size_t sizes[] = { [U8] = 1, [U16] = 2, [U32] = 4, [U64] = 8 };

	return sizes[kind];
}

void rule_put(struct nlmsghdr *request, const struct rule *rule)
{
	struct nlattr *nest;

	switch (rule->kind) {
	case BINARY:
		mnl_attr_put(request, rule->type, rule->max, rule->data);
		break;
	case STRING:
		mnl_attr_put_strz(request, rule->type, rule->data);
		break;
	case NEST:
		nest = mnl_attr_nest_start(request, rule->type);
		rules_put_required(request, rule->nest, NULL);
		mnl_attr_nest_end(request, nest);
		break;
	default:
		/* Little-endian: the low bytes come first. */
		mnl_attr_put(request, rule->type, rule_size(rule->kind), &rule->number);
	}
}

void rules_put_required(struct nlmsghdr *request, const struct rule *rules,
			const struct rule *without)
{
	const struct rule *rule;

	for (rule = rules; rule->name; rule++)
		if (rule->required && rule != without)
			rule_put(request, rule);
}

static void identity_in(struct node *node, const char *name, uint32_t state)
{
	struct hotid *h = node->h;

	MUST(h, hotid_identity_new(h, name, 0));
	if (state == HOTID_IDENTITY_STATE_OFFLINE)
		return;
	MUST(h, hotid_identity_arm(h, name));
	if (state == HOTID_IDENTITY_STATE_ARMING)
		return;
	MUST(h, hotid_identity_report(h, name, HOTID_IDENTITY_STATE_ARMING, 0, 0, true, ""));
	if (state == HOTID_IDENTITY_STATE_ARMED)
		return;
	node_daemon_lives(node);
	MUST(h, hotid_identity_takeover(h, name, 1));
	MUST(h, hotid_identity_report(h, name, HOTID_IDENTITY_STATE_TAKING, 1, 0, true, ""));
}

/* What key-drop drops: a generation that is not in use. */
static void add_key(const struct raw *raw)
{
	static const struct rule rules[] = {
		{ "key", HOTID_A_NODE_KEY, BINARY, REQUIRED, 16, 16, .data = "third generation" },
		{ "generation", HOTID_A_NODE_KEY_GENERATION, U32, REQUIRED, .number = 3 },
		{}
	};
	char buffer[RAW_MAX] = {};
	struct nlmsghdr *request = raw_begin(raw, buffer, HOTID_CMD_NODE_SET);

	rules_put_required(request, rules, NULL);
	if (raw_ask(raw, request).error)
		errx(1, "a second key cannot be set");
}

void rules_prepare(struct node *node, struct probe *probe, struct raw *raw)
{
	struct hotid_node named = {};

	node_start(node, ns_new(), 1, 10000);
	/* It may only be set to what it is, later. */
	memcpy(node->id, an_id, sizeof(an_id));
	memcpy(named.id, an_id, sizeof(an_id));
	MUST(node->h, hotid_node_set(node->h, &named, HOTID_SET_ID));
	peer_add(node, peer_id, WATCH, "10.9.9.9");
	identity_in(node, "off", HOTID_IDENTITY_STATE_OFFLINE);
	identity_in(node, "arming", HOTID_IDENTITY_STATE_ARMING);
	identity_in(node, "armed", HOTID_IDENTITY_STATE_ARMED);
	identity_in(node, "held", HOTID_IDENTITY_STATE_HELD);
	raw_open(raw, node->ns);
	add_key(raw);
	probe_start(probe, node, "lo", HOTID_PROBE_MODE_GENERIC);
	probe_set[0].number = probe->slots;
	probe_set[1].number = probe->counters;
	probe_set[2].number = link_index(node->ns, "lo");
}

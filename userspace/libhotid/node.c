// SPDX-License-Identifier: LGPL-2.1-or-later
/* This node: its settings, the daemon's sign of life, and the probe. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hotid_daemon.h"
#include "layout.h"
#include "node.h"
#include "request.h"

static struct nla_policy node_policy[HOTID_A_NODE_MAX + 1] = {
	[HOTID_A_NODE_ID] = { .type = NLA_UNSPEC, .minlen = HOTID_ID_LEN },
	[HOTID_A_NODE_NAME] = { .type = NLA_STRING },
	[HOTID_A_NODE_BOOT_ID] = { .type = NLA_U64 },
	[HOTID_A_NODE_KEY_SET] = { .type = NLA_U8 },
	[HOTID_A_NODE_KEY_GENERATION] = { .type = NLA_U32 },
	[HOTID_A_NODE_KEY_OTHER] = { .type = NLA_U32 },
	[HOTID_A_NODE_PORT] = { .type = NLA_U16 },
	[HOTID_A_NODE_INTERVAL_US] = { .type = NLA_U32 },
	[HOTID_A_NODE_USER_LIMIT_MS] = { .type = NLA_U32 },
	[HOTID_A_NODE_HEALTH] = { .type = NLA_U32 },
	[HOTID_A_NODE_BEATS_SENT] = { .type = NLA_U64 },
	[HOTID_A_NODE_SEND_ERRORS] = { .type = NLA_U64 },
	[HOTID_A_NODE_COUNTERS] = { .type = NLA_NESTED },
	[HOTID_A_NODE_PROBE] = { .type = NLA_NESTED },
	[HOTID_A_NODE_VERSION] = { .type = NLA_STRING },
	[HOTID_A_NODE_NOW_NS] = { .type = NLA_U64 },
	[HOTID_A_NODE_PENDING_CPUS] = { .type = NLA_STRING },
	[HOTID_A_NODE_PENDING_ROUNDS] = { .type = NLA_U64 },
};

static struct nla_policy counters_policy[HOTID_A_COUNTERS_MAX + 1] = {
	[HOTID_A_COUNTERS_ACCEPTED] = { .type = NLA_U64 },
	[HOTID_A_COUNTERS_TRUNCATED] = { .type = NLA_U64 },
	[HOTID_A_COUNTERS_VERSION] = { .type = NLA_U64 },
	[HOTID_A_COUNTERS_UNKNOWN] = { .type = NLA_U64 },
	[HOTID_A_COUNTERS_BAD_MAC] = { .type = NLA_U64 },
	[HOTID_A_COUNTERS_REPLAYED] = { .type = NLA_U64 },
	[HOTID_A_COUNTERS_CONTROL] = { .type = NLA_U64 },
	[HOTID_A_COUNTERS_UNVERIFIED] = { .type = NLA_U64 },
};

static struct nla_policy probe_policy[HOTID_A_PROBE_DEVICE_MAX + 1] = {
	[HOTID_A_PROBE_DEVICE_IFINDEX] = { .type = NLA_U32 },
	[HOTID_A_PROBE_DEVICE_MODE] = { .type = NLA_U32 },
};

static int parse_counters(struct nlattr *nest, struct hotid_counts *counts)
{
	struct nlattr *a[HOTID_A_COUNTERS_MAX + 1];

	if (nla_parse_nested(a, HOTID_A_COUNTERS_MAX, nest, counters_policy) < 0)
		return -EBADMSG;
	counts->accepted = answer_u64(a[HOTID_A_COUNTERS_ACCEPTED]);
	counts->truncated = answer_u64(a[HOTID_A_COUNTERS_TRUNCATED]);
	counts->version = answer_u64(a[HOTID_A_COUNTERS_VERSION]);
	counts->unknown = answer_u64(a[HOTID_A_COUNTERS_UNKNOWN]);
	counts->bad_mac = answer_u64(a[HOTID_A_COUNTERS_BAD_MAC]);
	counts->replayed = answer_u64(a[HOTID_A_COUNTERS_REPLAYED]);
	counts->control = answer_u64(a[HOTID_A_COUNTERS_CONTROL]);
	counts->unverified = answer_u64(a[HOTID_A_COUNTERS_UNVERIFIED]);
	return 0;
}

static int parse_probes(struct nlattr *attrs, int len, struct hotid_node *node)
{
	struct nlattr *a[HOTID_A_PROBE_DEVICE_MAX + 1], *nla;
	size_t n = 0;
	int rem;

	nla_for_each_attr(nla, attrs, len, rem)
		n += nla_type(nla) == HOTID_A_NODE_PROBE;
	if (!n)
		return 0;
	node->probes = calloc(n, sizeof(*node->probes));
	if (!node->probes)
		return -ENOMEM;

	nla_for_each_attr(nla, attrs, len, rem) {
		if (nla_type(nla) != HOTID_A_NODE_PROBE)
			continue;
		if (nla_parse_nested(a, HOTID_A_PROBE_DEVICE_MAX, nla, probe_policy) < 0)
			return -EBADMSG;
		node->probes[node->n_probes].ifindex = answer_u32(a[HOTID_A_PROBE_DEVICE_IFINDEX]);
		node->probes[node->n_probes].mode = answer_u32(a[HOTID_A_PROBE_DEVICE_MODE]);
		node->n_probes++;
	}
	return 0;
}

int node_parse(struct nlattr *attrs, int len, struct hotid_node *node)
{
	struct nlattr *a[HOTID_A_NODE_MAX + 1];
	int err;

	memset(node, 0, sizeof(*node));
	if (nla_parse(a, HOTID_A_NODE_MAX, attrs, len, node_policy) < 0)
		return -EBADMSG;
	answer_id(a[HOTID_A_NODE_ID], node->id);
	answer_string(a[HOTID_A_NODE_NAME], node->name, sizeof(node->name));
	node->boot_id = answer_u64(a[HOTID_A_NODE_BOOT_ID]);
	node->key_set = answer_u8(a[HOTID_A_NODE_KEY_SET]);
	node->key_generation = answer_u32(a[HOTID_A_NODE_KEY_GENERATION]);
	node->key_other = answer_u32(a[HOTID_A_NODE_KEY_OTHER]);
	node->port = answer_u16(a[HOTID_A_NODE_PORT]);
	node->interval_us = answer_u32(a[HOTID_A_NODE_INTERVAL_US]);
	node->user_limit_ms = answer_u32(a[HOTID_A_NODE_USER_LIMIT_MS]);
	node->health = answer_u32(a[HOTID_A_NODE_HEALTH]);
	node->beats_sent = answer_u64(a[HOTID_A_NODE_BEATS_SENT]);
	node->send_errors = answer_u64(a[HOTID_A_NODE_SEND_ERRORS]);
	answer_string(a[HOTID_A_NODE_VERSION], node->version, sizeof(node->version));
	node->now_ns = answer_u64(a[HOTID_A_NODE_NOW_NS]);
	answer_string(a[HOTID_A_NODE_PENDING_CPUS], node->pending_cpus, sizeof(node->pending_cpus));
	node->pending_rounds = answer_u64(a[HOTID_A_NODE_PENDING_ROUNDS]);

	if (a[HOTID_A_NODE_COUNTERS]) {
		err = parse_counters(a[HOTID_A_NODE_COUNTERS], &node->counters);
		if (err < 0)
			return err;
	}
	return parse_probes(attrs, len, node);
}

static int on_node(struct nlattr *attrs, int len, void *data)
{
	struct hotid_node *node = data;

	hotid_node_clear(node);		/* of an answer that came twice */
	return node_parse(attrs, len, node);
}

int hotid_node_get(struct hotid *h, struct hotid_node *theirs)
{
	struct hotid_node node = { 0 };
	struct request rq;
	int err;

	request_start(&rq, h, HOTID_CMD_NODE_GET);
	err = request_ask(&rq, on_node, &node);
	if (err < 0) {
		hotid_node_clear(&node);
		memset(&node, 0, sizeof(node));
	}
	layout_give(theirs, h->sizes.node, &node, sizeof(node));
	return err;
}

/* The rest may be shorter than the library knows it. */
void hotid_node_clear(struct hotid_node *node)
{
	free(node->probes);
	node->probes = NULL;
	node->n_probes = 0;
}

int hotid_node_set(struct hotid *h, const struct hotid_node *theirs, unsigned int fields)
{
	struct hotid_node ours, *node = &ours;
	struct request rq;
	int err;

	err = layout_take(h, node, sizeof(*node), theirs, h->sizes.node);
	if (err < 0)
		return err;
	request_start(&rq, h, HOTID_CMD_NODE_SET);
	if (fields & HOTID_SET_ID)
		request_bytes(&rq, HOTID_A_NODE_ID, node->id, HOTID_ID_LEN);
	if (fields & HOTID_SET_NAME)
		request_string(&rq, HOTID_A_NODE_NAME, node->name);
	if (fields & HOTID_SET_PORT)
		request_u16(&rq, HOTID_A_NODE_PORT, node->port);
	if (fields & HOTID_SET_INTERVAL)
		request_u32(&rq, HOTID_A_NODE_INTERVAL_US, node->interval_us);
	if (fields & HOTID_SET_USER_LIMIT)
		request_u32(&rq, HOTID_A_NODE_USER_LIMIT_MS, node->user_limit_ms);
	return request_ask(&rq, NULL, NULL);
}

int hotid_node_set_key(struct hotid *h, const uint8_t key[HOTID_KEY_LEN])
{
	struct request rq;

	request_start(&rq, h, HOTID_CMD_NODE_SET);
	request_bytes(&rq, HOTID_A_NODE_KEY, key, HOTID_KEY_LEN);
	return request_ask(&rq, NULL, NULL);
}

int hotid_node_add_key(struct hotid *h, uint32_t generation, const uint8_t key[HOTID_KEY_LEN])
{
	struct request rq;

	request_start(&rq, h, HOTID_CMD_NODE_SET);
	request_bytes(&rq, HOTID_A_NODE_KEY, key, HOTID_KEY_LEN);
	request_u32(&rq, HOTID_A_NODE_KEY_GENERATION, generation);
	return request_ask(&rq, NULL, NULL);
}

static int change_key(struct hotid *h, int attribute, uint32_t generation)
{
	struct request rq;

	request_start(&rq, h, HOTID_CMD_NODE_SET);
	request_u32(&rq, attribute, generation);
	return request_ask(&rq, NULL, NULL);
}

int hotid_node_use_key(struct hotid *h, uint32_t generation)
{
	return change_key(h, HOTID_A_NODE_KEY_USE, generation);
}

int hotid_node_drop_key(struct hotid *h, uint32_t generation)
{
	return change_key(h, HOTID_A_NODE_KEY_DROP, generation);
}

int hotid_keepalive(struct hotid *h, uint32_t health)
{
	struct request rq;

	request_start(&rq, h, HOTID_CMD_KEEPALIVE);
	request_u32(&rq, HOTID_A_NODE_HEALTH, health);
	return request_ask(&rq, NULL, NULL);
}

int hotid_probe_set(struct hotid *h, int slots_fd, int counters_fd,
		    uint32_t ifindex, uint32_t mode)
{
	struct request rq;

	request_start(&rq, h, HOTID_CMD_PROBE_SET);
	request_u32(&rq, HOTID_A_PROBE_SLOTS_FD, slots_fd);
	request_u32(&rq, HOTID_A_PROBE_COUNTERS_FD, counters_fd);
	request_u32(&rq, HOTID_A_PROBE_IFINDEX, ifindex);
	request_u32(&rq, HOTID_A_PROBE_MODE, mode);
	return request_ask(&rq, NULL, NULL);
}

int hotid_probe_del(struct hotid *h, uint32_t ifindex)
{
	struct request rq;

	request_start(&rq, h, HOTID_CMD_PROBE_DEL);
	if (ifindex)
		request_u32(&rq, HOTID_A_PROBE_IFINDEX, ifindex);
	return request_ask(&rq, NULL, NULL);
}

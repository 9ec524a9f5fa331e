// SPDX-License-Identifier: LGPL-2.1-or-later
/* This node: its settings, the daemon's sign of life, and the probe. */
#include "hotid_daemon.h"
#include "layout.h"
#include "object.h"

#define COUNTER(attribute, member) \
	FIELD(HOTID_A_COUNTERS_##attribute, struct hotid_counts, member)

static const struct field counter_fields[] = {
	COUNTER(ACCEPTED, accepted),
	COUNTER(TRUNCATED, truncated),
	COUNTER(VERSION, version),
	COUNTER(UNKNOWN, unknown),
	COUNTER(BAD_MAC, bad_mac),
	COUNTER(REPLAYED, replayed),
	COUNTER(CONTROL, control),
	COUNTER(UNVERIFIED, unverified),
};

static const struct field probe_fields[] = {
	FIELD(HOTID_A_PROBE_DEVICE_IFINDEX, struct hotid_probe, ifindex),
	FIELD(HOTID_A_PROBE_DEVICE_MODE, struct hotid_probe, mode),
};

static const struct object counters_object = { OBJECT(counter_fields, struct hotid_counts) };
static const struct object probe_object = { OBJECT(probe_fields, struct hotid_probe) };

#define NODE(attribute, member) FIELD(HOTID_A_NODE_##attribute, struct hotid_node, member)

static const struct field node_fields[] = {
	NODE(ID, id),
	NODE(NAME, name),
	NODE(BOOT_ID, boot_id),
	NODE(KEY_SET, key_set),
	NODE(KEY_GENERATION, key_generation),
	NODE(KEY_OTHER, key_other),
	NODE(PORT, port),
	NODE(INTERVAL_US, interval_us),
	NODE(USER_LIMIT_MS, user_limit_ms),
	NODE(HEALTH, health),
	NODE(BEATS_SENT, beats_sent),
	NODE(SEND_ERRORS, send_errors),
	{ FIELD_OF(HOTID_A_NODE_COUNTERS, FIELD_NEST, struct hotid_node, counters),
	  .nest = &counters_object },
	{ FIELD_OF(HOTID_A_NODE_PROBE, FIELD_LIST, struct hotid_node, probes),
	  .nest = &probe_object, .count = offsetof(struct hotid_node, n_probes) },
	NODE(VERSION, version),
	NODE(NOW_NS, now_ns),
	NODE(PENDING_CPUS, pending_cpus),
	NODE(PENDING_ROUNDS, pending_rounds),
};

const struct object node_object = {
	OBJECT(node_fields, struct hotid_node),
	.theirs = offsetof(struct hotid_sizes, node),
};

int hotid_node_get(struct hotid *h, struct hotid_node *node)
{
	struct request rq;

	request_start(&rq, h, HOTID_CMD_NODE_GET);
	return object_get(&node_object, &rq, node);
}

void hotid_node_clear(struct hotid_node *node)
{
	object_clear(&node_object, node);
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

static int ask_u32(struct hotid *h, uint8_t cmd, int attribute, uint32_t value)
{
	struct request rq;

	request_start(&rq, h, cmd);
	request_u32(&rq, attribute, value);
	return request_ask(&rq, NULL, NULL);
}

int hotid_node_use_key(struct hotid *h, uint32_t generation)
{
	return ask_u32(h, HOTID_CMD_NODE_SET, HOTID_A_NODE_KEY_USE, generation);
}

int hotid_node_drop_key(struct hotid *h, uint32_t generation)
{
	return ask_u32(h, HOTID_CMD_NODE_SET, HOTID_A_NODE_KEY_DROP, generation);
}

int hotid_keepalive(struct hotid *h, uint32_t health)
{
	return ask_u32(h, HOTID_CMD_KEEPALIVE, HOTID_A_NODE_HEALTH, health);
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

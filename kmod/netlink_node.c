// SPDX-License-Identifier: GPL-2.0
/* Handlers: the node, its health and its probes. */
#include <linux/module.h>

#include "beat.h"
#include "dispatch.h"
#include "gasp.h"
#include "identity.h"
#include "incarnation.h"
#include "key.h"
#include "netlink.h"
#include "netlink_event.h"
#include "peer.h"
#include "peer_config.h"
#include "receive.h"
#include "table.h"
#include "target.h"
#include "version.h"

static int put_counters(struct sk_buff *skb, struct hotid_table *table)
{
	static const u8 attributes[HOTID_VERDICTS] = {
		[HOTID_VERDICT_ACCEPTED] = HOTID_A_COUNTERS_ACCEPTED,
		[HOTID_VERDICT_TRUNCATED] = HOTID_A_COUNTERS_TRUNCATED,
		[HOTID_VERDICT_VERSION] = HOTID_A_COUNTERS_VERSION,
		[HOTID_VERDICT_UNKNOWN] = HOTID_A_COUNTERS_UNKNOWN,
		[HOTID_VERDICT_BAD_MAC] = HOTID_A_COUNTERS_BAD_MAC,
		[HOTID_VERDICT_REPLAYED] = HOTID_A_COUNTERS_REPLAYED,
		[HOTID_VERDICT_CONTROL] = HOTID_A_COUNTERS_CONTROL,
		[HOTID_VERDICT_UNVERIFIED] = HOTID_A_COUNTERS_UNVERIFIED,
	};
	struct nlattr *nest = nla_nest_start(skb, HOTID_A_NODE_COUNTERS);
	int kind;

	if (!nest)
		return -EMSGSIZE;
	for (kind = 0; kind < HOTID_VERDICTS; kind++)
		if (nla_put_u64_64bit(skb, attributes[kind],
				      hotid_counters_sum(&table->counters, kind),
				      HOTID_A_COUNTERS_PAD))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_probes(struct sk_buff *skb, const struct hotid_node *node)
{
	int i;

	for (i = 0; i < HOTID_MAX_PROBES; i++) {
		const struct hotid_probe *probe = &node->probes[i];
		struct nlattr *nest;

		if (!probe->ifindex)
			continue;
		nest = nla_nest_start(skb, HOTID_A_NODE_PROBE);
		if (!nest || nla_put_u32(skb, HOTID_A_PROBE_DEVICE_IFINDEX, probe->ifindex) ||
		    nla_put_u32(skb, HOTID_A_PROBE_DEVICE_MODE, probe->mode))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
}

int hotid_nl_node_get_doit(struct sk_buff *request, struct genl_info *info)
{
	struct sk_buff *skb = hotid_netlink_answer(info, NLMSG_GOODSIZE);
	struct hotid_node *node = hotid_netlink_node(info);
	bool failed;

	spin_lock_bh(&node->lock);
	failed = !skb || hotid_netlink_put_node(skb, node);
	spin_unlock_bh(&node->lock);
	failed = failed ||
		 nla_put_u64_64bit(skb, HOTID_A_NODE_BEATS_SENT, atomic64_read(&node->beats_sent),
				   HOTID_A_NODE_PAD) ||
		 nla_put_u64_64bit(skb, HOTID_A_NODE_SEND_ERRORS, atomic64_read(&node->send_errors),
				   HOTID_A_NODE_PAD) ||
		 put_counters(skb, &node->table) || put_probes(skb, node) ||
		 nla_put_string(skb, HOTID_A_NODE_VERSION, HOTID_VERSION) ||
		 nla_put_u64_64bit(skb, HOTID_A_NODE_NOW_NS, ktime_get_ns(), HOTID_A_NODE_PAD);
	return hotid_netlink_answer_send(info, skb, failed);
}

/* Keys come by calls of their own, so that a refusal leaves nothing half done. */
static int set_keys(struct hotid_node *node, struct genl_info *info)
{
	struct nlattr **given = info->attrs;
	struct nlattr *key = given[HOTID_A_NODE_KEY];
	struct nlattr *generation = given[HOTID_A_NODE_KEY_GENERATION];
	struct nlattr *use = given[HOTID_A_NODE_KEY_USE];
	struct nlattr *drop = given[HOTID_A_NODE_KEY_DROP];
	const char *why = NULL;
	int error;

	if (!!key + !!use + !!drop > 1 || (generation && !key) ||
	    given[HOTID_A_NODE_ID] || given[HOTID_A_NODE_NAME] || given[HOTID_A_NODE_PORT] ||
	    given[HOTID_A_NODE_INTERVAL_US] || given[HOTID_A_NODE_USER_LIMIT_MS])
		return hotid_netlink_refuse(info, -EINVAL,
					    "a key is set, used or dropped by a call of its own; key-generation goes with key",
					    key ?: generation ?: use ?: drop);
	if (key) {
		error = hotid_key_set(node, nla_data(key), generation ? nla_get_u32(generation) : 0,
				      &why);
		/* The request is freed as it is, and may be sent back with a refusal. */
		memzero_explicit(nla_data(key), nla_len(key));
	} else if (use) {
		error = hotid_key_use(node, nla_get_u32(use), &why);
	} else {
		error = hotid_key_drop(node, nla_get_u32(drop), &why);
	}
	if (error)
		return hotid_netlink_refuse(info, error, why, generation ?: use ?: drop);
	if (!use)
		hotid_peer_rekey_all(node);
	hotid_beat_update(node);
	return 0;
}

int hotid_nl_node_set_doit(struct sk_buff *request, struct genl_info *info)
{
	struct hotid_node *node = hotid_netlink_node(info);
	struct nlattr **given = info->attrs;
	struct nlattr *id = given[HOTID_A_NODE_ID];
	struct nlattr *port = given[HOTID_A_NODE_PORT];
	struct hotid_identity *identity;
	int error;

	if (id && !memchr_inv(nla_data(id), 0, HOTID_ID_LEN))
		return hotid_netlink_refuse(info, -EINVAL,
					    "id must not be all zero; give a random one", id);
	if (id && hotid_peer_find(node, nla_data(id)))
		return hotid_netlink_refuse(info, -EEXIST,
					    "id is that of a peer; give another one, or remove the peer",
					    id);
	identity = hotid_identity_in_use(node);
	if (id && identity && memcmp(nla_data(id), node->id, HOTID_ID_LEN))
		return hotid_netlink_refuse_with(info, -EBUSY, id,
						 "id cannot change while identity %s is in use on this node; release or disarm it first",
						 identity->name);
	if (given[HOTID_A_NODE_KEY] || given[HOTID_A_NODE_KEY_GENERATION] ||
	    given[HOTID_A_NODE_KEY_USE] || given[HOTID_A_NODE_KEY_DROP])
		return set_keys(node, info);
	if (port && nla_get_u16(port) != node->port) {
		error = hotid_receive_open(node, nla_get_u16(port));
		if (error)
			return hotid_netlink_refuse(info, error,
						    "port cannot be opened; give one that nothing else uses",
						    port);
	}
	spin_lock_bh(&node->lock);
	if (id)
		nla_memcpy(node->id, id, HOTID_ID_LEN);
	if (given[HOTID_A_NODE_NAME])
		nla_strscpy(node->name, given[HOTID_A_NODE_NAME], sizeof(node->name));
	if (given[HOTID_A_NODE_INTERVAL_US])
		hotid_beat_interval(node, nla_get_u32(given[HOTID_A_NODE_INTERVAL_US]));
	if (given[HOTID_A_NODE_USER_LIMIT_MS]) {
		node->user_limit_ms = nla_get_u32(given[HOTID_A_NODE_USER_LIMIT_MS]);
		if (node->keepalive_ns)
			hotid_beat_keepalive(node);
	}
	spin_unlock_bh(&node->lock);
	hotid_key_refresh(node);
	hotid_beat_update(node);
	return 0;
}

int hotid_nl_keepalive_doit(struct sk_buff *request, struct genl_info *info)
{
	struct hotid_node *node = hotid_netlink_node(info);
	struct nlattr *health = info->attrs[HOTID_A_NODE_HEALTH];

	spin_lock_bh(&node->lock);
	node->keepalive_ns = ktime_get_ns();
	node->keepalive_health = health ? nla_get_u32(health) : 0;
	hotid_beat_keepalive(node);
	hotid_identity_reconsider(node);
	hotid_dispatch_identities(node);
	hotid_incarnation_reconsider(node);
	spin_unlock_bh(&node->lock);
	/*
	 * A keepalive is also when a network that was down is tried again. While a
	 * command is under way that waits for the next keepalive: the daemon must not
	 * be taken for dead because of a slow command.
	 */
	if (!mutex_trylock(&node->commands))
		return 0;
	hotid_target_reconnect(node);
	hotid_gasp_refresh(node);
	mutex_unlock(&node->commands);
	return 0;
}

static struct hotid_probe *probe_place(struct hotid_node *node, u32 ifindex)
{
	int i;

	for (i = 0; i < HOTID_MAX_PROBES; i++)
		if (node->probes[i].ifindex == ifindex)
			return &node->probes[i];
	return NULL;
}

int hotid_nl_probe_set_doit(struct sk_buff *request, struct genl_info *info)
{
	struct hotid_node *node = hotid_netlink_node(info);
	struct nlattr **given = info->attrs;
	const char *why = NULL;
	struct hotid_probe *probe;
	u32 ifindex;
	int error;

	if (!given[HOTID_A_PROBE_SLOTS_FD])
		return hotid_netlink_missing(info, "slots-fd");
	if (!given[HOTID_A_PROBE_COUNTERS_FD])
		return hotid_netlink_missing(info, "counters-fd");
	if (!given[HOTID_A_PROBE_IFINDEX])
		return hotid_netlink_missing(info, "ifindex");
	if (!given[HOTID_A_PROBE_MODE])
		return hotid_netlink_missing(info, "mode");
	ifindex = nla_get_u32(given[HOTID_A_PROBE_IFINDEX]);
	probe = probe_place(node, ifindex) ?: probe_place(node, 0);
	if (!probe)
		return hotid_netlink_refuse(info, -ENOSPC,
					    "ifindex: too many devices have a probe; remove it from one",
					    given[HOTID_A_PROBE_IFINDEX]);
	error = hotid_table_adopt(node, nla_get_u32(given[HOTID_A_PROBE_SLOTS_FD]),
				  nla_get_u32(given[HOTID_A_PROBE_COUNTERS_FD]), &why);
	if (error)
		return hotid_netlink_refuse(info, error, why, given[HOTID_A_PROBE_SLOTS_FD]);
	probe->ifindex = ifindex;
	probe->mode = nla_get_u32(given[HOTID_A_PROBE_MODE]);
	return 0;
}

int hotid_nl_probe_del_doit(struct sk_buff *request, struct genl_info *info)
{
	struct hotid_node *node = hotid_netlink_node(info);
	struct nlattr *ifindex = info->attrs[HOTID_A_PROBE_IFINDEX];
	struct hotid_probe *probe;
	int i;

	if (ifindex) {
		probe = probe_place(node, nla_get_u32(ifindex));
		if (!probe)
			return hotid_netlink_refuse(info, -ENOENT,
						    "no probe is on this ifindex; see node-get",
						    ifindex);
		memset(probe, 0, sizeof(*probe));
	} else {
		memset(node->probes, 0, sizeof(node->probes));
	}
	for (i = 0; i < HOTID_MAX_PROBES; i++)
		if (node->probes[i].ifindex)
			return 0;
	return hotid_table_reclaim(node);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Events, and the attributes that answers share with them: the node's, of identities
 * with their steps, and of peers with their paths.
 *
 * Events are sent under node->lock, with bottom halves off, in whatever context the
 * change was found: they wait for nothing.
 */
#include "netlink_event.h"

#include <net/netlink.h>

#include "guard.h"
#include "identity.h"
#include "lease.h"
#include "netlink_gen.h"
#include "node.h"
#include "peer.h"

static bool events_stopped;

/* Not inline: by its name events are known from other messages, in traces and in tests. */
noinline struct sk_buff *hotid_netlink_event(struct hotid_node *node, u8 command)
{
	struct sk_buff *skb = genlmsg_new(NLMSG_GOODSIZE, GFP_ATOMIC);

	lockdep_assert_held(&node->lock);
	/* Any new message has room for its header. */
	if (skb)
		genlmsg_put(skb, 0, 0, &hotid_nl_family, 0, command);
	return skb;
}

/*
 * Send it on the group of events. One that could not be made is lost, which listeners
 * learn by ENOBUFS: they read all again, as after a buffer of theirs that overflowed.
 */
static void event_send(struct hotid_node *node, struct sk_buff *skb, int error)
{
	if (error || READ_ONCE(events_stopped)) {
		nlmsg_free(skb);
		if (!READ_ONCE(events_stopped))
			genl_set_err(&hotid_nl_family, node->net, 0, HOTID_NLGRP_EVENTS, -ENOBUFS);
		return;
	}
	nlmsg_end(skb, nlmsg_hdr(skb));
	genlmsg_multicast_netns(&hotid_nl_family, node->net, skb, 0, HOTID_NLGRP_EVENTS,
				GFP_ATOMIC);
}

void hotid_netlink_event_stop(void)
{
	WRITE_ONCE(events_stopped, true);
	/* Events are sent with bottom halves off: after this none is on its way. */
	synchronize_rcu();
}

/* Which CPUs are pending. A list that is too long ends where it does not fit. */
static int put_pending(struct sk_buff *skb, const struct hotid_detector *detector)
{
	char list[HOTID_MESSAGE_MAX + 1];

	scnprintf(list, sizeof(list), "%*pbl", cpumask_pr_args(detector->pending_cpus));
	return (list[0] && nla_put_string(skb, HOTID_A_NODE_PENDING_CPUS, list)) ||
	       nla_put_u64_64bit(skb, HOTID_A_NODE_PENDING_ROUNDS, detector->pending_rounds,
				 HOTID_A_NODE_PAD);
}

int hotid_netlink_put_node(struct sk_buff *skb, struct hotid_node *node)
{
	u32 other = node->key[!node->signing].generation;

	lockdep_assert_held(&node->lock);
	if (nla_put(skb, HOTID_A_NODE_ID, HOTID_ID_LEN, node->id) ||
	    nla_put_string(skb, HOTID_A_NODE_NAME, node->name) ||
	    nla_put_u64_64bit(skb, HOTID_A_NODE_BOOT_ID, node->boot_id, HOTID_A_NODE_PAD) ||
	    nla_put_u8(skb, HOTID_A_NODE_KEY_SET, !!node->key[node->signing].generation) ||
	    nla_put_u32(skb, HOTID_A_NODE_KEY_GENERATION, node->key[node->signing].generation) ||
	    (other && nla_put_u32(skb, HOTID_A_NODE_KEY_OTHER, other)) ||
	    nla_put_u16(skb, HOTID_A_NODE_PORT, node->port) ||
	    nla_put_u32(skb, HOTID_A_NODE_INTERVAL_US, node->interval_us) ||
	    nla_put_u32(skb, HOTID_A_NODE_USER_LIMIT_MS, node->user_limit_ms) ||
	    nla_put_u32(skb, HOTID_A_NODE_HEALTH, hotid_node_health(node)) ||
	    put_pending(skb, &node->detector))
		return -EMSGSIZE;
	return 0;
}

void hotid_netlink_node_event(struct hotid_node *node)
{
	struct sk_buff *skb = hotid_netlink_event(node, HOTID_CMD_NODE_NTF);

	event_send(node, skb, !skb || hotid_netlink_put_node(skb, node) ||
		   nla_put_u64_64bit(skb, HOTID_A_NODE_NOW_NS, ktime_get_ns(), HOTID_A_NODE_PAD));
}

int hotid_netlink_put_step(struct sk_buff *skb, const struct hotid_step *step, u32 index,
			   bool words)
{
	struct nlattr *nest = nla_nest_start(skb, HOTID_A_IDENTITY_STEP);

	if (!nest || nla_put_u32(skb, HOTID_A_STEP_INDEX, index) ||
	    nla_put_string(skb, HOTID_A_STEP_NAME, step->name) ||
	    nla_put_string(skb, HOTID_A_STEP_KIND, step->kind) ||
	    nla_put_u32(skb, HOTID_A_STEP_STAGE, step->stage) ||
	    nla_put_u32(skb, HOTID_A_STEP_VERB, step->verb) ||
	    nla_put_u32(skb, HOTID_A_STEP_STATUS, step->status) ||
	    nla_put_u64_64bit(skb, HOTID_A_STEP_START_NS, step->start_ns, HOTID_A_STEP_PAD) ||
	    nla_put_u64_64bit(skb, HOTID_A_STEP_END_NS, step->end_ns, HOTID_A_STEP_PAD) ||
	    nla_put_u32(skb, HOTID_A_STEP_ERRNO, step->error) ||
	    (words && nla_put_string(skb, HOTID_A_STEP_MESSAGE, step->message)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_voter(struct sk_buff *skb, const u8 *id)
{
	struct nlattr *nest = nla_nest_start(skb, HOTID_A_GUARD_VOTER);

	if (!nest || nla_put(skb, HOTID_A_VOTER_ID, HOTID_ID_LEN, id))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_guarded_port(struct sk_buff *skb, u32 ifindex)
{
	struct nlattr *nest = nla_nest_start(skb, HOTID_A_GUARD_PORT);

	if (!nest || nla_put_u32(skb, HOTID_A_GUARDED_PORT_IFINDEX, ifindex))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_guard(struct sk_buff *skb, struct hotid_guard *guard)
{
	const struct hotid_guard_config *config = hotid_guard_config(guard);
	struct nlattr *nest = nla_nest_start(skb, HOTID_A_IDENTITY_GUARD);
	int error = nest ? 0 : -EMSGSIZE;
	u32 i;

	for (i = 0; i < config->n_voters && !error; i++)
		error = put_voter(skb, config->voters[i]);
	for (i = 0; i < config->n_ports && !error; i++)
		error = put_guarded_port(skb, config->ports[i]);
	if (error)
		return error;
	nla_nest_end(skb, nest);
	if (nla_put_u32(skb, HOTID_A_IDENTITY_EGRESS, hotid_guard_egress(guard)) ||
	    nla_put_u64_64bit(skb, HOTID_A_IDENTITY_LEASE_NS, hotid_guard_lease_end(guard),
			      HOTID_A_IDENTITY_PAD) ||
	    nla_put_u64_64bit(skb, HOTID_A_IDENTITY_BLOCKED_FRAMES, hotid_guard_blocked(guard),
			      HOTID_A_IDENTITY_PAD))
		return -EMSGSIZE;
	return 0;
}

int hotid_netlink_put_identity(struct sk_buff *skb, const struct hotid_identity *identity)
{
	const struct hotid_advertiser *advertiser = hotid_identity_advertiser(identity);

	if (nla_put_string(skb, HOTID_A_IDENTITY_NAME, identity->name) ||
	    nla_put_u32(skb, HOTID_A_IDENTITY_FLAGS, identity->flags) ||
	    (identity->guard && put_guard(skb, identity->guard)) ||
	    nla_put_u32(skb, HOTID_A_IDENTITY_STATE, identity->machine.state) ||
	    nla_put_u32(skb, HOTID_A_IDENTITY_PREVIOUS, identity->previous) ||
	    nla_put_u64_64bit(skb, HOTID_A_IDENTITY_EPOCH, identity->machine.epoch,
			      HOTID_A_IDENTITY_PAD) ||
	    nla_put_u64_64bit(skb, HOTID_A_IDENTITY_KNOWN_EPOCH, identity->machine.known,
			      HOTID_A_IDENTITY_PAD) ||
	    nla_put_u32(skb, HOTID_A_IDENTITY_REASON, identity->machine.reason) ||
	    nla_put_string(skb, HOTID_A_IDENTITY_MESSAGE, identity->message) ||
	    (advertiser && nla_put(skb, HOTID_A_IDENTITY_HOLDER, HOTID_ID_LEN, advertiser->id)) ||
	    nla_put_u8(skb, HOTID_A_IDENTITY_CLEAN, identity->machine.clean) ||
	    nla_put_u32(skb, HOTID_A_IDENTITY_ERRNO, identity->error) ||
	    nla_put_u64_64bit(skb, HOTID_A_IDENTITY_CHANGED_NS, identity->changed_ns,
			      HOTID_A_IDENTITY_PAD) ||
	    nla_put_u64_64bit(skb, HOTID_A_IDENTITY_CHANGED_REAL_NS, identity->changed_real_ns,
			      HOTID_A_IDENTITY_PAD))
		return -EMSGSIZE;
	return 0;
}

void hotid_netlink_identity_event(struct hotid_node *node, const struct hotid_identity *identity,
				  u8 command)
{
	struct sk_buff *skb = hotid_netlink_event(node, command);

	event_send(node, skb, !skb || hotid_netlink_put_identity(skb, identity));
}

void hotid_netlink_step_event(struct hotid_node *node, const struct hotid_identity *identity,
			      u32 index)
{
	struct sk_buff *skb = hotid_netlink_event(node, HOTID_CMD_STEP_NTF);

	event_send(node, skb, !skb ||
		   nla_put_string(skb, HOTID_A_IDENTITY_NAME, identity->name) ||
		   nla_put_u32(skb, HOTID_A_IDENTITY_STATE, identity->machine.state) ||
		   nla_put_u64_64bit(skb, HOTID_A_IDENTITY_EPOCH, identity->machine.epoch,
				     HOTID_A_IDENTITY_PAD) ||
		   hotid_netlink_put_step(skb, &identity->steps[index], index, true));
}

static u32 path_state(const struct hotid_peer *peer, const struct hotid_slot *slot, int index)
{
	if (peer->paths_up & BIT(index))
		return HOTID_PEER_STATE_UP;
	return slot->path[index].ns ? HOTID_PEER_STATE_DOWN : HOTID_PEER_STATE_UNKNOWN;
}

static int put_addresses(struct sk_buff *skb, const struct hotid_path *path)
{
	if (path->family == AF_INET)
		return nla_put_in_addr(skb, HOTID_A_PATH_REMOTE_IPV4, path->remote.s6_addr32[0]) ||
		       (path->has_local && nla_put_in_addr(skb, HOTID_A_PATH_LOCAL_IPV4,
							   path->local.s6_addr32[0]));
	return nla_put_in6_addr(skb, HOTID_A_PATH_REMOTE_IPV6, &path->remote) ||
	       (path->has_local && nla_put_in6_addr(skb, HOTID_A_PATH_LOCAL_IPV6, &path->local));
}

static int put_gaps(struct sk_buff *skb, const struct hotid_gaps *gaps)
{
	BUILD_BUG_ON(HOTID_GAP_COUNTS != HOTID_GAP_BUCKETS || HOTID_GAP_FIRST != HOTID_GAP_SHIFT);
	if (nla_put_u64_64bit(skb, HOTID_A_PATH_LONGEST_GAP_NS,
			      (u64)READ_ONCE(gaps->longest) * HOTID_GAP_UNIT, HOTID_A_PATH_PAD) ||
	    nla_put(skb, HOTID_A_PATH_GAPS, sizeof(gaps->count), gaps->count))
		return -EMSGSIZE;
	return 0;
}

static int put_path(struct sk_buff *skb, const struct hotid_peer *peer,
		    const struct hotid_slot *slot, int index)
{
	const struct hotid_path *path = &peer->paths[index];
	struct nlattr *nest = nla_nest_start(skb, HOTID_A_PEER_PATH);

	if (!nest || nla_put_u32(skb, HOTID_A_PATH_INDEX, index) ||
	    put_addresses(skb, path) ||
	    nla_put_u16(skb, HOTID_A_PATH_PORT, path->port) ||
	    nla_put_u32(skb, HOTID_A_PATH_IFINDEX, path->ifindex) ||
	    nla_put_u64_64bit(skb, HOTID_A_PATH_LAST_NS, slot->path[index].ns, HOTID_A_PATH_PAD) ||
	    nla_put_u64_64bit(skb, HOTID_A_PATH_SEQ, slot->path[index].seq, HOTID_A_PATH_PAD) ||
	    nla_put_u32(skb, HOTID_A_PATH_STATE, path_state(peer, slot, index)) ||
	    nla_put_u32(skb, HOTID_A_PATH_DOWNS, peer->path_downs[index]) ||
	    nla_put_u32(skb, HOTID_A_PATH_GASP, READ_ONCE(peer->gasp_frames[index])) ||
	    put_gaps(skb, &slot->gaps[index]))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int hotid_netlink_put_peer(struct sk_buff *skb, const struct hotid_peer *peer)
{
	const struct hotid_slot *slot = hotid_peer_slot(peer);
	int index;

	if (nla_put(skb, HOTID_A_PEER_ID, HOTID_ID_LEN, peer->id) ||
	    nla_put_string(skb, HOTID_A_PEER_NAME, peer->name) ||
	    nla_put_u32(skb, HOTID_A_PEER_FLAGS, peer->flags) ||
	    nla_put_u32(skb, HOTID_A_PEER_MULTIPLIER, peer->multiplier) ||
	    nla_put_u32(skb, HOTID_A_PEER_STATE, peer->state) ||
	    nla_put_u32(skb, HOTID_A_PEER_REASON, peer->reason) ||
	    nla_put_u64_64bit(skb, HOTID_A_PEER_CHANGED_NS, peer->changed_ns, HOTID_A_PEER_PAD) ||
	    nla_put_u64_64bit(skb, HOTID_A_PEER_BOOT_ID, peer->boot_id, HOTID_A_PEER_PAD) ||
	    nla_put_u32(skb, HOTID_A_PEER_GASP, peer->gasp) ||
	    nla_put_u32(skb, HOTID_A_PEER_INTERVAL_US, slot->interval_us) ||
	    nla_put_u32(skb, HOTID_A_PEER_HEALTH, slot->health) ||
	    nla_put_u32(skb, HOTID_A_PEER_DOWNS, peer->downs) ||
	    nla_put_u32(skb, HOTID_A_PEER_GRACES, peer->graces) ||
	    nla_put_u64_64bit(skb, HOTID_A_PEER_ASKED_NS,
			      peer->proof.nonce ? peer->proof.asked_ns : 0, HOTID_A_PEER_PAD) ||
	    nla_put_u64_64bit(skb, HOTID_A_PEER_GAPS_SINCE_NS, peer->gaps_since_ns,
			      HOTID_A_PEER_PAD) ||
	    nla_put_u64_64bit(skb, HOTID_A_PEER_LEASE_NS, hotid_lease_end(peer),
			      HOTID_A_PEER_PAD) ||
	    (peer->rival.boot_id &&
	     nla_put_u64_64bit(skb, HOTID_A_PEER_RIVAL_BOOT_ID, peer->rival.boot_id,
			       HOTID_A_PEER_PAD)))
		return -EMSGSIZE;
	for (index = 0; index < HOTID_MAX_PATHS; index++)
		if (peer->paths[index].family && put_path(skb, peer, slot, index))
			return -EMSGSIZE;
	return 0;
}

void hotid_netlink_peer_event(struct hotid_peer *peer, u8 command, u32 event)
{
	struct sk_buff *skb = hotid_netlink_event(peer->node, command);

	event_send(peer->node, skb, !skb || nla_put_u32(skb, HOTID_A_PEER_EVENT, event) ||
		   hotid_netlink_put_peer(skb, peer));
}

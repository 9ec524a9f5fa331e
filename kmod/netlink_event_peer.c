// SPDX-License-Identifier: GPL-2.0
/* A peer and its paths, and the events of them. */
#include "netlink_event.h"

#include <net/netlink.h>

#include "netlink_gen.h"
#include "node.h"
#include "peer.h"

static u32 path_state(const struct hotid_peer *peer, const struct hotid_slot *slot, int index)
{
	if (peer->paths_up & BIT(index))
		return HOTID_PEER_STATE_UP;
	return slot && slot->path[index].ns ? HOTID_PEER_STATE_DOWN : HOTID_PEER_STATE_UNKNOWN;
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
	    nla_put_u64_64bit(skb, HOTID_A_PATH_LAST_NS, slot ? slot->path[index].ns : 0,
			      HOTID_A_PATH_PAD) ||
	    nla_put_u64_64bit(skb, HOTID_A_PATH_SEQ, slot ? slot->path[index].seq : 0,
			      HOTID_A_PATH_PAD) ||
	    nla_put_u32(skb, HOTID_A_PATH_STATE, path_state(peer, slot, index)) ||
	    nla_put_u32(skb, HOTID_A_PATH_DOWNS, peer->path_downs[index]) ||
	    nla_put_u32(skb, HOTID_A_PATH_GASP, READ_ONCE(peer->gasp_frames[index])) ||
	    (slot && put_gaps(skb, &slot->gaps[index])))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int hotid_netlink_put_peer(struct sk_buff *skb, const struct hotid_peer *peer)
{
	const struct hotid_slot *slot = rcu_dereference(peer->slot);
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
	    nla_put_u32(skb, HOTID_A_PEER_INTERVAL_US, slot ? slot->interval_us : 0) ||
	    nla_put_u32(skb, HOTID_A_PEER_HEALTH, slot ? slot->health : 0) ||
	    nla_put_u32(skb, HOTID_A_PEER_DOWNS, peer->downs) ||
	    nla_put_u32(skb, HOTID_A_PEER_GRACES, peer->graces) ||
	    nla_put_u64_64bit(skb, HOTID_A_PEER_ASKED_NS,
			      peer->proof.nonce ? peer->proof.asked_ns : 0, HOTID_A_PEER_PAD) ||
	    nla_put_u64_64bit(skb, HOTID_A_PEER_GAPS_SINCE_NS, peer->gaps_since_ns,
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

static void send_peer_event(struct hotid_peer *peer, u8 command, u32 event)
{
	void *header;
	struct sk_buff *skb = hotid_netlink_event(peer->node, command, &header);
	int error;

	if (!skb)
		return;
	rcu_read_lock();
	error = !header || nla_put_u32(skb, HOTID_A_PEER_EVENT, event) ||
		hotid_netlink_put_peer(skb, peer);
	rcu_read_unlock();
	hotid_netlink_multicast(peer->node, skb, header, error);
}

void hotid_netlink_peer_event(struct hotid_peer *peer, u32 event)
{
	send_peer_event(peer, HOTID_CMD_PEER_NTF, event);
}

void hotid_netlink_peer_gone(struct hotid_peer *peer)
{
	send_peer_event(peer, HOTID_CMD_PEER_DEL_NTF, HOTID_REASON_ADMIN);
}

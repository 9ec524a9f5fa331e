// SPDX-License-Identifier: GPL-2.0
/* Handlers: peers. */
#include <net/ipv6.h>
#include <net/sock.h>

#include "netlink.h"
#include "netlink_event.h"
#include "peer.h"
#include "peer_config.h"

static int put_peer(struct sk_buff *skb, struct hotid_peer *peer)
{
	int error;

	spin_lock_bh(&peer->node->lock);
	error = hotid_netlink_put_peer(skb, peer);
	spin_unlock_bh(&peer->node->lock);
	return error;
}

/* The peer that the request names, or an error with its reason given. */
static struct hotid_peer *peer_named(struct genl_info *info)
{
	struct nlattr *id = info->attrs[HOTID_A_PEER_ID];
	struct hotid_peer *peer;

	if (!id)
		return ERR_PTR(hotid_netlink_missing(info, "id"));
	peer = hotid_peer_find(hotid_netlink_node(info), nla_data(id));
	return peer ?: ERR_PTR(hotid_netlink_refuse(info, -ENOENT,
						    "id names no peer; see peer-get", id));
}

int hotid_nl_peer_get_doit(struct sk_buff *request, struct genl_info *info)
{
	struct hotid_peer *peer = peer_named(info);
	struct sk_buff *skb;

	if (IS_ERR(peer))
		return PTR_ERR(peer);
	skb = hotid_netlink_answer(info, NLMSG_GOODSIZE);
	return hotid_netlink_answer_send(info, skb, !skb || put_peer(skb, peer));
}

/* cb->args[0] is the bucket, args[1] the place in it, where the next part begins. */
int hotid_nl_peer_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct hotid_node *node = hotid_node_of(sock_net(skb->sk));
	struct hotid_peer *peer;
	void *header;
	long place;

	mutex_lock(&node->commands);
	cb->seq = node->peers_seq;
	for (; cb->args[0] < HASH_SIZE(node->peers); cb->args[0]++, cb->args[1] = 0) {
		place = 0;
		hlist_for_each_entry(peer, &node->peers[cb->args[0]], hash) {
			if (place++ < cb->args[1])
				continue;
			header = hotid_netlink_dump_begin(skb, cb, HOTID_CMD_PEER_GET);
			if (hotid_netlink_dump_end(skb, cb, header,
						   !header || put_peer(skb, peer)))
				goto full;
			cb->args[1] = place;
		}
	}
full:
	mutex_unlock(&node->commands);
	return skb->len;
}

static bool path_usable(const struct hotid_path *path, const struct in6_addr *address)
{
	__be32 v4 = address->s6_addr32[0];

	if (path->family == AF_INET)
		return v4 && !ipv4_is_multicast(v4) && !ipv4_is_lbcast(v4);
	return !ipv6_addr_any(address) && !ipv6_addr_is_multicast(address);
}

/* The address in whichever of the two attributes is given, or NULL. */
static struct nlattr *parse_address(struct nlattr *ipv4, struct nlattr *ipv6,
				    struct in6_addr *address)
{
	if (ipv4)
		address->s6_addr32[0] = nla_get_in_addr(ipv4);
	else if (ipv6)
		*address = nla_get_in6_addr(ipv6);
	return ipv4 ?: ipv6;
}

static int parse_path(struct genl_info *info, struct nlattr *nest, struct hotid_peer *peer)
{
	struct nlattr *given[HOTID_A_PATH_MAX + 1], *remote, *local;
	struct hotid_path *path;
	int error, type;

	error = nla_parse_nested(given, HOTID_A_PATH_MAX, nest, hotid_path_nl_policy,
				 info->extack);
	if (error)
		return error;
	/* From here on the set has what became of a path. */
	for (type = HOTID_A_PATH_LAST_NS; type <= HOTID_A_PATH_MAX; type++)
		if (given[type])
			return hotid_netlink_refuse(info, -EINVAL,
						    "can only be read; leave it out", given[type]);
	if (!given[HOTID_A_PATH_INDEX] ||
	    !given[HOTID_A_PATH_REMOTE_IPV4] == !given[HOTID_A_PATH_REMOTE_IPV6])
		return hotid_netlink_refuse(info, -EINVAL,
					    "path needs an index and an address; give both, the address as remote-ipv4 or as remote-ipv6",
					    nest);
	path = &peer->paths[nla_get_u32(given[HOTID_A_PATH_INDEX])];
	if (path->family)
		return hotid_netlink_refuse(info, -EINVAL,
					    "index is that of another path, too; number them from 0",
					    given[HOTID_A_PATH_INDEX]);
	path->family = given[HOTID_A_PATH_REMOTE_IPV4] ? AF_INET : AF_INET6;
	remote = parse_address(given[HOTID_A_PATH_REMOTE_IPV4], given[HOTID_A_PATH_REMOTE_IPV6],
			       &path->remote);
	if (!path_usable(path, &path->remote))
		return hotid_netlink_refuse(info, -EINVAL, "remote must be a unicast address",
					    remote);
	local = given[path->family == AF_INET ? HOTID_A_PATH_LOCAL_IPV6 : HOTID_A_PATH_LOCAL_IPV4];
	if (local)
		return hotid_netlink_refuse(info, -EINVAL,
					    "local must be of the same family as remote", local);
	local = parse_address(given[HOTID_A_PATH_LOCAL_IPV4], given[HOTID_A_PATH_LOCAL_IPV6],
			      &path->local);
	path->has_local = local;
	if (local && !path_usable(path, &path->local))
		return hotid_netlink_refuse(info, -EINVAL, "local must be an own unicast address",
					    local);
	path->port = given[HOTID_A_PATH_PORT] ? nla_get_u16(given[HOTID_A_PATH_PORT]) :
		     HOTID_DEFAULT_PORT;
	if (given[HOTID_A_PATH_IFINDEX])
		path->ifindex = nla_get_u32(given[HOTID_A_PATH_IFINDEX]);
	else if (path->family == AF_INET6 &&
		 (ipv6_addr_type(&path->remote) & IPV6_ADDR_LINKLOCAL))
		return hotid_netlink_refuse(info, -EINVAL,
					    "a link-local address needs an ifindex; give it",
					    remote);
	return 0;
}

static int parse_paths(struct genl_info *info, struct hotid_peer *peer)
{
	struct nlattr *nest;
	bool any = false;
	int rest, error;

	nlmsg_for_each_attr(nest, info->nlhdr, GENL_HDRLEN + hotid_nl_family.hdrsize, rest) {
		if (nla_type(nest) != HOTID_A_PEER_PATH)
			continue;
		error = parse_path(info, nest, peer);
		if (error)
			return error;
		any = true;
	}
	return any ? 0 : hotid_netlink_refuse(info, -EINVAL,
					      "path is missing; a peer must be reached to be challenged, so give one",
					      NULL);
}

int hotid_nl_peer_new_doit(struct sk_buff *request, struct genl_info *info)
{
	struct hotid_node *node = hotid_netlink_node(info);
	struct nlattr **given = info->attrs;
	struct nlattr *id = given[HOTID_A_PEER_ID];
	struct hotid_peer *wanted;
	int error;

	if (!id)
		return hotid_netlink_missing(info, "id");
	if (!memchr_inv(nla_data(id), 0, HOTID_ID_LEN))
		return hotid_netlink_refuse(info, -EINVAL,
					    "id must not be all zero; give the peer's node id", id);
	if (!memcmp(nla_data(id), node->id, HOTID_ID_LEN))
		return hotid_netlink_refuse(info, -EINVAL,
					    "id is this node's own; give the peer's node id", id);
	wanted = kzalloc(sizeof(*wanted), GFP_KERNEL);
	if (!wanted)
		return -ENOMEM;
	nla_memcpy(wanted->id, id, HOTID_ID_LEN);
	if (given[HOTID_A_PEER_NAME])
		nla_strscpy(wanted->name, given[HOTID_A_PEER_NAME], sizeof(wanted->name));
	wanted->flags = given[HOTID_A_PEER_FLAGS] ? nla_get_u32(given[HOTID_A_PEER_FLAGS]) :
			HOTID_PEER_FLAGS_WATCH | HOTID_PEER_FLAGS_TELL;
	wanted->multiplier = given[HOTID_A_PEER_MULTIPLIER] ?
			     nla_get_u32(given[HOTID_A_PEER_MULTIPLIER]) : 3;
	error = parse_paths(info, wanted);
	if (!error)
		error = hotid_peer_set(node, wanted, info->extack);
	kfree(wanted);
	return error;
}

int hotid_nl_peer_del_doit(struct sk_buff *request, struct genl_info *info)
{
	struct hotid_peer *peer = peer_named(info);

	if (IS_ERR(peer))
		return PTR_ERR(peer);
	hotid_peer_remove(peer);
	return 0;
}

int hotid_nl_margins_reset_doit(struct sk_buff *request, struct genl_info *info)
{
	struct hotid_node *node = hotid_netlink_node(info);
	struct hotid_peer *peer;
	int bucket;

	if (info->attrs[HOTID_A_PEER_ID]) {
		peer = peer_named(info);
		if (IS_ERR(peer))
			return PTR_ERR(peer);
		hotid_peer_reset_gaps(peer);
		return 0;
	}
	hash_for_each(node->peers, bucket, peer, hash)
		hotid_peer_reset_gaps(peer);
	return 0;
}

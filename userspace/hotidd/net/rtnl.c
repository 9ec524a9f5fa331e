// SPDX-License-Identifier: GPL-2.0
/*
 * Why libmnl and not the objects of libnl-route-3: 3.7, the version of Debian 12,
 * rejects a route with an encapsulation other than MPLS. With one such route on
 * the node the dump would fail, or the route would escape the check of what the
 * node itself depends on. It has no IFLA_PERM_ADDRESS, ignores an error at the
 * end of a dump, and maps ENETUNREACH to "failure", so that a raw callback is
 * needed for each. It would save 48 lines here, and a dump of a thousand
 * addresses takes 430 instead of 140 us.
 */
#include "net/rtnl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <unistd.h>

/* All in all half a second, most of it in the last tries. */
#define RETRIES		20
#define RETRY_FIRST_US	500
#define RETRY_LAST_US	32000

/* An answer is parsed here, then handed to the caller's function. */
struct visit {
	int (*parse)(const struct nlmsghdr *reply, struct visit *visit);
	union {
		rtnl_link_fn link;
		rtnl_address_fn address;
		rtnl_route_fn route;
		rtnl_rule_fn rule;
	} fn;
	void *data;
	int result;			/* of the function, once it is not 0 */
};

struct attributes {
	const struct nlattr *at[IFLA_MAX + 1];	/* links have the most of the three */
};

static int note(const struct nlattr *attribute, void *data)
{
	struct attributes *all = data;
	uint16_t type = mnl_attr_get_type(attribute);

	if (type < sizeof(all->at) / sizeof(all->at[0]))
		all->at[type] = attribute;
	return MNL_CB_OK;
}

static bool copy_mac(const struct nlattr *attribute, uint8_t mac[6])
{
	if (!attribute || mnl_attr_get_payload_len(attribute) != 6)
		return false;
	memcpy(mac, mnl_attr_get_payload(attribute), 6);
	return true;
}

static void copy_ip(const struct nlattr *attribute, struct ip_prefix *ip, int family, uint8_t prefix)
{
	ip->family = family;
	ip->prefix = prefix;
	if (attribute && mnl_attr_get_payload_len(attribute) <= sizeof(ip->addr))
		memcpy(ip->addr, mnl_attr_get_payload(attribute),
		       mnl_attr_get_payload_len(attribute));
}

static int parse_link(const struct nlmsghdr *reply, struct visit *visit)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(reply);
	struct attributes all = { 0 };
	struct rtnl_link link = {
		.ifindex = info->ifi_index,
		.flags = info->ifi_flags,
		.type = info->ifi_type,
	};

	mnl_attr_parse(reply, sizeof(*info), note, &all);
	if (all.at[IFLA_IFNAME])
		strncpy(link.name, mnl_attr_get_str(all.at[IFLA_IFNAME]), sizeof(link.name) - 1);
	if (all.at[IFLA_MASTER])
		link.master = (int)mnl_attr_get_u32(all.at[IFLA_MASTER]);
	link.has_mac = copy_mac(all.at[IFLA_ADDRESS], link.mac);
	link.has_own_mac = copy_mac(all.at[IFLA_PERM_ADDRESS], link.own_mac);
	return visit->fn.link(&link, visit->data);
}

static int parse_address(const struct nlmsghdr *reply, struct visit *visit)
{
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(reply);
	struct attributes all = { 0 };
	struct rtnl_address address = {
		.ifindex = (int)info->ifa_index,
		.flags = info->ifa_flags,
	};

	mnl_attr_parse(reply, sizeof(*info), note, &all);
	if (all.at[IFA_FLAGS])
		address.flags = mnl_attr_get_u32(all.at[IFA_FLAGS]);
	copy_ip(all.at[IFA_LOCAL] ? all.at[IFA_LOCAL] : all.at[IFA_ADDRESS], &address.ip,
		info->ifa_family, info->ifa_prefixlen);
	return visit->fn.address(&address, visit->data);
}

static void route_through(struct rtnl_route *route, int ifindex, int family,
			  const struct nlattr *gateway)
{
	route->ifindex = ifindex;
	route->route.has_via = gateway;
	if (gateway)
		copy_ip(gateway, &route->route.via, family, family == AF_INET ? 32 : 128);
}

/* The route through each of its next hops. */
static int visit_hops(const struct nlattr *hops, struct rtnl_route *route, int family,
		      struct visit *visit)
{
	const struct rtnexthop *hop = mnl_attr_get_payload(hops);
	int left = mnl_attr_get_payload_len(hops), result = 0;

	while (!result && RTNH_OK(hop, left)) {
		struct attributes all = { 0 };

		if (mnl_attr_parse_payload(RTNH_DATA(hop), hop->rtnh_len - RTNH_LENGTH(0), note,
					   &all) < 0)
			return -EBADMSG;
		route_through(route, hop->rtnh_ifindex, family, all.at[RTA_GATEWAY]);
		result = visit->fn.route(route, visit->data);
		left -= RTNH_ALIGN(hop->rtnh_len);
		hop = RTNH_NEXT(hop);
	}
	return !result && left > 0 ? -EBADMSG : result;
}

static int parse_route(const struct nlmsghdr *reply, struct visit *visit)
{
	const struct rtmsg *info = mnl_nlmsg_get_payload(reply);
	struct attributes all = { 0 };
	struct rtnl_route route = {
		.table = info->rtm_table,
		.protocol = info->rtm_protocol,
		.type = info->rtm_type,
	};

	mnl_attr_parse(reply, sizeof(*info), note, &all);
	if (all.at[RTA_TABLE])
		route.table = mnl_attr_get_u32(all.at[RTA_TABLE]);
	if (all.at[RTA_PRIORITY])
		route.metric = mnl_attr_get_u32(all.at[RTA_PRIORITY]);
	copy_ip(all.at[RTA_DST], &route.route.to, info->rtm_family, info->rtm_dst_len);
	if (all.at[RTA_MULTIPATH])
		return visit_hops(all.at[RTA_MULTIPATH], &route, info->rtm_family, visit);
	route_through(&route, all.at[RTA_OIF] ? (int)mnl_attr_get_u32(all.at[RTA_OIF]) : 0,
		      info->rtm_family, all.at[RTA_GATEWAY]);
	return visit->fn.route(&route, visit->data);
}

static int parse_rule(const struct nlmsghdr *reply, struct visit *visit)
{
	const struct fib_rule_hdr *info = mnl_nlmsg_get_payload(reply);
	struct attributes all = { 0 };
	struct rtnl_rule rule = { .table = info->table };

	mnl_attr_parse(reply, sizeof(*info), note, &all);
	if (all.at[FRA_TABLE])
		rule.table = mnl_attr_get_u32(all.at[FRA_TABLE]);
	copy_ip(all.at[FRA_SRC], &rule.from, info->family, info->src_len);
	return visit->fn.rule(&rule, visit->data);
}

/*
 * An error that ends a dump comes in its last message, where there is no
 * header of an error around it.
 */
static int done_error(const struct nlmsghdr *reply)
{
	int error = 0;

	if (mnl_nlmsg_get_payload_len(reply) >= sizeof(error))
		memcpy(&error, mnl_nlmsg_get_payload(reply), sizeof(error));
	return error < 0 ? error : 0;
}

/*
 * One message of the answer: 0 to go on, 1 at the end of it, or a negative
 * errno; -EINTR for a dump from which objects may be missing, since others
 * came and went while it was made.
 */
static int rtnl_reply(const struct nlmsghdr *reply, struct visit *visit)
{
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(reply);

	if (reply->nlmsg_flags & NLM_F_DUMP_INTR)
		return -EINTR;
	switch (reply->nlmsg_type) {
	case NLMSG_DONE:
		return done_error(reply) ? done_error(reply) : 1;
	case NLMSG_ERROR:
		if (mnl_nlmsg_get_payload_len(reply) < sizeof(*error))
			return -EBADMSG;
		return error->error ? error->error : 1;
	case NLMSG_NOOP:
		return 0;
	case NLMSG_OVERRUN:
		return -ENOBUFS;
	}
	visit->result = visit->parse(reply, visit);
	return visit->result ? 1 : 0;
}

/* All answers to the request with that number, of the socket's own. As rtnl_reply() returns. */
static int rtnl_answers(struct mnl_socket *socket, uint32_t seq, struct visit *visit)
{
	char buffer[32768];
	int result = 0;

	while (!result) {
		const struct nlmsghdr *reply = (const void *)buffer;
		ssize_t got = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
		int left = (int)got;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		for (; !result && mnl_nlmsg_ok(reply, left); reply = mnl_nlmsg_next(reply, &left))
			if (reply->nlmsg_seq == seq &&
			    reply->nlmsg_pid == mnl_socket_get_portid(socket))
				result = rtnl_reply(reply, visit);
		if (!result && left > 0)
			return -EBADMSG;
	}
	return result;
}

/* One request, all of its answers, once. */
static int talk_once(struct nlmsghdr *request, struct visit *visit)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int result;

	if (!socket)
		return -errno;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		result = -errno;
	else
		result = rtnl_answers(socket, request->nlmsg_seq, visit);
	mnl_socket_close(socket);
	return result < 0 ? result : 0;
}

/*
 * Again, when objects came and went during a dump, after a pause that grows,
 * so that whoever changes so much gets ahead. What is not in a dump that was
 * interrupted may be there all the same: in the end that is an error.
 */
static int talk(struct nlmsghdr *request, struct visit *visit)
{
	unsigned int pause_us = RETRY_FIRST_US;
	int result;

	for (int tries = 1;; tries++) {
		result = talk_once(request, visit);
		if (visit->result)
			return visit->result;
		if (result != -EINTR || tries == RETRIES)
			return result == -EINTR ? -EAGAIN : result;
		usleep(pause_us);
		pause_us = pause_us * 2 < RETRY_LAST_US ? pause_us * 2 : RETRY_LAST_US;
	}
}

static struct nlmsghdr *begin(void *buffer, uint16_t type, uint16_t flags, size_t extra, void **body)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);

	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_REQUEST | flags;
	request->nlmsg_seq = 1;
	*body = mnl_nlmsg_put_extra_header(request, extra);
	return request;
}

static int dump(uint16_t type, size_t header, struct visit *visit)
{
	char buffer[256];
	void *body;

	return talk(begin(buffer, type, NLM_F_DUMP, header, &body), visit);
}

int rtnl_links(rtnl_link_fn fn, void *data)
{
	struct visit visit = { .parse = parse_link, .fn.link = fn, .data = data };

	return dump(RTM_GETLINK, sizeof(struct ifinfomsg), &visit);
}

int rtnl_addresses(rtnl_address_fn fn, void *data)
{
	struct visit visit = { .parse = parse_address, .fn.address = fn, .data = data };

	return dump(RTM_GETADDR, sizeof(struct ifaddrmsg), &visit);
}

int rtnl_routes(rtnl_route_fn fn, void *data)
{
	struct visit visit = { .parse = parse_route, .fn.route = fn, .data = data };

	return dump(RTM_GETROUTE, sizeof(struct rtmsg), &visit);
}

int rtnl_rules(rtnl_rule_fn fn, void *data)
{
	struct visit visit = { .parse = parse_rule, .fn.rule = fn, .data = data };

	return dump(RTM_GETRULE, sizeof(struct fib_rule_hdr), &visit);
}

static int copy_link(const struct rtnl_link *link, void *data)
{
	*(struct rtnl_link *)data = *link;
	return 0;
}

int rtnl_link_get(int ifindex, struct rtnl_link *link)
{
	struct visit visit = { .parse = parse_link, .fn.link = copy_link, .data = link };
	struct ifinfomsg *info;
	char buffer[256];
	struct nlmsghdr *request = begin(buffer, RTM_GETLINK, NLM_F_ACK, sizeof(*info),
					 (void **)&info);

	info->ifi_index = ifindex;
	return talk(request, &visit);
}

static int copy_oif(const struct rtnl_route *route, void *data)
{
	if (route->type == RTN_UNICAST || route->type == RTN_LOCAL)
		*(int *)data = route->ifindex;
	return 0;
}

int rtnl_route_to(int family, const uint8_t *address, const uint8_t *from, int *ifindex)
{
	struct visit visit = { .parse = parse_route, .fn.route = copy_oif, .data = ifindex };
	struct rtmsg *info;
	char buffer[256];
	struct nlmsghdr *request = begin(buffer, RTM_GETROUTE, NLM_F_ACK, sizeof(*info),
					 (void **)&info);
	size_t length = family == AF_INET ? 4 : 16;
	int result;

	info->rtm_family = family;
	info->rtm_dst_len = length * 8;
	mnl_attr_put(request, RTA_DST, length, address);
	if (from) {
		info->rtm_src_len = length * 8;
		mnl_attr_put(request, RTA_SRC, length, from);
	}
	*ifindex = 0;
	result = talk(request, &visit);
	return result ? result : *ifindex ? 0 : -ENETUNREACH;
}

// SPDX-License-Identifier: GPL-2.0
#include "net/netbatch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/port.h"
#include "step/job.h"

/* The largest request here is under 200 bytes. */
#define REQUEST_MAX	256

/*
 * The kernel answers each request while it works, and what does not fit into
 * the socket's buffer is lost. ANSWER_MAX is more than one answer takes there,
 * with its bookkeeping; SEND_MAX is below what a socket takes in one go.
 */
#define ANSWER_MAX	2048
#define SEND_MAX	65536
#define SEQ_BASE	1

/* Before the main table, which is at 32766; "HI". */
#define RULE_PRIORITY	0x4849

struct netbatch {
	char *data;
	size_t used;
	struct netbatch_part *parts;
	size_t n, answered;		/* the kernel answers each part once */
};

struct netbatch *netbatch_new(void)
{
	return must_calloc(1, sizeof(struct netbatch));
}

void netbatch_free(struct netbatch *batch)
{
	if (!batch)
		return;
	free(batch->data);
	free(batch->parts);
	free(batch);
}

const char *ip_prefix_format(const struct ip_prefix *ip, char *text, size_t size)
{
	char address[INET6_ADDRSTRLEN];

	inet_ntop(ip->family, ip->addr, address, sizeof(address));
	if (ip->prefix)
		snprintf(text, size, "%s/%u", address, ip->prefix);
	else
		snprintf(text, size, "default%s", ip->family == AF_INET6 ? " (IPv6)" : "");
	return text;
}

/* A new request with room for @extra behind its header. */
static struct nlmsghdr *begin(struct netbatch *batch, uint16_t type, uint16_t flags, size_t extra,
			      void **body)
{
	struct nlmsghdr *request;

	batch->data = must_realloc(batch->data, 1, batch->used + REQUEST_MAX);
	memset(batch->data + batch->used, 0, REQUEST_MAX);
	batch->parts = must_realloc(batch->parts, batch->n + 1, sizeof(*batch->parts));
	batch->parts[batch->n] = (struct netbatch_part){ .at = batch->used };

	request = mnl_nlmsg_put_header(batch->data + batch->used);
	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	request->nlmsg_seq = SEQ_BASE + batch->n;
	*body = mnl_nlmsg_put_extra_header(request, extra);
	return request;
}

__attribute__((format(printf, 4, 5)))
static struct netbatch_part *end(struct netbatch *batch, const struct nlmsghdr *request,
				 int forgiven, const char *what, ...)
{
	struct netbatch_part *part = &batch->parts[batch->n++];
	va_list args;

	batch->used += MNL_ALIGN(request->nlmsg_len);
	part->forgiven = forgiven;
	va_start(args, what);
	vsnprintf(part->what, sizeof(part->what), what, args);
	va_end(args);
	return part;
}

void netbatch_link(struct netbatch *batch, int ifindex, const uint8_t *mac, bool up)
{
	struct ifinfomsg *info;
	struct nlmsghdr *request = begin(batch, RTM_NEWLINK, 0, sizeof(*info), (void **)&info);
	struct netbatch_part *part;

	info->ifi_index = ifindex;
	info->ifi_change = IFF_UP;
	info->ifi_flags = up ? IFF_UP : 0;
	if (mac)
		mnl_attr_put(request, IFLA_ADDRESS, 6, mac);
	part = end(batch, request, 0, "%slink %s", mac ? "MAC address and " : "",
		   up ? "up" : "down");
	part->mac = mac;
}

void netbatch_address(struct netbatch *batch, int ifindex, const struct ip_prefix *ip, bool add)
{
	char text[IP_PREFIX_TEXT];
	struct ifaddrmsg *info;
	struct nlmsghdr *request = begin(batch, add ? RTM_NEWADDR : RTM_DELADDR,
					 add ? NLM_F_CREATE | NLM_F_REPLACE : 0, sizeof(*info),
					 (void **)&info);

	info->ifa_family = ip->family;
	info->ifa_prefixlen = ip->prefix;
	info->ifa_index = ifindex;
	mnl_attr_put(request, IFA_LOCAL, ip_length(ip), ip->addr);
	mnl_attr_put(request, IFA_ADDRESS, ip_length(ip), ip->addr);
	/* Detection of duplicates would speak, and wait a second for an answer. */
	if (add && ip->family == AF_INET6)
		mnl_attr_put_u32(request, IFA_FLAGS, IFA_F_NODAD);
	if (add && ip->family == AF_INET && ip->prefix < 31) {
		uint32_t address, broadcast;

		memcpy(&address, ip->addr, sizeof(address));
		broadcast = address | htonl(UINT32_MAX >> ip->prefix);
		mnl_attr_put_u32(request, IFA_BROADCAST, broadcast);
	}
	end(batch, request, add ? EEXIST : EADDRNOTAVAIL, "address %s",
	    ip_prefix_format(ip, text, sizeof(text)));
}

void netbatch_route(struct netbatch *batch, int ifindex, const struct route_config *route,
		    uint32_t table)
{
	char text[IP_PREFIX_TEXT];
	struct rtmsg *info;
	struct nlmsghdr *request = begin(batch, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL,
					 sizeof(*info), (void **)&info);
	struct netbatch_part *part;

	info->rtm_family = route->to.family;
	info->rtm_dst_len = route->to.prefix;
	info->rtm_table = table < 256 ? table : RT_TABLE_UNSPEC;
	info->rtm_protocol = RTPROT_STATIC;
	info->rtm_type = RTN_UNICAST;
	info->rtm_scope = route->has_via ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
	if (route->to.prefix)
		mnl_attr_put(request, RTA_DST, ip_length(&route->to), route->to.addr);
	if (route->has_via)
		mnl_attr_put(request, RTA_GATEWAY, ip_length(&route->via), route->via.addr);
	mnl_attr_put_u32(request, RTA_OIF, ifindex);
	mnl_attr_put_u32(request, RTA_TABLE, table);
	part = end(batch, request, 0, "route to %s",
		   ip_prefix_format(&route->to, text, sizeof(text)));
	part->route = route;
	part->table = table;
}

void netbatch_rule(struct netbatch *batch, const struct ip_prefix *ip, uint32_t table, bool add)
{
	char text[INET6_ADDRSTRLEN];
	struct fib_rule_hdr *info;
	struct nlmsghdr *request = begin(batch, add ? RTM_NEWRULE : RTM_DELRULE,
					 add ? NLM_F_CREATE | NLM_F_EXCL : 0, sizeof(*info),
					 (void **)&info);

	info->family = ip->family;
	info->src_len = ip_length(ip) * 8;
	info->action = FR_ACT_TO_TBL;
	mnl_attr_put(request, FRA_SRC, ip_length(ip), ip->addr);
	mnl_attr_put_u32(request, FRA_TABLE, table);
	mnl_attr_put_u32(request, FRA_PRIORITY, RULE_PRIORITY);
	end(batch, request, add ? EEXIST : ENOENT, "rule for %s",
	    inet_ntop(ip->family, ip->addr, text, sizeof(text)));
}

const void *netbatch_data(const struct netbatch *batch, size_t *length)
{
	*length = batch->used;
	return batch->data;
}

static int extended_text(const struct nlattr *attribute, void *data)
{
	struct netbatch_part *part = data;

	if (mnl_attr_get_type(attribute) == NLMSGERR_ATTR_MSG &&
	    mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) >= 0)
		snprintf(part->text, sizeof(part->text), "%s", mnl_attr_get_str(attribute));
	return MNL_CB_OK;
}

/* One answer of the kernel; others than ours are left alone. */
static void answer(struct netbatch *batch, const struct nlmsghdr *reply)
{
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(reply);
	size_t index = reply->nlmsg_seq - SEQ_BASE;
	struct netbatch_part *part;

	if (reply->nlmsg_type != NLMSG_ERROR || index >= batch->n ||
	    mnl_nlmsg_get_payload_len(reply) < sizeof(*error))
		return;
	part = &batch->parts[index];
	batch->answered++;
	part->error = -error->error == part->forgiven ? 0 : error->error;
	if (part->error)
		snprintf(part->text, sizeof(part->text), "%s", strerror(-part->error));
	/* With NETLINK_CAP_ACK the request is not quoted, so the text follows at once. */
	if (reply->nlmsg_flags & NLM_F_ACK_TLVS)
		mnl_attr_parse(reply, sizeof(*error), extended_text, part);
}

/* The answers to all parts before @end. */
static int collect(struct netbatch *batch, size_t end, struct mnl_socket *socket,
		   struct step_env *env)
{
	char buffer[16384];

	while (batch->answered < end) {
		struct pollfd fd = { .fd = mnl_socket_get_fd(socket), .events = POLLIN };
		int result = job_poll(env, &fd, 1, UINT64_MAX);
		const struct nlmsghdr *reply = (const void *)buffer;
		ssize_t got;
		int left;

		if (result < 0)
			return job_end(env, result, "no answer from rtnetlink");
		got = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
		if (got < 0)
			return job_fail(env, errno, "rtnetlink: %m");
		for (left = (int)got; mnl_nlmsg_ok(reply, left); reply = mnl_nlmsg_next(reply, &left))
			answer(batch, reply);
	}
	return 0;
}

/* For how many answers the socket has room, once it was asked to have it for @wanted. */
static size_t answers_room(struct mnl_socket *socket, size_t wanted)
{
	int fd = mnl_socket_get_fd(socket), bytes = (int)(wanted * ANSWER_MAX), room = 0;
	socklen_t size = sizeof(room);

	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, &size) || room >= bytes)
		return wanted;
	/* The other one goes as far as net.core.rmem_max. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, &size);
	return room < 2 * ANSWER_MAX ? 1 : (size_t)room / ANSWER_MAX;
}

/* Where what begins with part @first has to end, to be one message. */
static size_t message_end(const struct netbatch *batch, size_t first, size_t room)
{
	size_t end = first + 1;

	while (end < batch->n && end - first < room &&
	       batch->parts[end].at + REQUEST_MAX - batch->parts[first].at <= SEND_MAX)
		end++;
	return end;
}

/* In one message, unless its answers would not find room in the socket. */
static int send_all(struct netbatch *batch, struct mnl_socket *socket, struct step_env *env)
{
	size_t room = answers_room(socket, batch->n), end;
	int result = 0;

	for (size_t first = 0; first < batch->n && !result; first = end) {
		size_t begin = batch->parts[first].at;

		end = message_end(batch, first, room);
		if (mnl_socket_sendto(socket, batch->data + begin,
				      (end < batch->n ? batch->parts[end].at : batch->used) - begin) < 0)
			return job_fail(env, errno, "rtnetlink: %m");
		result = collect(batch, end, socket, env);
	}
	return result;
}

int netbatch_send(struct netbatch *batch, struct step_env *env)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int on = 1, result;

	if (!socket)
		return job_fail(env, errno, "rtnetlink: %m");
	batch->answered = 0;
	mnl_socket_setsockopt(socket, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(socket, NETLINK_CAP_ACK, &on, sizeof(on));
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0)
		result = job_fail(env, errno, "rtnetlink: %m");
	else
		result = send_all(batch, socket, env);
	for (size_t i = 0; i < batch->n && result >= 0; i++)
		result += batch->parts[i].error != 0;
	mnl_socket_close(socket);
	return result;
}

const struct netbatch_part *netbatch_next_failure(const struct netbatch *batch, size_t *at)
{
	while (*at < batch->n) {
		const struct netbatch_part *part = &batch->parts[(*at)++];

		if (part->error)
			return part;
	}
	return NULL;
}

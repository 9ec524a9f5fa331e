// SPDX-License-Identifier: GPL-2.0
#include "route.h"

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

static void put_address(struct nlmsghdr *header, uint16_t type, const struct ip_prefix *ip)
{
	mnl_attr_put(header, type, ip->family == AF_INET ? 4 : 16, ip->addr);
}

static struct nlmsghdr *request(void *buffer, const struct path_config *path)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct rtmsg *route;

	header->nlmsg_type = RTM_GETROUTE;
	header->nlmsg_flags = NLM_F_REQUEST;
	header->nlmsg_seq = 1;
	route = mnl_nlmsg_put_extra_header(header, sizeof(*route));
	route->rtm_family = (unsigned char)path->address.family;
	put_address(header, RTA_DST, &path->address);
	if (path->local.family)
		put_address(header, RTA_SRC, &path->local);
	return header;
}

static int on_route(const struct nlmsghdr *header, void *data)
{
	const struct rtmsg *route = mnl_nlmsg_get_payload(header);
	unsigned int *ifindex = data;
	const struct nlattr *attribute;

	if (header->nlmsg_type != RTM_NEWROUTE || route->rtm_type != RTN_UNICAST)
		return MNL_CB_STOP;
	mnl_attr_for_each(attribute, header, sizeof(*route))
		if (mnl_attr_get_type(attribute) == RTA_OIF)
			*ifindex = mnl_attr_get_u32(attribute);
	return MNL_CB_STOP;
}

unsigned int route_device(const struct path_config *path)
{
	char buffer[8192] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct mnl_socket *socket;
	unsigned int ifindex = 0;
	ssize_t length;

	if (path->device)
		return if_nametoindex(path->device);
	socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!socket)
		return 0;
	if (!mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) &&
	    mnl_socket_sendto(socket, buffer, request(buffer, path)->nlmsg_len) >= 0) {
		length = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
		if (length > 0)
			mnl_cb_run(buffer, (size_t)length, 1, mnl_socket_get_portid(socket), on_route,
				   &ifindex);
	}
	mnl_socket_close(socket);
	return ifindex;
}

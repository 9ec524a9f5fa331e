// SPDX-License-Identifier: GPL-2.0
#include "net.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "clock.h"

static int home = -1;

static int here(void)
{
	int ns = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	if (ns < 0)
		err(1, "/proc/thread-self/ns/net");
	return ns;
}

void ns_enter(int ns)
{
	if (home < 0)
		home = here();
	if (setns(ns, CLONE_NEWNET))
		err(1, "setns");
}

void ns_home(void)
{
	if (home >= 0 && setns(home, CLONE_NEWNET))
		err(1, "setns");
}

static void sysctl(const char *path, const char *value)
{
	char name[128];
	int file;

	snprintf(name, sizeof(name), "/proc/sys/%s", path);
	file = open(name, O_WRONLY);
	if (file < 0 || write(file, value, strlen(value)) < 0)
		err(1, "%s", name);
	close(file);
}

void ns_sysctl(int ns, const char *path, const char *value)
{
	ns_enter(ns);
	sysctl(path, value);
	ns_home();
}

/* One request to rtnetlink in ns; returns 0 or a negative errno. */
static int talk(int ns, struct nlmsghdr *request)
{
	char answer[MNL_SOCKET_BUFFER_SIZE];
	struct mnl_socket *socket;
	ssize_t length;
	int error = 0;

	ns_enter(ns);
	socket = mnl_socket_open(NETLINK_ROUTE);
	ns_home();
	if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0)
		err(1, "rtnetlink");
	request->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	request->nlmsg_seq = 1;
	if (mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		err(1, "rtnetlink");
	length = mnl_socket_recvfrom(socket, answer, sizeof(answer));
	if (length < 0 || mnl_cb_run(answer, length, 1, mnl_socket_get_portid(socket), NULL, NULL) < 0)
		error = -errno;
	mnl_socket_close(socket);
	return error;
}

static struct nlmsghdr *link_request(void *buffer, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);

	request->nlmsg_type = type;
	request->nlmsg_flags = flags;
	mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	return request;
}

static void put_queues(struct nlmsghdr *request, uint32_t queues)
{
	mnl_attr_put_u32(request, IFLA_NUM_TX_QUEUES, queues);
	mnl_attr_put_u32(request, IFLA_NUM_RX_QUEUES, queues);
}

static struct nlmsghdr *link_new_queues(void *buffer, const char *name, const char *kind,
					uint32_t queues, struct nlattr **info)
{
	struct nlmsghdr *request = link_request(buffer, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	struct ifinfomsg *head = mnl_nlmsg_get_payload(request);

	head->ifi_flags = head->ifi_change = IFF_UP;
	mnl_attr_put_strz(request, IFLA_IFNAME, name);
	if (queues)
		put_queues(request, queues);
	*info = mnl_attr_nest_start(request, IFLA_LINKINFO);
	mnl_attr_put_strz(request, IFLA_INFO_KIND, kind);
	return request;
}

/* Begin a new link of a kind; what the kind needs follows, then link_made(). */
static struct nlmsghdr *link_new(void *buffer, const char *name, const char *kind,
				 struct nlattr **info)
{
	return link_new_queues(buffer, name, kind, 0, info);
}

static void link_made(int ns, struct nlmsghdr *request, struct nlattr *info, const char *name,
		      const char *parent)
{
	int error;

	mnl_attr_nest_end(request, info);
	if (parent)
		mnl_attr_put_u32(request, IFLA_LINK, link_index(ns, parent));
	error = talk(ns, request);
	if (error) {
		errno = -error;
		err(1, "link %s", name);
	}
}

static void without_dad(int ns, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "net/ipv6/conf/%s/accept_dad", name);
	ns_sysctl(ns, path, "0");
}

int ns_new(void)
{
	int ns;

	if (home < 0)
		home = here();
	if (unshare(CLONE_NEWNET))
		err(1, "unshare");
	ns = here();
	ns_home();
	without_dad(ns, "all");
	without_dad(ns, "default");
	link_set_up(ns, "lo", true);
	return ns;
}

void link_veth(int ns, const char *name, int peer_ns, const char *peer_name)
{
	link_veth_queues(ns, name, peer_ns, peer_name, 0);
}

void link_veth_queues(int ns, const char *name, int peer_ns, const char *peer_name,
		      uint32_t queues)
{
	char buffer[512] = {};
	struct nlattr *info, *data, *peer;
	struct nlmsghdr *request = link_new_queues(buffer, name, "veth", queues, &info);

	data = mnl_attr_nest_start(request, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(request, VETH_INFO_PEER);
	mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(request, IFLA_IFNAME, peer_name);
	mnl_attr_put_u32(request, IFLA_NET_NS_FD, peer_ns);
	if (queues)
		put_queues(request, queues);
	mnl_attr_nest_end(request, peer);
	mnl_attr_nest_end(request, data);
	link_made(ns, request, info, name, NULL);
	link_set_up(peer_ns, peer_name, true);
}

void link_vlan(int ns, const char *parent, const char *name, uint16_t id)
{
	char buffer[512] = {};
	struct nlattr *info, *data;
	struct nlmsghdr *request = link_new(buffer, name, "vlan", &info);

	data = mnl_attr_nest_start(request, IFLA_INFO_DATA);
	mnl_attr_put_u16(request, IFLA_VLAN_ID, id);
	mnl_attr_nest_end(request, data);
	link_made(ns, request, info, name, parent);
}

static void link_change(int ns, struct nlmsghdr *request, const char *name)
{
	struct ifinfomsg *head = mnl_nlmsg_get_payload(request);
	int error;

	head->ifi_index = link_index(ns, name);
	error = talk(ns, request);
	if (error) {
		errno = -error;
		err(1, "link %s", name);
	}
}

void link_bridge(int ns, const char *name)
{
	/* Without an address of its own it would take its ports', now this one, now that. */
	static const uint8_t address[6] = { 0x02, 0, 0, 0, 0, 0x01 };
	char buffer[512] = {}, change[256] = {};
	struct nlattr *info;
	struct nlmsghdr *request = link_new(buffer, name, "bridge", &info);

	link_made(ns, request, info, name, NULL);
	request = link_request(change, RTM_NEWLINK, 0);
	mnl_attr_put(request, IFLA_ADDRESS, sizeof(address), address);
	link_change(ns, request, name);
}

void link_dummy(int ns, const char *name)
{
	char buffer[512] = {};
	struct nlattr *info;
	struct nlmsghdr *request = link_new(buffer, name, "dummy", &info);

	link_made(ns, request, info, name, NULL);
}

void link_enslave(int ns, const char *name, const char *master)
{
	char buffer[256] = {};
	struct nlmsghdr *request = link_request(buffer, RTM_NEWLINK, 0);

	mnl_attr_put_u32(request, IFLA_MASTER, link_index(ns, master));
	link_change(ns, request, name);
}

void link_delete(int ns, const char *name)
{
	char buffer[256] = {};

	link_change(ns, link_request(buffer, RTM_DELLINK, 0), name);
}

void link_set_up(int ns, const char *name, bool up)
{
	char buffer[256] = {};
	struct nlmsghdr *request = link_request(buffer, RTM_NEWLINK, 0);
	struct ifinfomsg *head = mnl_nlmsg_get_payload(request);

	head->ifi_change = IFF_UP;
	head->ifi_flags = up ? IFF_UP : 0;
	link_change(ns, request, name);
}

uint32_t link_index(int ns, const char *name)
{
	uint32_t index;

	ns_enter(ns);
	index = if_nametoindex(name);
	ns_home();
	if (!index)
		err(1, "link %s", name);
	return index;
}

bool link_exists(int ns, const char *name)
{
	bool exists;

	ns_enter(ns);
	exists = if_nametoindex(name);
	ns_home();
	return exists;
}

void link_mac(int ns, const char *name, uint8_t mac[6])
{
	struct ifreq request = {};
	int fd, error;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	ns_enter(ns);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ns_home();
	error = ioctl(fd, SIOCGIFHWADDR, &request);
	if (error)
		err(1, "address of %s", name);
	close(fd);
	memcpy(mac, request.ifr_hwaddr.sa_data, 6);
}

static bool can_send_from(uint32_t index, const uint8_t address[16])
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_scope_id = index };
	int udp = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int error;

	memcpy(&in6.sin6_addr, address, sizeof(in6.sin6_addr));
	error = bind(udp, (struct sockaddr *)&in6, sizeof(in6));
	close(udp);
	return !error;
}

/* Even without a search for duplicates a kernel thread has to pass an address. */
static void wait_usable(int ns, const char *name, const uint8_t address[16])
{
	uint32_t index = link_index(ns, name);
	bool usable;

	ns_enter(ns);
	usable = WAIT_FOR(can_send_from(index, address), 5 * SECOND);
	ns_home();
	if (!usable)
		errx(1, "an address of %s stays tentative", name);
}

static void change_address(int ns, const char *name, const char *address, bool add)
{
	char text[INET6_ADDRSTRLEN + 4], buffer[256] = {};
	uint8_t raw[16];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct ifaddrmsg *head;
	char *slash;
	int length;

	snprintf(text, sizeof(text), "%s", address);
	slash = strchr(text, '/');
	if (!slash)
		errx(1, "address %s has no prefix length", address);
	*slash = '\0';
	request->nlmsg_type = add ? RTM_NEWADDR : RTM_DELADDR;
	request->nlmsg_flags = add ? NLM_F_CREATE | NLM_F_EXCL : 0;
	head = mnl_nlmsg_put_extra_header(request, sizeof(*head));
	head->ifa_family = strchr(text, ':') ? AF_INET6 : AF_INET;
	head->ifa_prefixlen = atoi(slash + 1);
	head->ifa_index = link_index(ns, name);
	if (inet_pton(head->ifa_family, text, raw) != 1)
		errx(1, "address %s", address);
	length = head->ifa_family == AF_INET ? 4 : 16;
	mnl_attr_put(request, IFA_LOCAL, length, raw);
	mnl_attr_put(request, IFA_ADDRESS, length, raw);
	if (talk(ns, request))
		errx(1, "address %s on %s", address, name);
	if (add && head->ifa_family == AF_INET6)
		wait_usable(ns, name, raw);
}

void link_address(int ns, const char *name, const char *address)
{
	change_address(ns, name, address, true);
}

void link_address_delete(int ns, const char *name, const char *address)
{
	change_address(ns, name, address, false);
}

void ns_lose(int ns, const char *address, bool lost)
{
	char buffer[256] = {}, raw[16];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	bool six = strchr(address, ':');
	struct rtmsg *head;

	request->nlmsg_type = lost ? RTM_NEWROUTE : RTM_DELROUTE;
	request->nlmsg_flags = lost ? NLM_F_CREATE | NLM_F_EXCL : 0;
	head = mnl_nlmsg_put_extra_header(request, sizeof(*head));
	head->rtm_family = six ? AF_INET6 : AF_INET;
	head->rtm_dst_len = six ? 128 : 32;
	head->rtm_table = RT_TABLE_MAIN;
	head->rtm_protocol = RTPROT_STATIC;
	head->rtm_type = RTN_BLACKHOLE;
	if (inet_pton(head->rtm_family, address, raw) != 1)
		errx(1, "address %s", address);
	mnl_attr_put(request, RTA_DST, six ? 16 : 4, raw);
	if (talk(ns, request))
		errx(1, "losing what goes to %s", address);
}

static bool find_link_local(const char *name, uint8_t address[16])
{
	struct ifaddrs *list, *one;
	bool found = false;

	if (getifaddrs(&list))
		err(1, "getifaddrs");
	for (one = list; one && !found; one = one->ifa_next) {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)one->ifa_addr;

		found = in6 && in6->sin6_family == AF_INET6 && !strcmp(one->ifa_name, name) &&
			IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr);
		if (found)
			memcpy(address, &in6->sin6_addr, 16);
	}
	freeifaddrs(list);
	return found;
}

void link_local_address(int ns, const char *name, uint8_t address[16])
{
	bool found;

	ns_enter(ns);
	found = WAIT_FOR(find_link_local(name, address), 5 * SECOND);
	ns_home();
	if (!found)
		errx(1, "%s got no link-local address", name);
	wait_usable(ns, name, address);
}

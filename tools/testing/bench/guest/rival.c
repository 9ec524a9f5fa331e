// SPDX-License-Identifier: GPL-2.0
#include "rival.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/net.h"
#include "run.h"

/* The addresses that keepalived would move. */
static const char *const vip[KEEPALIVEDS] = { "10.9.0.1", "10.9.0.2" };

/*
 * A backup waits for 3 adverts and (256 - priority)/256 of one: 30.1 ms at 253,
 * 36.1 ms at 100.
 */
static const int backup_priority[KEEPALIVEDS] = { 253, 100 };

#define BFD_PORT	3784
#define BFD_STATE_DOWN	1
#define BFD_STATE_UP	3
#define BFD_SILENT_MS	100	/* of a session that is up: ten packets that did not come */
#define EAR_PRIORITY	95	/* above every load and every detector */

static uint64_t taken[KEEPALIVEDS];
static int monitor = -1;

static void keepalived_start(int ns, const char *device, int priority, enum keepalived which)
{
	char config[64], pid[64], vrrp_pid[64], log[64], name[32];

	snprintf(name, sizeof(name), "%d-%s", which, device);
	snprintf(config, sizeof(config), "/tmp/keepalived-%s.conf", name);
	snprintf(pid, sizeof(pid), "/run/keepalived-%s.pid", name);
	snprintf(vrrp_pid, sizeof(vrrp_pid), "/run/keepalived-%s-vrrp.pid", name);
	snprintf(log, sizeof(log), "/tmp/keepalived-%s.log", name);
	/* Without rlimit_rttime it is killed where a guest is emulated: 10 ms are soon spent. */
	file_write(config,
		   "global_defs {\n\trouter_id %s\n\tvrrp_version 3\n"
		   "\tvrrp_rt_priority 50\n\tvrrp_rlimit_rttime 1000000\n}\n"
		   "vrrp_instance bench {\n\tstate BACKUP\n\tinterface %s\n"
		   "\tvirtual_router_id %d\n\tpriority %d\n\tadvert_int 0.01\n"
		   "\tvirtual_ipaddress {\n\t\t%s/32\n\t}\n}\n",
		   name, device, 51 + which, priority, vip[which]);
	run_start(ns, log, (const char *const[]){
		"keepalived", "--dont-fork", "--log-console", "--vrrp", "-f", config,
		"-p", pid, "-r", vrrp_pid, NULL });
}

/* Hear of every address that the observer's kernel gets. */
static int monitor_open(int ns)
{
	struct sockaddr_nl group = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_IPV4_IFADDR };
	int space = 8 << 20, fd;

	ns_enter(ns);
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	ns_home();
	if (fd < 0 || bind(fd, (struct sockaddr *)&group, sizeof(group)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &space, sizeof(space)))
		err(1, "address monitor");
	return fd;
}

static void note_address(const struct nlmsghdr *message, uint64_t counts[KEEPALIVEDS])
{
	const struct ifaddrmsg *head = NLMSG_DATA(message);
	const struct rtattr *attribute = IFA_RTA(head);
	int left = IFA_PAYLOAD(message), i;
	char text[INET_ADDRSTRLEN];

	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
		if (attribute->rta_type != IFA_LOCAL)
			continue;
		inet_ntop(AF_INET, RTA_DATA(attribute), text, sizeof(text));
		for (i = 0; i < KEEPALIVEDS; i++)
			if (!strcmp(text, vip[i]))
				counts[i]++;
	}
}

static void monitor_read(int fd, uint64_t counts[KEEPALIVEDS])
{
	char buffer[16384];
	ssize_t length;

	while ((length = recv(fd, buffer, sizeof(buffer), 0)) > 0) {
		const struct nlmsghdr *message = (void *)buffer;

		for (; NLMSG_OK(message, length); message = NLMSG_NEXT(message, length))
			if (message->nlmsg_type == RTM_NEWADDR)
				note_address(message, counts);
	}
	if (errno != EAGAIN)
		err(1, "address monitor: it lost some");
}

uint64_t rival_keepalived(enum keepalived which)
{
	monitor_read(monitor, taken);
	return taken[which];
}

static void make_directory(const char *path)
{
	const char *const chown[] = { "chown", "frr:frr", path, NULL };

	if (mkdir(path, 0755) && errno != EEXIST)
		err(1, "%s", path);
	run_must(-1, chown);
}

static void bfdd_start(int ns, const char *space, const char *device, const char *from,
		       const char *to)
{
	char config[64], empty[64], log[64], directory[64];

	snprintf(directory, sizeof(directory), "/run/frr/%s", space);
	make_directory("/run/frr");
	make_directory(directory);
	snprintf(config, sizeof(config), "/tmp/bfdd-%s.conf", space);
	snprintf(empty, sizeof(empty), "/tmp/zebra-%s.conf", space);
	snprintf(log, sizeof(log), "/tmp/bfdd-%s.log", space);
	file_write(config, "bfd\n peer %s local-address %s interface %s\n"
		   "  detect-multiplier 3\n  receive-interval 10\n  transmit-interval 10\n"
		   "  no shutdown\n", to, from, device);
	file_write(empty, "\n");
	run_start(ns, log, (const char *const[]){
		"/usr/lib/frr/zebra", "-N", space, "-f", empty, NULL });
	run_start(ns, log, (const char *const[]){
		"/usr/lib/frr/bfdd", "-N", space, "-f", config, NULL });
	/* vtysh wants a file there, and the socket is the last that bfdd makes. */
	snprintf(directory, sizeof(directory), "/etc/frr/%s", space);
	make_directory(directory);
	snprintf(config, sizeof(config), "/etc/frr/%s/vtysh.conf", space);
	file_write(config, "\n");
	snprintf(directory, sizeof(directory), "/run/frr/%s/bfdd.vty", space);
	if (!WAIT_FOR(!access(directory, F_OK), 60 * SECOND))
		errx(1, "bfdd does not start");
}

uint64_t rival_bfdd(const struct rivals *rivals)
{
	char text[8192], *found;

	run_read(rivals->observer, (const char *const[]){
		"vtysh", "-N", "observer", "-d", "bfdd", "-c", "show bfd peers counters json",
		NULL }, text, sizeof(text));
	found = strstr(text, "\"session-down\":");
	if (!found)
		errx(1, "bfdd counts no sessions: %s", text);
	return strtoull(found + strlen("\"session-down\":"), NULL, 10);
}

void rivals_start(const struct rivals *rivals)
{
	int i;

	monitor = monitor_open(rivals->observer);
	for (i = 0; i < KEEPALIVEDS; i++) {
		keepalived_start(rivals->active, rivals->active_device, 254, i);
		keepalived_start(rivals->observer, rivals->observer_device, backup_priority[i], i);
	}
	bfdd_start(rivals->active, "active", rivals->active_device, rivals->active_address,
		   rivals->observer_address);
	bfdd_start(rivals->observer, "observer", rivals->observer_device,
		   rivals->observer_address, rivals->active_address);
}

/* Asked of the kernel from here: to start a program under load takes seconds. */
static bool holds(int ns, const char *address)
{
	struct ifaddrs *all, *one;
	struct in_addr wanted;
	bool found = false;

	inet_pton(AF_INET, address, &wanted);
	ns_enter(ns);
	if (getifaddrs(&all))
		err(1, "addresses");
	ns_home();
	for (one = all; one; one = one->ifa_next)
		if (one->ifa_addr && one->ifa_addr->sa_family == AF_INET)
			found |= ((struct sockaddr_in *)one->ifa_addr)->sin_addr.s_addr ==
				 wanted.s_addr;
	freeifaddrs(all);
	return found;
}

bool rival_keepalived_calm(const struct rivals *rivals, enum keepalived which)
{
	return holds(rivals->active, vip[which]) && !holds(rivals->observer, vip[which]);
}

/* What bfdd sends out of the observer's device, and nothing else. */
static int bfd_tap(const struct rivals *rivals)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, SKF_AD_OFF + SKF_AD_PKTTYPE),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 0, 7),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 5),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 23),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 3),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 36),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, BFD_PORT, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 128),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog filter = { .len = sizeof(code) / sizeof(code[0]), .filter = code };
	struct sockaddr_ll link = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int fd;

	link.sll_ifindex = link_index(rivals->observer, rivals->observer_device);
	ns_enter(rivals->observer);
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	ns_home();
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) ||
	    bind(fd, (struct sockaddr *)&link, sizeof(link)))
		err(1, "tap of bfdd");
	return fd;
}

/* The next state that was sent, the first two bits of the second byte (RFC 5880, 4.1); or -1. */
static int bfd_state(int tap)
{
	uint8_t packet[128];
	ssize_t length = recv(tap, packet, sizeof(packet), 0);

	if (length < 0)
		return -1;
	return length > 43 ? packet[43] >> 6 : 0;
}

static bool bfd_says_down(int tap)
{
	bool down = false;
	int state;

	while ((state = bfd_state(tap)) >= 0)
		down |= state == BFD_STATE_DOWN;
	return down;
}

bool rival_bfdd_calm(const struct rivals *rivals)
{
	struct pollfd next = { .fd = bfd_tap(rivals), .events = POLLIN };
	bool up = poll(&next, 1, BFD_SILENT_MS) == 1 && bfd_state(next.fd) == BFD_STATE_UP;

	close(next.fd);
	return up;
}

void rivals_settle(const struct rivals *rivals)
{
	int i;

	for (i = 0; i < KEEPALIVEDS; i++)
		if (!WAIT_FOR(rival_keepalived_calm(rivals, i), 60 * SECOND))
			errx(1, "keepalived %d does not settle", backup_priority[i]);
	if (!WAIT_FOR(rival_bfdd_calm(rivals), 60 * SECOND))
		errx(1, "bfdd does not come up");
}

struct ear_work {
	struct rival_ear *ear;
	int monitor, tap;
};

static void ear_listen(void *data)
{
	struct sched_param priority = { .sched_priority = EAR_PRIORITY };
	struct ear_work *work = data;
	struct pollfd readable[] = {
		{ .fd = work->monitor, .events = POLLIN }, { .fd = work->tap, .events = POLLIN },
	};
	uint64_t counts[KEEPALIVEDS] = {};
	int i;

	if (sched_setscheduler(0, SCHED_FIFO, &priority))
		err(1, "ear: real-time priority");
	for (;;) {
		uint64_t now;

		if (poll(readable, 2, -1) < 0)
			err(1, "ear");
		now = now_ns();
		monitor_read(work->monitor, counts);
		for (i = 0; i < KEEPALIVEDS; i++)
			if (counts[i] && !work->ear->keepalived[i])
				work->ear->keepalived[i] = now;
		if (bfd_says_down(work->tap) && !work->ear->bfdd)
			work->ear->bfdd = now;
	}
}

struct rival_ear *rival_ear_open(const struct rivals *rivals)
{
	struct ear_work work = { .monitor = monitor_open(rivals->observer), .tap = bfd_tap(rivals) };

	work.ear = mmap(NULL, sizeof(*work.ear), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	if (work.ear == MAP_FAILED)
		err(1, "ear");
	work.ear->pid = run_child(-1, ear_listen, &work);
	close(work.monitor);
	close(work.tap);
	return work.ear;
}

void rival_ear_close(struct rival_ear *ear)
{
	run_end(ear->pid);
	munmap(ear, sizeof(*ear));
}

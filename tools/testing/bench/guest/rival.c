// SPDX-License-Identifier: GPL-2.0
#include "rival.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/net.h"
#include "run.h"

/* The addresses that keepalived would move. */
static const char *const vip[2] = { "10.9.0.1", "10.9.0.2" };

/* Without the second it is killed where a guest is emulated: 10 ms are soon spent. */
static const char rt_settings[] = "\tvrrp_rt_priority 50\n\tvrrp_rlimit_rttime 1000000\n";

static uint64_t taken[2];
static int monitor = -1;

static void keepalived_start(int ns, const char *device, int priority, bool real_time)
{
	char config[64], pid[64], vrrp_pid[64], log[64], name[32];

	snprintf(name, sizeof(name), "%s-%s", real_time ? "rt" : "fair", device);
	snprintf(config, sizeof(config), "/tmp/keepalived-%s.conf", name);
	snprintf(pid, sizeof(pid), "/run/keepalived-%s.pid", name);
	snprintf(vrrp_pid, sizeof(vrrp_pid), "/run/keepalived-%s-vrrp.pid", name);
	snprintf(log, sizeof(log), "/tmp/keepalived-%s.log", name);
	file_write(config,
		   "global_defs {\n\trouter_id %s\n\tvrrp_version 3\n%s}\n"
		   "vrrp_instance bench {\n\tstate BACKUP\n\tinterface %s\n"
		   "\tvirtual_router_id %d\n\tpriority %d\n\tadvert_int 0.01\n"
		   "\tvirtual_ipaddress {\n\t\t%s/32\n\t}\n}\n",
		   name, real_time ? rt_settings : "", device, 51 + real_time,
		   priority, vip[real_time]);
	run_start(ns, log, (const char *const[]){
		"keepalived", "--dont-fork", "--log-console", "--vrrp", "-f", config,
		"-p", pid, "-r", vrrp_pid, NULL });
}

/* Hear of every address that the observer's kernel gets. */
static void monitor_open(int ns)
{
	struct sockaddr_nl group = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_IPV4_IFADDR };
	int space = 8 << 20;

	ns_enter(ns);
	monitor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	ns_home();
	if (monitor < 0 || bind(monitor, (struct sockaddr *)&group, sizeof(group)) ||
	    setsockopt(monitor, SOL_SOCKET, SO_RCVBUFFORCE, &space, sizeof(space)))
		err(1, "address monitor");
}

static void note_address(const struct nlmsghdr *message)
{
	const struct ifaddrmsg *head = NLMSG_DATA(message);
	const struct rtattr *attribute = IFA_RTA(head);
	int left = IFA_PAYLOAD(message), i;
	char text[INET_ADDRSTRLEN];

	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
		if (attribute->rta_type != IFA_LOCAL)
			continue;
		inet_ntop(AF_INET, RTA_DATA(attribute), text, sizeof(text));
		for (i = 0; i < 2; i++)
			if (!strcmp(text, vip[i]))
				taken[i]++;
	}
}

static void monitor_read(void)
{
	char buffer[16384];
	ssize_t length;

	while ((length = recv(monitor, buffer, sizeof(buffer), 0)) > 0) {
		const struct nlmsghdr *message = (void *)buffer;

		for (; NLMSG_OK(message, length); message = NLMSG_NEXT(message, length))
			if (message->nlmsg_type == RTM_NEWADDR)
				note_address(message);
	}
	if (errno != EAGAIN)
		err(1, "address monitor: it lost some");
}

uint64_t rival_keepalived(bool real_time)
{
	monitor_read();
	return taken[real_time];
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

static void bfdd_ask(const struct rivals *rivals, const char *what, char *text, size_t size)
{
	run_read(rivals->observer, (const char *const[]){
		"vtysh", "-N", "observer", "-d", "bfdd", "-c", what, NULL }, text, size);
}

uint64_t rival_bfdd(const struct rivals *rivals)
{
	char text[8192], *found;

	bfdd_ask(rivals, "show bfd peers counters json", text, sizeof(text));
	found = strstr(text, "\"session-down\":");
	if (!found)
		errx(1, "bfdd counts no sessions: %s", text);
	return strtoull(found + strlen("\"session-down\":"), NULL, 10);
}

void rivals_start(const struct rivals *rivals)
{
	int real_time;

	monitor_open(rivals->observer);
	for (real_time = 0; real_time < 2; real_time++) {
		keepalived_start(rivals->active, rivals->active_device, 254, real_time);
		keepalived_start(rivals->observer, rivals->observer_device, 253, real_time);
	}
	bfdd_start(rivals->active, "active", rivals->active_device, rivals->active_address,
		   rivals->observer_address);
	bfdd_start(rivals->observer, "observer", rivals->observer_device,
		   rivals->observer_address, rivals->active_address);
}

static bool holds(int ns, const char *address)
{
	char text[4096];

	run_read(ns, (const char *const[]){ "ip", "-4", "-brief", "address", NULL }, text,
		 sizeof(text));
	return strstr(text, address);
}

static bool bfd_up(const struct rivals *rivals)
{
	char text[8192];

	bfdd_ask(rivals, "show bfd peers json", text, sizeof(text));
	return strstr(text, "\"status\":\"up\"");
}

void rivals_settle(const struct rivals *rivals)
{
	int i;

	for (i = 0; i < 2; i++)
		if (!WAIT_FOR(holds(rivals->active, vip[i]) && !holds(rivals->observer, vip[i]),
			      60 * SECOND))
			errx(1, "keepalived %s does not settle", i ? "(real-time)" : "(fair)");
	if (!WAIT_FOR(bfd_up(rivals), 60 * SECOND))
		errx(1, "bfdd does not come up");
}

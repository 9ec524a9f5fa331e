// SPDX-License-Identifier: GPL-2.0
/* Brings a port's link up and waits for its carrier. */
#include "net/port_link.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "net/netbatch.h"
#include "net/rtnl.h"
#include "step/job.h"

int port_link_up(const struct port *port, struct step_env *env)
{
	struct netbatch *batch = netbatch_new();
	const struct netbatch_part *failure;
	size_t at = 0;
	int result;

	netbatch_link(batch, port->ifindex, NULL, true);
	result = netbatch_send(batch, env);
	failure = result > 0 ? netbatch_next_failure(batch, &at) : NULL;
	if (failure)
		result = job_fail(env, failure->error, "%s: %s: %s", port->name, failure->what,
				  failure->text);
	netbatch_free(batch);
	return result;
}

int port_link_wait(const struct port *port, struct step_env *env)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct rtnl_link link;
	char buffer[16384];
	int result;

	if (!socket)
		return job_fail(env, errno, "rtnetlink: %m");
	if (mnl_socket_bind(socket, RTMGRP_LINK, MNL_SOCKET_AUTOPID) < 0) {
		result = job_fail(env, errno, "rtnetlink: %m");
		goto close;
	}
	for (;;) {
		struct pollfd fd = { .fd = mnl_socket_get_fd(socket), .events = POLLIN };

		result = rtnl_link_get(port->ifindex, &link);
		if (result) {
			job_fail(env, result, "%s: %m", port->name);
			break;
		}
		if (link.flags & IFF_RUNNING)
			break;
		result = job_poll(env, &fd, 1, UINT64_MAX);
		if (result < 0) {
			job_end(env, result, "%s: no link; is the cable in and the switch port on?",
				port->name);
			break;
		}
		/* What the events say does not matter, only that something changed. */
		while (mnl_socket_recvfrom(socket, buffer, sizeof(buffer)) > 0)
			;
		result = 0;
	}
close:
	mnl_socket_close(socket);
	return result;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The largest ports that a file may describe, taken, read back and undone by
 * the host's kernel.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/reader.h"
#include "net/portplan.h"
#include "netns.h"
#include "step/job.h"

static struct step_env env_of(const struct identity_config *identity)
{
	return (struct step_env){
		.identity = identity, .cancel_fd = -1, .deadline_ns = UINT64_MAX,
	};
}

/* A pair of Ethernet devices, v0 and v1; 0 or a negative errno. */
static int make_pair(void)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	char buffer[4096];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct nlattr *info, *data, *peer;
	int result = -EBADMSG;
	ssize_t got;

	if (!socket)
		return -errno;
	request->nlmsg_type = RTM_NEWLINK;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
	mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(request, IFLA_IFNAME, "v0");
	info = mnl_attr_nest_start(request, IFLA_LINKINFO);
	mnl_attr_put_strz(request, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(request, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(request, VETH_INFO_PEER);
	mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(request, IFLA_IFNAME, "v1");
	mnl_attr_nest_end(request, peer);
	mnl_attr_nest_end(request, data);
	mnl_attr_nest_end(request, info);
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		result = -errno;
	got = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
	if (got >= (ssize_t)(MNL_NLMSG_HDRLEN + sizeof(struct nlmsgerr)))
		result = ((struct nlmsgerr *)mnl_nlmsg_get_payload(request))->error;
	mnl_socket_close(socket);
	return result;
}

/* A file with 64 addresses, each in a network of its own, and 64 routes. */
static struct identity_config *largest(bool ipv6)
{
	char path[] = "/tmp/hotid-test-XXXXXX", file[64], error[CONFIG_ERROR_MAX] = "";
	struct identity_config *identity;
	FILE *out;

	if (!CHECK(mkdtemp(path)))
		exit(1);
	snprintf(file, sizeof(file), "%s/web.yaml", path);
	out = fopen(file, "w");
	if (!CHECK(out))
		exit(1);
	fprintf(out, "fence: none\nports:\n- match: {INTERFACE: v0}\n  mac: 02:00:00:77:00:10\n"
		"  addresses:\n");
	for (int i = 0; i < 64; i++)
		fprintf(out, ipv6 ? "  - \"fd77:0:0:%x::10/64\"\n" : "  - 10.77.%d.10/24\n", i);
	fprintf(out, "  routes:\n");
	for (int i = 0; i < 64; i++)
		fprintf(out, ipv6 ? "  - {to: \"fd99:0:0:%x::/64\", via: \"fd77:0:0:%x::1\"}\n" :
			"  - {to: 10.99.%d.0/24, via: 10.77.%d.1}\n", i, i);
	fclose(out);
	identity = config_read_identity(file, error);
	unlink(file);
	rmdir(path);
	if (!CHECK(identity)) {
		printf("#   %s\n", error);
		exit(1);
	}
	return identity;
}

static void said(const struct step_env *env)
{
	if (ktap_failed)
		printf("#   %s\n", env->message);
}

static void send_batch(const struct portplan *plan, struct netbatch *batch, struct step_env *env)
{
	int result = netbatch_send(batch, env);

	if (result > 0)
		result = portplan_judge(plan, batch, env);
	CHECK_INT(result, 0);
	said(env);
	netbatch_free(batch);
}

/* As quiet.c does: else the kernel makes a link-local address, and asks for it first. */
static void no_address_by_itself(void)
{
	FILE *file = fopen("/proc/sys/net/ipv6/conf/v0/addr_gen_mode", "w");

	if (CHECK(file)) {
		fputs("1\n", file);
		CHECK(!fclose(file));
	}
}

static bool pair_up(struct port *port)
{
	struct netbatch *batch = netbatch_new();
	struct step_env env = env_of(NULL);
	int result = make_pair();

	if (result == -EOPNOTSUPP)
		ktap_skip("no veth in this kernel");
	else
		CHECK_INT(result, 0);
	if (result)
		goto free;
	no_address_by_itself();
	*port = (struct port){ .ifindex = (int)if_nametoindex("v0"), .name = "v0" };
	netbatch_link(batch, (int)if_nametoindex("v1"), NULL, true);
	CHECK_INT(netbatch_send(batch, &env), 0);
free:
	netbatch_free(batch);
	return !result;
}

static void take_and_undo(bool ipv6)
{
	struct identity_config *identity = largest(ipv6);
	struct step_env env = env_of(identity);
	struct portplan *plan;
	struct port port;

	if (!pair_up(&port))
		goto free;
	plan = portplan_new(&identity->ports[0], &port);
	CHECK(portplan_verify(plan, &env) < 0);
	send_batch(plan, portplan_take(plan, false), &env);
	CHECK_INT(portplan_verify(plan, &env), 0);
	said(&env);
	/* What is there already does no harm. */
	send_batch(plan, portplan_take(plan, false), &env);
	CHECK_INT(portplan_verify(plan, &env), 0);
	send_batch(plan, portplan_undo(plan, (const uint8_t[]){ 2, 0, 0, 0, 0, 1 }), &env);
	CHECK_INT(portplan_verify(plan, &env), -EIO);	/* another MAC address */
	send_batch(plan, portplan_undo(plan, identity->ports[0].mac), &env);
	CHECK_INT(portplan_verify(plan, &env), -EADDRNOTAVAIL);
	portplan_free(plan);
free:
	identity_config_free(identity);
}

static void largest_port(void)
{
	if (netns_enter())
		take_and_undo(false);
}

static void largest_port_ipv6(void)
{
	if (netns_enter())
		take_and_undo(true);
}

/* Where a socket's buffer may not be enlarged, the answers are fetched in between. */
static void largest_port_small_buffer(void)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		ktap_skip("no user namespace for this user");
	else
		take_and_undo(true);
}

/* One device against what a port of the configuration asks for. */
static void device_and_match(void)
{
	struct match match[] = { { "INTERFACE", "lo" }, { "IFINDEX", "1" } };
	struct port_config config = { .matches = match, .n_matches = 2 };
	struct port lo = { .ifindex = 1, .name = "lo" }, gone = { .ifindex = 7, .name = "nosuch0" };
	struct identity_config identity = { .name = "web" };
	struct step_env env = env_of(&identity);

	CHECK_INT(port_matches(&config, &lo, &env), 1);
	match[1].value = "2";
	CHECK_INT(port_matches(&config, &lo, &env), 0);
	match[1] = (struct match){ "NO_SUCH_PROPERTY", "1" };
	CHECK_INT(port_matches(&config, &lo, &env), 0);
	CHECK_INT(port_matches(&config, &gone, &env), -ENODEV);
	CHECK(strstr(env.message, "nosuch0 cannot be read from udev: "));
}

static const struct ktap_test tests[] = {
	{ "device_and_match", device_and_match },
	{ "largest_port", largest_port },
	{ "largest_port_ipv6", largest_port_ipv6 },
	{ "largest_port_small_buffer", largest_port_small_buffer },
};

KTAP_MAIN(tests)

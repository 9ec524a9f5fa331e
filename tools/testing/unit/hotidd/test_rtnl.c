// SPDX-License-Identifier: GPL-2.0
/*
 * Dumps of the host's kernel while another process changes what is dumped: an
 * object that is there is found, and one that is not is never made of an error.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <libmnl/libmnl.h>

/* So many of the next messages are said to be of an interrupted dump. */
static int interruptions, receptions;

static ssize_t interrupting_recvfrom(const struct mnl_socket *socket, void *buffer, size_t size)
{
	ssize_t got = mnl_socket_recvfrom(socket, buffer, size);

	receptions++;
	if (interruptions) {
		interruptions--;
		((struct nlmsghdr *)buffer)->nlmsg_flags |= NLM_F_DUMP_INTR;
	}
	return got;
}

/* The file itself: its parser of single answers is its own. */
#define mnl_socket_recvfrom	interrupting_recvfrom
#include "net/rtnl.c"
#undef mnl_socket_recvfrom

#include "base/clock.h"
#include "net/netbatch.h"
#include "netns.h"
#include "step/job.h"

#define LO		1
#define ADDRESSES	4000
#define INTERRUPTED	10

static struct identity_config identity = { .name = "web" };

static struct step_env env_of(void)
{
	return (struct step_env){
		.identity = &identity, .cancel_fd = -1, .deadline_ns = UINT64_MAX,
	};
}

static struct ip_prefix ip_of(uint32_t number)
{
	struct ip_prefix ip = { .family = AF_INET, .prefix = 32 };

	number = htonl(0x0a000000 + number);
	memcpy(ip.addr, &number, sizeof(number));
	return ip;
}

/* Answers that the kernel makes rarely, by hand. */
static void answers(void)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
	} reply = { 0 };
	struct visit visit = { 0 };
	int error = -ENOMEM;

	reply.header.nlmsg_type = NLMSG_DONE;
	reply.header.nlmsg_len = MNL_NLMSG_HDRLEN;
	CHECK_INT(rtnl_reply(&reply.header, &visit), 1);
	reply.header.nlmsg_len = MNL_NLMSG_HDRLEN + sizeof(error);
	CHECK_INT(rtnl_reply(&reply.header, &visit), 1);
	memcpy(&reply.error, &error, sizeof(error));
	CHECK_INT(rtnl_reply(&reply.header, &visit), -ENOMEM);
	reply.header.nlmsg_flags = NLM_F_DUMP_INTR;
	CHECK_INT(rtnl_reply(&reply.header, &visit), -EINTR);

	reply.header.nlmsg_flags = 0;
	reply.header.nlmsg_type = NLMSG_ERROR;
	CHECK_INT(rtnl_reply(&reply.header, &visit), -EBADMSG);
	reply.header.nlmsg_len = sizeof(reply);
	CHECK_INT(rtnl_reply(&reply.header, &visit), -ENOMEM);
	reply.error.error = 0;
	CHECK_INT(rtnl_reply(&reply.header, &visit), 1);
	reply.header.nlmsg_type = NLMSG_OVERRUN;
	CHECK_INT(rtnl_reply(&reply.header, &visit), -ENOBUFS);
}

static int is_ip(const struct rtnl_address *address, void *data)
{
	const struct ip_prefix *ip = data;

	return !memcmp(address->ip.addr, ip->addr, 4);
}

static int is_route_to(const struct rtnl_route *route, void *data)
{
	const struct ip_prefix *ip = data;

	return route->route.to.prefix == 32 && !memcmp(route->route.to.addr, ip->addr, 4);
}

static int note_hop(const struct rtnl_route *route, void *data)
{
	struct rtnl_route **next = data;

	*(*next)++ = *route;
	return 0;
}

/* A route with several next hops is as many routes. */
static void next_hops(void)
{
	static const uint8_t gateway[16] = { 0xfe, 0x80, [15] = 7 };
	struct rtnl_route hops[3] = { 0 }, *next = hops;
	struct visit visit = { .parse = parse_route, .fn.route = note_hop, .data = &next };
	char buffer[256];
	struct nlmsghdr *reply = mnl_nlmsg_put_header(buffer);
	struct rtmsg *info = mnl_nlmsg_put_extra_header(reply, sizeof(*info));
	struct nlattr *all;
	struct rtnexthop *hop;

	info->rtm_family = AF_INET6;
	info->rtm_type = RTN_UNICAST;
	all = mnl_attr_nest_start(reply, RTA_MULTIPATH);
	hop = mnl_nlmsg_get_payload_tail(reply);
	*hop = (struct rtnexthop){ .rtnh_len = sizeof(*hop), .rtnh_ifindex = 3 };
	reply->nlmsg_len += sizeof(*hop);
	hop = mnl_nlmsg_get_payload_tail(reply);
	*hop = (struct rtnexthop){ .rtnh_ifindex = 4 };
	reply->nlmsg_len += sizeof(*hop);
	mnl_attr_put(reply, RTA_GATEWAY, sizeof(gateway), gateway);
	hop->rtnh_len = (char *)mnl_nlmsg_get_payload_tail(reply) - (char *)hop;
	mnl_attr_nest_end(reply, all);

	CHECK_INT(rtnl_reply(reply, &visit), 0);
	CHECK_INT(next - hops, 2);
	CHECK_INT(hops[0].ifindex, 3);
	CHECK(!hops[0].route.has_via);
	CHECK_INT(hops[1].ifindex, 4);
	CHECK(hops[1].route.has_via && !memcmp(hops[1].route.via.addr, gateway, sizeof(gateway)));
	CHECK_INT(hops[1].route.via.prefix, 128);

	/* One that is cut short is an error: who asks would take the route for absent. */
	hop->rtnh_len += 4;
	next = hops;
	CHECK_INT(rtnl_reply(reply, &visit), 1);
	CHECK_INT(visit.result, -EBADMSG);
	CHECK_INT(next - hops, 1);
}

/* One dump without any care: whether the kernel says that it was interrupted. */
static bool was_interrupted(void)
{
	struct visit visit = { .parse = parse_address, .fn.address = is_ip, .data = &(struct ip_prefix){ 0 } };
	char buffer[256];
	void *body;

	return talk_once(begin(buffer, RTM_GETADDR, NLM_F_DUMP, sizeof(struct ifaddrmsg), &body),
			 &visit) == -EINTR;
}

static bool fill_lo(void)
{
	struct netbatch *batch = netbatch_new();
	struct step_env env = env_of();
	int failed;

	netbatch_link(batch, LO, NULL, true);
	for (uint32_t i = 1; i <= ADDRESSES; i++) {
		struct ip_prefix ip = ip_of(i);

		netbatch_address(batch, LO, &ip, true);
	}
	failed = netbatch_send(batch, &env);
	if (!ktap_check(!failed, "thousands of addresses in one batch", __FILE__, __LINE__))
		printf("#   %d failed: %s\n", failed, env.message);
	netbatch_free(batch);
	return !failed;
}

/* A process that adds an address and takes it off again, with such a pause, for ever. */
static pid_t churn(unsigned int pause_us)
{
	struct ip_prefix ip = ip_of(ADDRESSES + 1);
	struct netbatch *add = netbatch_new(), *remove = netbatch_new();
	struct step_env env = env_of();
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		netbatch_address(add, LO, &ip, true);
		netbatch_address(remove, LO, &ip, false);
		while (!netbatch_send(add, &env) && !netbatch_send(remove, &env))
			usleep(pause_us);
		_exit(1);
	}
	netbatch_free(add);
	netbatch_free(remove);
	return pid;
}

static void churn_end(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	CHECK(WIFSIGNALED(status));
}

static void interrupted_dumps(void)
{
	struct ip_prefix last = ip_of(ADDRESSES), none = ip_of(ADDRESSES + 2);
	int interrupted = 0, dumps = 0;
	pid_t pid;

	if (!netns_enter() || !fill_lo())
		return;
	pid = churn(3000);
	for (; interrupted < INTERRUPTED && !ktap_failed; dumps++) {
		interrupted += was_interrupted();
		CHECK_INT(rtnl_addresses(is_ip, &last), 1);
		CHECK_INT(rtnl_addresses(is_ip, &none), 0);
		CHECK_INT(rtnl_routes(is_route_to, &last), 1);
		CHECK_INT(rtnl_routes(is_route_to, &none), 0);
	}
	churn_end(pid);
	printf("# of %d dumps as they come %d were interrupted\n", dumps, interrupted);
}

/* Again and again, but not for ever; and then nobody says "absent". */
static void never_whole(void)
{
	struct ip_prefix lo = { .family = AF_INET, .addr = { 127, 0, 0, 1 } }, none = ip_of(1);
	struct netbatch *batch = netbatch_new();
	struct step_env env = env_of();

	if (!netns_enter())
		goto free;
	netbatch_link(batch, LO, NULL, true);
	CHECK_INT(netbatch_send(batch, &env), 0);
	CHECK_INT(rtnl_addresses(is_ip, &none), 0);

	interruptions = RETRIES - 1;
	CHECK_INT(rtnl_addresses(is_ip, &none), 0);
	interruptions = RETRIES - 1;
	CHECK_INT(rtnl_addresses(is_ip, &lo), 1);
	CHECK_INT(interruptions, 0);

	interruptions = 1000;
	receptions = 0;
	CHECK_INT(rtnl_addresses(is_ip, &none), -EAGAIN);
	CHECK_INT(rtnl_addresses(is_ip, &lo), -EAGAIN);
	CHECK_INT(receptions, 2 * RETRIES);
	interruptions = 0;
free:
	netbatch_free(batch);
}

static const struct ktap_test tests[] = {
	{ "answers", answers },
	{ "next_hops", next_hops },
	{ "never_whole", never_whole },
	{ "interrupted_dumps", interrupted_dumps },
};

KTAP_MAIN(tests)

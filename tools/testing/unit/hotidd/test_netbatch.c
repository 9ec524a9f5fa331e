// SPDX-License-Identifier: GPL-2.0
/* The takeover batch, decoded again with libmnl as the kernel would. */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "ktap.h"
#include "net/netbatch.h"

static const uint8_t mac[6] = { 0x02, 0, 0, 0x77, 0, 0x10 };

/* Request number @index of the batch, or NULL; all before it must be well formed. */
static const struct nlmsghdr *request_at(const struct netbatch *batch, size_t index)
{
	size_t length;
	const struct nlmsghdr *request = netbatch_data(batch, &length);
	int left = (int)length;

	for (size_t i = 0; mnl_nlmsg_ok(request, left); i++) {
		CHECK_INT(request->nlmsg_seq, i + 1);
		if (i == index)
			return request;
		request = mnl_nlmsg_next(request, &left);
	}
	CHECK_INT(left, 0);
	return NULL;
}

static const struct nlattr *attribute(const struct nlmsghdr *request, size_t header, uint16_t type)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, request, header)
		if (mnl_attr_get_type(attr) == type)
			return attr;
	return NULL;
}

static void check_bytes(const struct nlattr *attr, const void *bytes, size_t length)
{
	if (ktap_check(attr && mnl_attr_get_payload_len(attr) == length, "length of an attribute",
		       __FILE__, __LINE__))
		CHECK(!memcmp(mnl_attr_get_payload(attr), bytes, length));
}

static struct ip_prefix ip(int family, const char *text, uint8_t prefix)
{
	struct ip_prefix parsed = { .family = family, .prefix = prefix };

	inet_pton(family, text, parsed.addr);
	return parsed;
}

static void link_request(void)
{
	struct netbatch *batch = netbatch_new();
	const struct nlmsghdr *request;
	const struct ifinfomsg *info;

	netbatch_link(batch, 7, mac, true);
	netbatch_link(batch, 7, NULL, false);
	request = request_at(batch, 0);
	if (!ktap_check(request, "first request", __FILE__, __LINE__))
		goto free;
	info = mnl_nlmsg_get_payload(request);
	CHECK_INT(request->nlmsg_type, RTM_NEWLINK);
	/* CREATE would make a new device where this one is gone. */
	CHECK_INT(request->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
	CHECK_INT(info->ifi_index, 7);
	CHECK_INT(info->ifi_flags, IFF_UP);
	CHECK_INT(info->ifi_change, IFF_UP);
	check_bytes(attribute(request, sizeof(*info), IFLA_ADDRESS), mac, 6);

	request = request_at(batch, 1);
	if (!ktap_check(request, "second request", __FILE__, __LINE__))
		goto free;
	info = mnl_nlmsg_get_payload(request);
	CHECK_INT(info->ifi_flags, 0);
	CHECK_INT(info->ifi_change, IFF_UP);
	CHECK(!attribute(request, sizeof(*info), IFLA_ADDRESS));
free:
	netbatch_free(batch);
}

static void address_requests(void)
{
	struct ip_prefix four = ip(AF_INET, "10.77.0.10", 24), six = ip(AF_INET6, "fd77::10", 64);
	struct ip_prefix point = ip(AF_INET, "192.0.2.1", 31), host = ip(AF_INET, "192.0.2.9", 32);
	struct netbatch *batch = netbatch_new();
	const uint8_t broadcast[] = { 10, 77, 0, 255 };
	const struct nlmsghdr *request;
	const struct ifaddrmsg *info;

	netbatch_address(batch, 7, &four, true);
	netbatch_address(batch, 7, &six, true);
	netbatch_address(batch, 7, &point, true);
	netbatch_address(batch, 7, &host, true);
	netbatch_address(batch, 7, &six, false);

	request = request_at(batch, 0);
	info = mnl_nlmsg_get_payload(request);
	CHECK_INT(request->nlmsg_type, RTM_NEWADDR);
	CHECK_INT(request->nlmsg_flags,
		  NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE);
	CHECK_INT(info->ifa_family, AF_INET);
	CHECK_INT(info->ifa_prefixlen, 24);
	CHECK_INT(info->ifa_index, 7);
	check_bytes(attribute(request, sizeof(*info), IFA_LOCAL), four.addr, 4);
	check_bytes(attribute(request, sizeof(*info), IFA_ADDRESS), four.addr, 4);
	check_bytes(attribute(request, sizeof(*info), IFA_BROADCAST), broadcast, 4);
	CHECK(!attribute(request, sizeof(*info), IFA_FLAGS));

	request = request_at(batch, 1);
	info = mnl_nlmsg_get_payload(request);
	CHECK_INT(info->ifa_family, AF_INET6);
	CHECK_INT(info->ifa_prefixlen, 64);
	check_bytes(attribute(request, sizeof(*info), IFA_LOCAL), six.addr, 16);
	CHECK_INT(mnl_attr_get_u32(attribute(request, sizeof(*info), IFA_FLAGS)), IFA_F_NODAD);
	CHECK(!attribute(request, sizeof(*info), IFA_BROADCAST));

	CHECK(!attribute(request_at(batch, 2), sizeof(*info), IFA_BROADCAST));
	CHECK(!attribute(request_at(batch, 3), sizeof(*info), IFA_BROADCAST));

	request = request_at(batch, 4);
	CHECK_INT(request->nlmsg_type, RTM_DELADDR);
	CHECK_INT(request->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
	CHECK(!request_at(batch, 5));
	netbatch_free(batch);
}

static void route_requests(void)
{
	struct route_config all = {
		.to = ip(AF_INET, "0.0.0.0", 0), .has_via = true, .via = ip(AF_INET, "10.77.0.254", 32),
	};
	struct route_config link = { .to = ip(AF_INET6, "fd99::", 48) };
	struct netbatch *batch = netbatch_new();
	const struct nlmsghdr *request;
	const struct rtmsg *info;

	netbatch_route(batch, 7, &all, RT_TABLE_MAIN);
	netbatch_route(batch, 7, &link, 0x48490007);

	request = request_at(batch, 0);
	info = mnl_nlmsg_get_payload(request);
	CHECK_INT(request->nlmsg_type, RTM_NEWROUTE);
	/* Never REPLACE: the node's own default route may be there. */
	CHECK_INT(request->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	CHECK_INT(info->rtm_family, AF_INET);
	CHECK_INT(info->rtm_dst_len, 0);
	CHECK_INT(info->rtm_table, RT_TABLE_MAIN);
	CHECK_INT(info->rtm_type, RTN_UNICAST);
	CHECK_INT(info->rtm_scope, RT_SCOPE_UNIVERSE);
	CHECK(!attribute(request, sizeof(*info), RTA_DST));
	check_bytes(attribute(request, sizeof(*info), RTA_GATEWAY), all.via.addr, 4);
	CHECK_INT(mnl_attr_get_u32(attribute(request, sizeof(*info), RTA_OIF)), 7);

	request = request_at(batch, 1);
	info = mnl_nlmsg_get_payload(request);
	CHECK_INT(info->rtm_dst_len, 48);
	CHECK_INT(info->rtm_table, RT_TABLE_UNSPEC);
	CHECK_INT(mnl_attr_get_u32(attribute(request, sizeof(*info), RTA_TABLE)), 0x48490007);
	CHECK_INT(info->rtm_scope, RT_SCOPE_LINK);
	check_bytes(attribute(request, sizeof(*info), RTA_DST), link.to.addr, 16);
	CHECK(!attribute(request, sizeof(*info), RTA_GATEWAY));
	netbatch_free(batch);
}

static void rule_requests(void)
{
	struct ip_prefix six = ip(AF_INET6, "fd77::10", 64);
	struct netbatch *batch = netbatch_new();
	const struct nlmsghdr *request;
	const struct fib_rule_hdr *info;

	netbatch_rule(batch, &six, 0x48490007, true);
	netbatch_rule(batch, &six, 0x48490007, false);
	request = request_at(batch, 0);
	info = mnl_nlmsg_get_payload(request);
	CHECK_INT(request->nlmsg_type, RTM_NEWRULE);
	/* Without EXCL there would be one more of it each time. */
	CHECK_INT(request->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	CHECK_INT(info->family, AF_INET6);
	CHECK_INT(info->src_len, 128);
	CHECK_INT(info->action, FR_ACT_TO_TBL);
	check_bytes(attribute(request, sizeof(*info), FRA_SRC), six.addr, 16);
	CHECK_INT(mnl_attr_get_u32(attribute(request, sizeof(*info), FRA_TABLE)), 0x48490007);
	CHECK(mnl_attr_get_u32(attribute(request, sizeof(*info), FRA_PRIORITY)) < 32766);
	CHECK_INT(request_at(batch, 1)->nlmsg_type, RTM_DELRULE);
	netbatch_free(batch);
}

/* A batch that grows over many reallocations stays one well-formed buffer. */
static void long_batch(void)
{
	struct netbatch *batch = netbatch_new();
	struct ip_prefix six = ip(AF_INET6, "fd77::", 64);
	size_t length;

	for (int i = 0; i < 130; i++) {
		six.addr[15] = (uint8_t)i;
		netbatch_address(batch, 7, &six, true);
	}
	for (size_t i = 0; i < 130; i++) {
		const struct nlmsghdr *request = request_at(batch, i);

		six.addr[15] = (uint8_t)i;
		if (!ktap_check(request, "request", __FILE__, __LINE__))
			break;
		check_bytes(attribute(request, sizeof(struct ifaddrmsg), IFA_LOCAL), six.addr, 16);
	}
	CHECK(!request_at(batch, 130));
	netbatch_data(batch, &length);
	CHECK(length < 16384);	/* fits into one datagram of the kernel's */
	netbatch_free(batch);
}

static void formats(void)
{
	struct ip_prefix four = ip(AF_INET, "10.77.0.10", 24), six = ip(AF_INET6, "fd77::10", 64);
	struct ip_prefix all = ip(AF_INET, "0.0.0.0", 0);
	char text[IP_PREFIX_TEXT];

	ip_prefix_format(&four, text, sizeof(text));
	CHECK_STR(text, "10.77.0.10/24");
	ip_prefix_format(&six, text, sizeof(text));
	CHECK_STR(text, "fd77::10/64");
	ip_prefix_format(&all, text, sizeof(text));
	CHECK_STR(text, "default");
}

static const struct ktap_test tests[] = {
	{ "link_request", link_request },
	{ "address_requests", address_requests },
	{ "route_requests", route_requests },
	{ "rule_requests", rule_requests },
	{ "long_batch", long_batch },
	{ "formats", formats },
};

KTAP_MAIN(tests)

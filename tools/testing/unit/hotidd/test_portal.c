// SPDX-License-Identifier: GPL-2.0
/* Addresses of iSCSI targets. */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "config/portal.h"
#include "ktap.h"

static void ipv4(void)
{
	struct sockaddr_storage address;
	struct sockaddr_in *in = (struct sockaddr_in *)&address;
	struct portal portal;
	char text[INET_ADDRSTRLEN];

	CHECK(portal_parse("10.78.0.3:3260", &portal));
	CHECK_INT(portal.ip.family, AF_INET);
	CHECK_INT(portal.ip.prefix, 32);
	CHECK_INT(portal.port, 3260);
	CHECK_INT(portal_sockaddr(&portal, &address), sizeof(*in));
	CHECK_INT(in->sin_family, AF_INET);
	CHECK_INT(ntohs(in->sin_port), 3260);
	CHECK_STR(inet_ntop(AF_INET, &in->sin_addr, text, sizeof(text)), "10.78.0.3");
}

static void ipv6(void)
{
	struct sockaddr_storage address;
	struct sockaddr_in6 *in = (struct sockaddr_in6 *)&address;
	struct portal portal;
	char text[INET6_ADDRSTRLEN];

	CHECK(portal_parse("[fd78::3]:3261", &portal));
	CHECK_INT(portal.ip.family, AF_INET6);
	CHECK_INT(portal.ip.prefix, 128);
	CHECK_INT(portal_sockaddr(&portal, &address), sizeof(*in));
	CHECK_INT(ntohs(in->sin6_port), 3261);
	CHECK_STR(inet_ntop(AF_INET6, &in->sin6_addr, text, sizeof(text)), "fd78::3");
}

static void others(void)
{
	static const char *const bad[] = {
		"", ":", "10.78.0.3", "10.78.0.3:", ":3260", "10.78.0.3:0", "10.78.0.3:65536",
		"10.78.0.3:32x", "storage:3260", "fd78::3:3260", "[fd78::3]", "[10.78.0.3]:3260",
		"[]:3260", "[fd78::3:3260", "10.78.0.300:3260",
		"[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]:3260",
	};
	struct portal portal;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ktap_check(!portal_parse(bad[i], &portal), bad[i], __FILE__, __LINE__);
}

static const struct ktap_test tests[] = {
	{ "ipv4", ipv4 },
	{ "ipv6", ipv6 },
	{ "others", others },
};

KTAP_MAIN(tests)

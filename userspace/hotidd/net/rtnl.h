/* SPDX-License-Identifier: GPL-2.0 */
/* What rtnetlink says of links, addresses and routes of this network namespace. */
#ifndef HOTIDD_RTNL_H
#define HOTIDD_RTNL_H

#include <net/if.h>

#include "config/config.h"

struct rtnl_link {
	int ifindex;
	char name[IF_NAMESIZE];
	unsigned int flags;		/* IFF_* */
	unsigned short type;		/* ARPHRD_* */
	int master;			/* ifindex of its bridge, bond...; 0 for none */
	bool has_mac;
	uint8_t mac[6];
	bool has_own_mac;
	uint8_t own_mac[6];		/* the one it was made with */
};

struct rtnl_address {
	int ifindex;
	struct ip_prefix ip;
	unsigned int flags;		/* IFA_F_* */
};

/* One with several next hops is as many of these. */
struct rtnl_route {
	int ifindex;			/* 0 when it has no next hop */
	struct route_config route;
	unsigned int table;
	unsigned int metric;
	unsigned char protocol;		/* RTPROT_* */
	unsigned char type;		/* RTN_* */
};

/* A rule that sends what comes from a host to a table. */
struct rtnl_rule {
	struct ip_prefix from;		/* prefix 0: from everybody */
	unsigned int table;
};

/*
 * Dumps. @fn is called for each object; non-zero from it ends the dump and is
 * returned. Else 0 or a negative errno. When objects come and go meanwhile the
 * kernel may leave some out, so the dump begins anew, and @fn sees the same
 * objects again: it must look, not count. Only 0 says that what was looked for
 * is not there. -EAGAIN when no dump was whole for half a second. The kernel
 * answers at once, so these do not watch the deadline.
 */
typedef int (*rtnl_link_fn)(const struct rtnl_link *link, void *data);
typedef int (*rtnl_address_fn)(const struct rtnl_address *address, void *data);
typedef int (*rtnl_route_fn)(const struct rtnl_route *route, void *data);
typedef int (*rtnl_rule_fn)(const struct rtnl_rule *rule, void *data);
int rtnl_links(rtnl_link_fn fn, void *data);
int rtnl_addresses(rtnl_address_fn fn, void *data);
int rtnl_routes(rtnl_route_fn fn, void *data);
int rtnl_rules(rtnl_rule_fn fn, void *data);

/* One link. Returns 0, -ENODEV or another negative errno. */
int rtnl_link_get(int ifindex, struct rtnl_link *link);

/*
 * Through which device a packet to @address would leave, from the own address
 * @from or, with NULL, from any. -ENETUNREACH when through none.
 */
int rtnl_route_to(int family, const uint8_t *address, const uint8_t *from, int *ifindex);

#endif /* HOTIDD_RTNL_H */

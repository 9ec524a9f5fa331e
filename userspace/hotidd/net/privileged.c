// SPDX-License-Identifier: GPL-2.0
/* Refuses ports that the node itself depends on. */
#include "net/privileged.h"

#include <errno.h>
#include <limits.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "config/portal.h"
#include "config/values.h"
#include "net/netbatch.h"
#include "net/peers.h"
#include "net/portplan.h"
#include "net/rtnl.h"
#include "step/job.h"

struct check {
	const struct port_config *config;
	const struct port *port;
	const struct ip_prefix *owned;
	size_t n_owned;
	struct step_env *env;
};

static int check_link(const struct check *check)
{
	struct rtnl_link link;
	const char *name = check->port->name;
	char master[IF_NAMESIZE] = "another device";
	int result = rtnl_link_get(check->port->ifindex, &link);

	if (result)
		return job_fail(check->env, result, "%s: %m", name);
	if (link.type != ARPHRD_ETHER || !link.has_mac)
		return job_fail(check->env, EINVAL, "%s is not an Ethernet device; match one that is",
				name);
	if (!link.master)
		return 0;
	if_indextoname(link.master, master);
	return job_fail(check->env, EACCES, "%s is part of %s, which this node itself uses; take it out, or match %s",
			name, master, master);
}

/* VLANs, bridges and the like above the port, and FCoE, which has no address to see. */
static int check_above(const char *name, void *data)
{
	const struct check *check = data;

	if (!strncmp(name, "upper_", 6))
		return job_fail(check->env, EACCES, "%s carries %s; the identity must have the port for itself",
				check->port->name, name + 6);
	if (!strncmp(name, "ctlr_", 5))
		return job_fail(check->env, EACCES, "%s carries FCoE (%s), and so perhaps this node's own disks; match another port",
				check->port->name, name);
	return 0;
}

static int check_address(const struct rtnl_address *address, void *data)
{
	const struct check *check = data;
	char text[IP_PREFIX_TEXT], other[IF_NAMESIZE] = "?";
	bool owned = port_owns(check->owned, check->n_owned, &address->ip);
	bool here = address->ifindex == check->port->ifindex;

	if (owned == here || address_link_local(&address->ip))
		return 0;
	ip_prefix_format(&address->ip, text, sizeof(text));
	if (owned) {
		if_indextoname(address->ifindex, other);
		return job_fail(check->env, EADDRINUSE, "%s is on %s of this node already; take it off there, it belongs to the identity",
				text, other);
	}
	return job_fail(check->env, EACCES, "%s has the address %s, which the identity does not own, so this node itself may depend on it; take it off or match another port",
			check->port->name, text);
}

/* The metric the kernel gives a route for which none is named. */
static unsigned int default_metric(int family)
{
	return family == AF_INET ? 0 : 1024;
}

static int check_route(const struct rtnl_route *route, void *data)
{
	const struct check *check = data;
	const struct port_config *config = check->config;
	bool here = route->ifindex == check->port->ifindex;
	char text[IP_PREFIX_TEXT], other[IF_NAMESIZE] = "another device";

	/* A takeover that was interrupted may have filled the port's own table already. */
	if (route->type != RTN_UNICAST || route->table == RT_TABLE_LOCAL ||
	    route->table == portplan_table(check->port->ifindex))
		return 0;
	ip_prefix_format(&route->route.to, text, sizeof(text));
	for (size_t i = 0; i < config->n_routes; i++) {
		if (here && route_same(&config->routes[i], &route->route))
			return 0;
		if (here || route->table != RT_TABLE_MAIN ||
		    route->metric != default_metric(route->route.to.family) ||
		    !ip_same(&config->routes[i].to, &route->route.to))
			continue;
		if_indextoname(route->ifindex, other);
		return job_fail(check->env, EACCES, "this node has a route to %s through %s, where the identity's would have to be; give this node's a metric",
				text, other);
	}
	/* The kernel's own come with an address or with the link. */
	if (!here || route->protocol == RTPROT_KERNEL)
		return 0;
	return job_fail(check->env, EACCES, "this node's route to %s leaves through %s; take it off or match another port",
			text, check->port->name);
}

/* Whether packets to @address leave through the port: 1, 0, or a negative errno. */
static int leads_to(const struct check *check, int family, const uint8_t *address)
{
	int ifindex, result = rtnl_route_to(family, address, NULL, &ifindex);

	switch (result) {
	case 0:
		return ifindex == check->port->ifindex;
	case -ENETUNREACH:
	case -EHOSTUNREACH:
	case -EACCES:		/* routes that say "prohibit" */
	case -EINVAL:		/* and "blackhole" */
		return 0;
	}
	return job_fail(check->env, result,
			"through which port this node reaches others cannot be read: %m");
}

static int check_peer(const struct hotid_peer *peer, void *data)
{
	const struct check *check = data;

	for (size_t i = 0; i < peer->n_paths; i++) {
		const struct hotid_path *path = &peer->paths[i];
		int family = path->address_len == 4 ? AF_INET : AF_INET6;
		int here = (int)path->ifindex == check->port->ifindex ? 1 :
			   leads_to(check, family, path->address);

		if (here < 0)
			return here;
		if (here)
			return job_fail(check->env, EACCES, "beats to and from %s go through %s; match another port",
					peer->name, check->port->name);
	}
	return 0;
}

static int check_portals(const struct check *check)
{
	const struct identity_config *identity = check->env->identity;

	for (size_t i = 0; i < identity->n_iscsi; i++) {
		struct portal portal;
		int here;

		portal_parse(identity->iscsi[i].portal, &portal);
		here = leads_to(check, portal.ip.family, portal.ip.addr);
		if (here < 0)
			return here;
		if (here)
			return job_fail(check->env, EACCES, "the storage at %s is reached through %s; the fence needs it before the port is the identity's, so match another port",
					identity->iscsi[i].portal, check->port->name);
	}
	return 0;
}

static int check_mac(const struct rtnl_link *link, void *data)
{
	const struct check *check = data;
	char text[MAC_TEXT];

	if (link->ifindex == check->port->ifindex || !link->has_mac ||
	    memcmp(link->mac, check->config->mac, 6))
		return 0;
	return job_fail(check->env, EADDRINUSE, "%s is the MAC address of %s of this node already; give the identity another one",
			mac_format(link->mac, text), link->name);
}

int privileged_check(const struct port_config *config, const struct port *port,
		     struct step_env *env)
{
	struct ip_prefix *owned;
	struct check check = { .config = config, .port = port, .env = env };
	char path[PATH_MAX];
	int result;

	snprintf(path, sizeof(path), "/sys/class/net/%s", port->name);

	check.owned = owned = port_addresses(config, &check.n_owned);
	*env->message = '\0';
	result = check_link(&check) ?:
		 file_each_in(path, check_above, &check) ?:
		 check_portals(&check) ?:
		 peers_each(check_peer, &check, env) ?:
		 rtnl_addresses(check_address, &check) ?:
		 rtnl_routes(check_route, &check) ?:
		 rtnl_links(check_mac, &check);
	if (result && !*env->message)
		job_fail(env, result, "%s: what depends on it cannot be read: %m", port->name);
	free(owned);
	return result;
}

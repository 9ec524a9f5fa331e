// SPDX-License-Identifier: GPL-2.0
/* The rtnetlink requests that make a device the identity's port, and their check. */
#include "net/portplan.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "config/values.h"
#include "net/rtnl.h"
#include "step/job.h"

/* "HI" and the device: a table of its own for each port. */
#define TABLE_BASE	0x48490000u

/* A route in one of the two tables. */
struct planned_route {
	struct route_config route;
	uint32_t table;
};

struct portplan {
	const struct port_config *config;
	struct port port;
	uint32_t table;
	struct ip_prefix *addresses;
	size_t n_addresses;
	struct planned_route *routes;	/* those to the networks of the addresses first */
	size_t n_routes;
};

const char *mac_format(const uint8_t mac[6], char text[MAC_TEXT])
{
	snprintf(text, MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
		 mac[4], mac[5]);
	return text;
}

/* Link-local addresses mean a device each, so no rule is needed for them. */
static bool needs_rule(const struct ip_prefix *ip)
{
	return !address_link_local(ip);
}

static void plan_route(struct portplan *plan, const struct route_config *route, uint32_t table)
{
	plan->routes[plan->n_routes++] = (struct planned_route){ *route, table };
}

/* To the network of an address, unless another one has it already. */
static void plan_network(struct portplan *plan, const struct ip_prefix *ip)
{
	struct route_config route = { .to = *ip };

	if (!needs_rule(ip) || ip->prefix == 8 * ip_length(ip))
		return;
	for (unsigned int bit = ip->prefix; bit < 8 * ip_length(ip); bit++)
		route.to.addr[bit / 8] &= (uint8_t)~(0x80 >> bit % 8);
	for (size_t i = 0; i < plan->n_routes; i++)
		if (ip_same(&plan->routes[i].route.to, &route.to))
			return;
	plan_route(plan, &route, plan->table);
}

uint32_t portplan_table(int ifindex)
{
	return TABLE_BASE | (uint32_t)ifindex;
}

struct portplan *portplan_new(const struct port_config *config, const struct port *port)
{
	struct portplan *plan = must_calloc(1, sizeof(*plan));

	plan->config = config;
	plan->port = *port;
	plan->table = portplan_table(port->ifindex);
	plan->addresses = port_addresses(config, &plan->n_addresses);
	plan->routes = must_calloc(plan->n_addresses + 2 * config->n_routes + 1,
				   sizeof(*plan->routes));
	for (size_t i = 0; i < plan->n_addresses; i++)
		plan_network(plan, &plan->addresses[i]);
	for (size_t i = 0; i < config->n_routes; i++) {
		plan_route(plan, &config->routes[i], RT_TABLE_MAIN);
		plan_route(plan, &config->routes[i], plan->table);
	}
	return plan;
}

void portplan_free(struct portplan *plan)
{
	if (!plan)
		return;
	free(plan->addresses);
	free(plan->routes);
	free(plan);
}

struct netbatch *portplan_take(const struct portplan *plan, bool cycle)
{
	struct netbatch *batch = netbatch_new();
	int ifindex = plan->port.ifindex;

	if (cycle)
		netbatch_link(batch, ifindex, NULL, false);
	netbatch_link(batch, ifindex, plan->config->mac, !cycle);
	if (cycle)
		netbatch_link(batch, ifindex, NULL, true);
	for (size_t i = 0; i < plan->n_addresses; i++)
		netbatch_address(batch, ifindex, &plan->addresses[i], true);
	for (size_t i = 0; i < plan->n_routes; i++)
		netbatch_route(batch, ifindex, &plan->routes[i].route, plan->routes[i].table);
	for (size_t i = 0; i < plan->n_addresses; i++)
		if (needs_rule(&plan->addresses[i]))
			netbatch_rule(batch, &plan->addresses[i], plan->table, true);
	return batch;
}

struct netbatch *portplan_undo(const struct portplan *plan, const uint8_t *mac)
{
	struct netbatch *batch = netbatch_new();
	int ifindex = plan->port.ifindex;

	/* The routes go with the link. */
	netbatch_link(batch, ifindex, NULL, false);
	for (size_t i = 0; i < plan->n_addresses; i++) {
		if (needs_rule(&plan->addresses[i]))
			netbatch_rule(batch, &plan->addresses[i], plan->table, false);
		netbatch_address(batch, ifindex, &plan->addresses[i], false);
	}
	if (mac)
		netbatch_link(batch, ifindex, mac, false);
	return batch;
}

struct wanted {
	const struct portplan *plan;
	const struct route_config *route;
	const struct ip_prefix *ip;
	uint32_t table;
};

static int is_address(const struct rtnl_address *address, void *data)
{
	const struct wanted *wanted = data;

	return address->ifindex == wanted->plan->port.ifindex &&
	       ip_same(wanted->ip, &address->ip) &&
	       !(address->flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED));
}

static int is_route(const struct rtnl_route *route, void *data)
{
	const struct wanted *wanted = data;

	return route->ifindex == wanted->plan->port.ifindex && route->table == wanted->table &&
	       route_same(wanted->route, &route->route);
}

static int is_rule(const struct rtnl_rule *rule, void *data)
{
	const struct wanted *wanted = data;

	return rule->table == wanted->table && address_same(&rule->from, wanted->ip) &&
	       rule->from.prefix == 8 * ip_length(wanted->ip);
}

/* 1, 0 when it is not there, or a negative errno. */
static int has_route(const struct portplan *plan, const struct route_config *route, uint32_t table)
{
	struct wanted wanted = { .plan = plan, .route = route, .table = table };

	return rtnl_routes(is_route, &wanted);
}

/* Not to be taken for "missing". */
static int unknown(const struct portplan *plan, struct step_env *env, const char *what, int error)
{
	if (error == -EAGAIN)
		return job_fail(env, error, "%s: its %s cannot be read, since something on this node changes them all the time",
				plan->port.name, what);
	return job_fail(env, error, "%s: its %s cannot be read: %m", plan->port.name, what);
}

static int is_foreign(const struct rtnl_address *address, void *data)
{
	const struct portplan *plan = data;

	return address->ifindex == plan->port.ifindex && address->ip.family == AF_INET6 &&
	       !port_owns(plan->addresses, plan->n_addresses, &address->ip);
}

int portplan_has_foreign(const struct portplan *plan, struct step_env *env)
{
	int there = rtnl_addresses(is_foreign, (void *)plan);

	return there < 0 ? unknown(plan, env, "addresses", there) : there;
}

int portplan_judge(const struct portplan *plan, const struct netbatch *batch, struct step_env *env)
{
	const struct netbatch_part *failure;
	size_t at = 0;

	while ((failure = netbatch_next_failure(batch, &at))) {
		int there = failure->route && failure->error == -EEXIST ?
			    has_route(plan, failure->route, failure->table) : 0;

		if (there < 0)
			return unknown(plan, env, "routes", there);
		if (!there)
			return job_fail(env, failure->error, "%s: %s: %s", plan->port.name,
					failure->what, failure->text);
	}
	return 0;
}

static int missing(const struct portplan *plan, struct step_env *env, const char *what,
		   const struct ip_prefix *ip)
{
	char text[IP_PREFIX_TEXT];

	return job_fail(env, EADDRNOTAVAIL, "%s does not have the %s %s; something took it off again",
			plan->port.name, what, ip_prefix_format(ip, text, sizeof(text)));
}

static int verify_link(const struct portplan *plan, struct step_env *env)
{
	char is[MAC_TEXT], should[MAC_TEXT];
	struct rtnl_link link;
	int result = rtnl_link_get(plan->port.ifindex, &link);

	if (result)
		return job_fail(env, result, "%s: %m", plan->port.name);
	if (!memcmp(link.mac, plan->config->mac, sizeof(link.mac)))
		return 0;
	return job_fail(env, EIO, "%s has the MAC address %s instead of %s", plan->port.name,
			mac_format(link.mac, is), mac_format(plan->config->mac, should));
}

static int verify_address(const struct portplan *plan, const struct ip_prefix *ip,
			  struct step_env *env)
{
	struct wanted wanted = { .plan = plan, .ip = ip, .table = plan->table };
	int there = rtnl_addresses(is_address, &wanted);

	if (there < 0)
		return unknown(plan, env, "addresses", there);
	if (!there)
		return missing(plan, env, "address", ip);
	there = needs_rule(ip) ? rtnl_rules(is_rule, &wanted) : 1;
	if (there < 0)
		return unknown(plan, env, "routing rules", there);
	return there ? 0 : missing(plan, env, "routing rule for", ip);
}

static int verify_route(const struct portplan *plan, const struct planned_route *planned,
			struct step_env *env)
{
	int there = has_route(plan, &planned->route, planned->table);

	if (there < 0)
		return unknown(plan, env, "routes", there);
	return there ? 0 : missing(plan, env, "route to", &planned->route.to);
}

int portplan_verify(const struct portplan *plan, struct step_env *env)
{
	int result = verify_link(plan, env);

	for (size_t i = 0; i < plan->n_addresses && !result; i++)
		result = verify_address(plan, &plan->addresses[i], env);
	for (size_t i = 0; i < plan->n_routes && !result; i++)
		result = verify_route(plan, &plan->routes[i], env);
	return result;
}

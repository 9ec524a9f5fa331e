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
#include "net/rtnl.h"
#include "step/job.h"

/* "HI" and the device: a table of its own for each port. */
#define TABLE_BASE	0x48490000u

struct portplan {
	const struct port_config *config;
	struct port port;
	uint32_t table;
	struct ip_prefix *addresses;
	size_t n_addresses;
	struct route_config *connected;	/* the networks of the addresses, for the table */
	size_t n_connected;
};

void mac_format(const uint8_t mac[6], char text[MAC_TEXT])
{
	snprintf(text, MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
		 mac[4], mac[5]);
}

static unsigned int full_length(const struct ip_prefix *ip)
{
	return ip->family == AF_INET ? 32 : 128;
}

/* The network that @ip is in. */
static struct ip_prefix network_of(const struct ip_prefix *ip)
{
	struct ip_prefix network = *ip;

	for (unsigned int bit = ip->prefix; bit < full_length(ip); bit++)
		network.addr[bit / 8] &= (uint8_t)~(0x80 >> bit % 8);
	return network;
}

/* Link-local addresses mean a device each, so no rule is needed for them. */
static bool needs_rule(const struct ip_prefix *ip)
{
	return !ip_is_link_local(ip);
}

static bool has_connected(const struct portplan *plan, const struct ip_prefix *network)
{
	for (size_t i = 0; i < plan->n_connected; i++)
		if (port_owns(&plan->connected[i].to, 1, network))
			return true;
	return false;
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
	plan->connected = must_calloc(plan->n_addresses + 1, sizeof(*plan->connected));
	for (size_t i = 0; i < plan->n_addresses; i++) {
		struct ip_prefix network = network_of(&plan->addresses[i]);

		if (needs_rule(&plan->addresses[i]) && network.prefix < full_length(&network) &&
		    !has_connected(plan, &network))
			plan->connected[plan->n_connected++].to = network;
	}
	return plan;
}

void portplan_free(struct portplan *plan)
{
	if (!plan)
		return;
	free(plan->addresses);
	free(plan->connected);
	free(plan);
}

struct netbatch *portplan_take(const struct portplan *plan, bool cycle)
{
	struct netbatch *batch = netbatch_new();
	const struct port_config *config = plan->config;
	int ifindex = plan->port.ifindex;

	if (cycle)
		netbatch_link(batch, ifindex, NULL, false);
	netbatch_link(batch, ifindex, config->mac, !cycle);
	if (cycle)
		netbatch_link(batch, ifindex, NULL, true);
	for (size_t i = 0; i < plan->n_addresses; i++)
		netbatch_address(batch, ifindex, &plan->addresses[i], true);
	for (size_t i = 0; i < plan->n_connected; i++)
		netbatch_route(batch, ifindex, &plan->connected[i], plan->table, true);
	for (size_t i = 0; i < config->n_routes; i++) {
		netbatch_route(batch, ifindex, &config->routes[i], RT_TABLE_MAIN, true);
		netbatch_route(batch, ifindex, &config->routes[i], plan->table, true);
	}
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

static bool same_prefix(const struct ip_prefix *a, const struct ip_prefix *b)
{
	return port_owns(a, 1, b);
}

static int is_address(const struct rtnl_address *address, void *data)
{
	const struct wanted *wanted = data;

	return address->ifindex == wanted->plan->port.ifindex &&
	       same_prefix(wanted->ip, &address->ip) &&
	       !(address->flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED));
}

static int is_route(const struct rtnl_route *route, void *data)
{
	const struct wanted *wanted = data;
	const struct route_config *a = wanted->route, *b = &route->route;

	return route->ifindex == wanted->plan->port.ifindex && route->table == wanted->table &&
	       same_prefix(&a->to, &b->to) && a->has_via == b->has_via &&
	       (!a->has_via || !memcmp(a->via.addr, b->via.addr, full_length(&a->via) / 8));
}

static int is_rule(const struct rtnl_rule *rule, void *data)
{
	const struct wanted *wanted = data;

	return rule->table == wanted->table && rule->from.family == wanted->ip->family &&
	       rule->from.prefix == full_length(wanted->ip) &&
	       !memcmp(rule->from.addr, wanted->ip->addr, full_length(wanted->ip) / 8);
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

int portplan_judge(const struct portplan *plan, const struct netbatch *batch, struct step_env *env)
{
	struct netbatch_failure failure;
	size_t at = 0;

	while (netbatch_next_failure(batch, &at, &failure)) {
		int there = failure.route && failure.error == -EEXIST ?
			    has_route(plan, failure.route, failure.table) : 0;

		if (there < 0)
			return unknown(plan, env, "routes", there);
		if (there)
			continue;
		return job_fail(env, failure.error, "%s: %s: %s", plan->port.name, failure.what,
				*failure.text ? failure.text : strerror(-failure.error));
	}
	return 0;
}

static int missing(const struct portplan *plan, struct step_env *env, const char *what,
		   const struct ip_prefix *ip)
{
	char text[IP_PREFIX_TEXT];

	ip_prefix_format(ip, text, sizeof(text));
	return job_fail(env, EADDRNOTAVAIL, "%s does not have the %s %s; something took it off again",
			plan->port.name, what, text);
}

static int verify_link(const struct portplan *plan, struct step_env *env)
{
	char is[MAC_TEXT], should[MAC_TEXT];
	struct rtnl_link link;
	int result = rtnl_link_get(plan->port.ifindex, &link);

	if (result)
		return job_fail(env, result, "%s: %m", plan->port.name);
	mac_format(link.mac, is);
	mac_format(plan->config->mac, should);
	if (strcmp(is, should))
		return job_fail(env, EIO, "%s has the MAC address %s instead of %s",
				plan->port.name, is, should);
	return 0;
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

static int verify_route(const struct portplan *plan, const struct route_config *route,
			uint32_t table, struct step_env *env)
{
	int there = has_route(plan, route, table);

	if (there < 0)
		return unknown(plan, env, "routes", there);
	return there ? 0 : missing(plan, env, "route to", &route->to);
}

int portplan_verify(const struct portplan *plan, struct step_env *env)
{
	const struct port_config *config = plan->config;
	int result = verify_link(plan, env);

	for (size_t i = 0; i < plan->n_addresses && !result; i++)
		result = verify_address(plan, &plan->addresses[i], env);
	for (size_t i = 0; i < plan->n_connected && !result; i++)
		result = verify_route(plan, &plan->connected[i], plan->table, env);
	for (size_t i = 0; i < config->n_routes && !result; i++) {
		result = verify_route(plan, &config->routes[i], RT_TABLE_MAIN, env);
		if (!result)
			result = verify_route(plan, &config->routes[i], plan->table, env);
	}
	return result;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * A network port of the identity: its MAC address, addresses and routes.
 *
 * Staged, the port is up with its own MAC address and no IP address, so that
 * the link and the switch are ready, and port_sysctl.h keeps it from speaking. All
 * that a takeover changes is one batch of netlink requests, encoded then.
 *
 * Several identities may be armed for one port (portshare.h). The first one
 * that is taken has it; until it is released the others can be neither armed
 * nor taken, and their undo leaves the port alone.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/netbatch.h"
#include "net/port.h"
#include "net/port_sysctl.h"
#include "net/portplan.h"
#include "net/portshare.h"
#include "net/privileged.h"
#include "net/rtnl.h"
#include "step/job.h"

#define UNDO_STATE_KIND	PORTSHARE_KIND
#define WANTS_IPV6	"identity-has-ipv6"

struct net {
	struct port port;
	bool shared;			/* somebody else may have changed what was staged */
	struct portplan *plan;		/* NULL until staged, as the batch is */
	struct netbatch *batch;		/* what take sends */
};

static const struct port_config *config_of(const struct step *step, const struct step_env *env)
{
	return &env->identity->ports[step->item];
}

static struct net *net_of(struct step *step)
{
	if (!step->priv)
		step->priv = must_calloc(1, sizeof(struct net));
	return step->priv;
}

static void net_free(struct step *step)
{
	struct net *net = step->priv;

	if (net) {
		netbatch_free(net->batch);
		portplan_free(net->plan);
	}
	free(net);
	step->priv = NULL;
}

static bool mac_parse(const char *text, uint8_t mac[6])
{
	return sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", &mac[0], &mac[1], &mac[2],
		      &mac[3], &mac[4], &mac[5]) == 6;
}

/*
 * The device. Once staged it is the one that was staged: udev properties made
 * from the MAC address do not outlive a change of it.
 */
static int locate(const struct step *step, struct step_env *env, struct port *port,
		  struct undo_state *keep, bool *kept)
{
	char name[IF_NAMESIZE], number[16];
	int result = undo_state_load(env, UNDO_STATE_KIND, step->item, keep);

	*kept = false;
	if (result && result != -ENOENT)
		return job_fail(env, result, "what the port was before cannot be read in %s: %s",
				env->run_dir, strerror(-result));
	if (!result && undo_state_get(keep, "port", name, sizeof(name)) &&
	    undo_state_get(keep, "ifindex", number, sizeof(number)) &&
	    (int)if_nametoindex(name) == atoi(number)) {
		strcpy(port->name, name);
		port->ifindex = atoi(number);
		*kept = true;
		return 0;
	}
	memset(keep, 0, sizeof(*keep));
	return port_find(config_of(step, env), port, env);
}

struct same_mac {
	const struct port_config *config;
	const struct port *port;
	struct step_env *env;
};

static int check_mac(const struct rtnl_link *link, void *data)
{
	const struct same_mac *same = data;
	char text[MAC_TEXT];

	if (link->ifindex == same->port->ifindex || !link->has_mac ||
	    memcmp(link->mac, same->config->mac, 6))
		return 0;
	mac_format(link->mac, text);
	return job_fail(same->env, EADDRINUSE, "%s is the MAC address of %s of this node already; give the identity another one",
			text, link->name);
}

/* The port may become the identity's: nothing of the node's own depends on it. */
static int check_port(const struct port_config *config, const struct port *port,
		      struct step_env *env)
{
	struct same_mac same = { .config = config, .port = port, .env = env };
	int result = privileged_check(config, port, env);

	if (result)
		return result;
	result = rtnl_links(check_mac, &same);
	if (result && !*env->message)
		job_fail(env, result, "the links of this node: %s", strerror(-result));
	return result;
}

static int net_validate(struct step *step, struct step_env *env)
{
	const struct port_config *config = config_of(step, env);
	struct portshare share = { 0 };
	struct port port;
	bool kept, shared;
	struct undo_state keep;
	int result = locate(step, env, &port, &keep, &kept);

	if (!result)
		result = portshare_find(&port, &share, env);
	if (result > 0 && share.here)
		return portshare_refuse(&port, &share, env);
	if (result < 0)
		return result;
	shared = result;
	for (size_t i = 0; i < env->identity->n_ports; i++) {
		result = i == step->item ? 0 : port_matches(&env->identity->ports[i], &port, env);
		if (result > 0)
			return job_fail(env, ENOTUNIQ, "%s is matched by two ports of the identity; make their properties differ",
					port.name);
		if (result < 0)
			return result;
	}
	result = check_port(config, &port, env);
	if (!result)
		job_say(env, "%s%s%s%s", port.name, shared ? ", for which identity " : "",
			share.identity, shared ? " is armed too" : "");
	return result;
}

/* The last line is the identity's own; the rest may be copied from one to the other. */
static int keep_wants(const struct step *step, struct step_env *env, struct undo_state *keep)
{
	bool ipv6 = port_has_family(config_of(step, env), AF_INET6);

	if (!undo_state_put(keep, WANTS_IPV6, ipv6 ? "1" : "0"))
		return job_fail(env, ENOSPC, "the port's settings do not fit");
	return undo_state_save(env, UNDO_STATE_KIND, step->item, keep);
}

static bool wants_ipv6(const struct undo_state *keep)
{
	char value[2] = "1";

	return undo_state_get(keep, WANTS_IPV6, value, sizeof(value)) ? *value == '1' : true;
}

static int remember(const struct step *step, struct step_env *env, const struct port *port,
		    const struct portshare *share, struct undo_state *keep)
{
	char number[16], mac[MAC_TEXT];
	struct rtnl_link link;
	char *own;
	int result;

	if (share) {
		/* It is staged already; how it was before, the other one knows. */
		*keep = share->keep;
		own = strstr(keep->text, WANTS_IPV6);
		if (own)
			*own = '\0';
		return keep_wants(step, env, keep);
	}
	result = rtnl_link_get(port->ifindex, &link);
	if (result)
		return job_fail(env, result, "%s: %s", port->name, strerror(-result));
	/* A takeover whose memory was lost: what is there now is not its own. */
	if (!memcmp(link.mac, config_of(step, env)->mac, 6) && link.has_own_mac)
		memcpy(link.mac, link.own_mac, 6);
	snprintf(number, sizeof(number), "%d", port->ifindex);
	mac_format(link.mac, mac);
	memset(keep, 0, sizeof(*keep));
	if (!undo_state_put(keep, "port", port->name) || !undo_state_put(keep, "ifindex", number) ||
	    !undo_state_put(keep, "mac", mac) ||
	    !undo_state_put(keep, "up", link.flags & IFF_UP ? "1" : "0") ||
	    !port_sysctl_save(port, keep))
		return job_fail(env, ENOSPC, "%s: its settings do not fit", port->name);
	return keep_wants(step, env, keep);
}

struct strangers {
	const struct port *port;
	const struct ip_prefix *owned;
	size_t n_owned;
};

static int is_stranger(const struct rtnl_address *address, void *data)
{
	const struct strangers *known = data;

	return address->ifindex == known->port->ifindex && address->ip.family == AF_INET6 &&
	       !port_owns(known->owned, known->n_owned, &address->ip);
}

/* Link-local addresses that the kernel made before it was told not to. */
static int drop_strangers(const struct port_config *config, const struct port *port,
			  struct step_env *env)
{
	struct ip_prefix *owned;
	struct strangers known = { .port = port };
	int result;

	known.owned = owned = port_addresses(config, &known.n_owned);
	result = rtnl_addresses(is_stranger, &known);
	free(owned);
	if (result < 0)
		return job_fail(env, result, "%s: its addresses: %s", port->name, strerror(-result));
	return result ? port_sysctl_flush_ipv6(port, port_has_family(config, AF_INET6), env) : 0;
}

static int link_up(const struct port *port, struct step_env *env)
{
	struct netbatch *batch = netbatch_new();
	struct netbatch_failure failure;
	size_t at = 0;
	int result;

	netbatch_link(batch, port->ifindex, NULL, true);
	result = netbatch_send(batch, env);
	if (result > 0 && netbatch_next_failure(batch, &at, &failure))
		result = job_fail(env, failure.error, "%s: %s: %s", port->name, failure.what,
				  *failure.text ? failure.text : strerror(-failure.error));
	netbatch_free(batch);
	return result;
}

/* A port without a link would take the identity and serve nobody. */
static int wait_for_link(const struct port *port, struct step_env *env)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct rtnl_link link;
	char buffer[16384];
	int result;

	if (!socket)
		return job_fail(env, errno, "rtnetlink: %s", strerror(errno));
	if (mnl_socket_bind(socket, RTMGRP_LINK, MNL_SOCKET_AUTOPID) < 0) {
		result = job_fail(env, errno, "rtnetlink: %s", strerror(errno));
		goto close;
	}
	for (;;) {
		struct pollfd fd = { .fd = mnl_socket_get_fd(socket), .events = POLLIN };

		result = rtnl_link_get(port->ifindex, &link);
		if (result) {
			job_fail(env, result, "%s: %s", port->name, strerror(-result));
			break;
		}
		if (link.flags & IFF_RUNNING)
			break;
		result = job_poll(env, &fd, 1, UINT64_MAX);
		if (result < 0) {
			job_end(env, result, "%s: no link; is the cable in and the switch port on? Not",
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

/*
 * Remembers how the port was, quietens it and gets the link ready. Under the
 * lock: what quietens a port would silence one that another identity has taken.
 */
static int prepare(struct step *step, struct step_env *env)
{
	const struct port_config *config = config_of(step, env);
	struct net *net = net_of(step);
	struct portshare share;
	struct undo_state keep;
	bool kept;
	int result = locate(step, env, &net->port, &keep, &kept);

	if (result)
		return result;
	result = portshare_find(&net->port, &share, env);
	if (result > 0 && share.here)
		return portshare_refuse(&net->port, &share, env);
	if (result < 0)
		return result;
	net->shared = result;
	result = kept ? 0 : remember(step, env, &net->port, net->shared ? &share : NULL, &keep);
	if (!result)
		result = port_sysctl_silence(&net->port, port_has_family(config, AF_INET6), env);
	if (!result)
		result = drop_strangers(config, &net->port, env);
	if (!result)
		result = link_up(&net->port, env);
	if (result)
		return result;
	netbatch_free(net->batch);
	portplan_free(net->plan);
	net->plan = portplan_new(config, &net->port);
	net->batch = portplan_take(net->plan, false);
	return 0;
}

static int net_stage(struct step *step, struct step_env *env)
{
	const struct net *net;
	int result;

	portshare_lock();
	result = prepare(step, env);
	portshare_unlock();
	if (result)
		return result;
	net = step->priv;
	result = wait_for_link(&net->port, env);
	if (!result)
		job_say(env, "%s is up and quiet", net->port.name);
	return result;
}

/* Under the lock. All may have changed since the port was staged, so it is asked again. */
static int take_port(struct step *step, struct step_env *env)
{
	const struct port_config *config = config_of(step, env);
	struct net *net = net_of(step);
	struct netbatch_failure failure;
	struct portshare share;
	size_t at = 0;
	int result = net->batch ? portshare_find(&net->port, &share, env) : 0;

	if (result > 0 && share.here)
		return portshare_refuse(&net->port, &share, env);
	if (result >= 0 && (!net->batch || net->shared || result))
		result = prepare(step, env);
	if (!result)
		result = check_port(config, &net->port, env);
	if (!result)
		result = netbatch_send(net->batch, env);
	if (result > 0 && netbatch_next_failure(net->batch, &at, &failure) && failure.mac &&
	    failure.error == -EBUSY) {
		netbatch_free(net->batch);
		net->batch = portplan_take(net->plan, true);
		result = netbatch_send(net->batch, env);
	}
	if (result > 0)
		result = portplan_judge(net->plan, net->batch, env);
	if (!result)
		job_say(env, "%s has the MAC address, %zu address%s and %zu route%s",
			net->port.name, config->n_addresses, config->n_addresses == 1 ? "" : "es",
			config->n_routes, config->n_routes == 1 ? "" : "s");
	return result;
}

static int net_take(struct step *step, struct step_env *env)
{
	int result;

	portshare_lock();
	result = take_port(step, env);
	portshare_unlock();
	return result;
}

static int net_verify(struct step *step, struct step_env *env)
{
	struct portplan *plan;
	struct port port;
	struct undo_state keep;
	bool kept;
	int result = locate(step, env, &port, &keep, &kept);

	/* A driver that had to take the link down for the MAC needs a moment. */
	if (!result)
		result = wait_for_link(&port, env);
	if (result)
		return result;
	plan = portplan_new(config_of(step, env), &port);
	result = portplan_verify(plan, env);
	portplan_free(plan);
	if (!result)
		job_say(env, "%s", port.name);
	return result;
}

/*
 * Its own MAC address: as remembered, else as the hardware has it. 1; 0 when
 * that is not known; or a negative errno with the message set.
 */
static int own_mac(const struct port *port, const struct undo_state *keep, uint8_t mac[6],
		   struct step_env *env)
{
	struct rtnl_link link;
	char text[MAC_TEXT];
	int result;

	if (undo_state_get(keep, "mac", text, sizeof(text)) && mac_parse(text, mac))
		return 1;
	result = rtnl_link_get(port->ifindex, &link);
	if (result)
		return job_fail(env, result, "%s: its own MAC address: %s", port->name,
				strerror(-result));
	if (!link.has_own_mac)
		return 0;
	memcpy(mac, link.own_mac, 6);
	return 1;
}

/*
 * Whether it bears the identity although nothing was remembered: the run
 * directory is gone. 1, 0, or a negative errno with the message set.
 */
static int bears_identity(const struct step *step, struct step_env *env, const struct port *port)
{
	const uint8_t *mac = config_of(step, env)->mac;
	struct rtnl_link link;
	int result;

	if (!env->taken)
		return 0;
	result = rtnl_link_get(port->ifindex, &link);
	if (result == -ENODEV)
		return 0;
	if (result)
		return job_fail(env, result, "%s: whether it has the identity's MAC address: %s",
				port->name, strerror(-result));
	return link.has_mac && !memcmp(link.mac, mac, 6);
}

static int send_undo(const struct step *step, struct step_env *env, const struct port *port,
		     const struct undo_state *keep)
{
	struct portplan *plan = portplan_new(config_of(step, env), port);
	struct netbatch *batch;
	uint8_t mac[6];
	int result = own_mac(port, keep, mac, env);

	if (result >= 0) {
		batch = portplan_undo(plan, result ? mac : NULL);
		result = netbatch_send(batch, env);
		if (result > 0)
			result = portplan_judge(plan, batch, env);
		netbatch_free(batch);
	}
	portplan_free(plan);
	return result;
}

/* What the port becomes when the identity is off it: as it was, or quiet for the other one. */
static int hand_back(const struct port *port, const struct undo_state *keep,
		     const struct portshare *share, struct step_env *env)
{
	char up[2] = "0";

	if (share) {
		int result = port_sysctl_silence(port, wants_ipv6(&share->keep), env);

		return result ? result : link_up(port, env);
	}
	port_sysctl_restore(port, keep);
	return undo_state_get(keep, "up", up, sizeof(up)) && *up == '1' ? link_up(port, env) : 0;
}

/* Under the lock. */
static int undo_port(struct step *step, struct step_env *env)
{
	struct portshare share;
	struct port port;
	struct undo_state keep;
	bool kept, shared;
	int result = locate(step, env, &port, &keep, &kept);

	if (result == -ENODEV) {
		undo_state_drop(env, UNDO_STATE_KIND, step->item);
		job_say(env, "the port is gone");
		return 0;
	}
	if (result)
		return result;
	result = kept ? 1 : bears_identity(step, env, &port);
	if (result < 0)
		return result;
	if (!result) {
		job_say(env, "%s was not touched", port.name);
		return 0;
	}
	result = portshare_find(&port, &share, env);
	if (result < 0)
		return result;
	shared = result;
	if (!shared || (env->taken && !share.here))
		result = send_undo(step, env, &port, &keep);
	else
		result = 0;
	if (!result && (!shared || !share.here))
		result = hand_back(&port, &keep, shared ? &share : NULL, env);
	if (result)
		return result;
	undo_state_drop(env, UNDO_STATE_KIND, step->item);
	net_free(step);
	job_say(env, "%s is %s%s", port.name, shared ? "left to identity " : "as it was",
		shared ? share.identity : "");
	return 0;
}

static int net_undo(struct step *step, struct step_env *env)
{
	int result;

	portshare_lock();
	result = undo_port(step, env);
	portshare_unlock();
	return result;
}

const struct kind kind_net = {
	.name = "net",
	.stage = HOTID_STAGE_NET,
	.validate = net_validate,
	.stage_ahead = net_stage,
	.take = net_take,
	.verify = net_verify,
	.undo = net_undo,
	.free = net_free,
};

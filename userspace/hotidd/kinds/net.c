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
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/netbatch.h"
#include "net/port.h"
#include "net/port_link.h"
#include "net/port_sysctl.h"
#include "net/port_undo.h"
#include "net/portplan.h"
#include "net/portshare.h"
#include "net/privileged.h"
#include "net/rtnl.h"
#include "step/job.h"

struct net {
	struct port port;
	bool shared;			/* another identity may have changed what was staged */
	struct portplan *plan;		/* NULL until staged, as the batch is */
	struct netbatch *batch;		/* what take sends */
};

static struct net *net_of(struct step *step)
{
	if (!step->priv)
		step->priv = must_calloc(1, sizeof(struct net));
	return step->priv;
}

static void net_clear(struct net *net)
{
	netbatch_free(net->batch);
	portplan_free(net->plan);
	*net = (struct net){ 0 };
}

static void net_free(struct step *step)
{
	if (step->priv)
		net_clear(step->priv);
	free(step->priv);
	step->priv = NULL;
}

/*
 * One worker at a time changes ports: from the look at who has one to the
 * change that follows from it.
 */
static int one_at_a_time(int (*verb)(struct step *step, struct step_env *env), struct step *step,
			 struct step_env *env)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	int result;

	pthread_mutex_lock(&mutex);
	result = verb(step, env);
	pthread_mutex_unlock(&mutex);
	return result;
}

static int net_validate(struct step *step, struct step_env *env)
{
	struct portshare share = { 0 };
	struct port port;
	bool shared;
	struct undo_state keep;
	int result = port_undo_locate(env, step->item, &port, &keep);

	if (result >= 0)
		result = portshare_check(&port, &share, env);
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
	result = privileged_check(&env->identity->ports[step->item], &port, env);
	if (result)
		return result;
	if (shared)
		job_say(env, "%s, for which identity %s is armed too", port.name, share.identity);
	else
		job_say(env, "%s", port.name);
	return 0;
}

/*
 * Remembers how the port was, silences it and gets the link ready. Under the
 * lock: it would silence one that another identity has taken.
 */
static int net_prepare(struct step *step, struct step_env *env)
{
	const struct port_config *config = &env->identity->ports[step->item];
	bool ipv6 = port_has_family(config, AF_INET6);
	struct portshare share;
	struct undo_state keep;
	struct net *net = net_of(step);
	int result, kept;

	net_clear(net);
	kept = port_undo_locate(env, step->item, &net->port, &keep);
	result = kept < 0 ? kept : portshare_check(&net->port, &share, env);
	if (result < 0)
		return result;
	net->shared = result;
	net->plan = portplan_new(config, &net->port);
	result = kept ? 0 : port_undo_save(env, step->item, &net->port,
					   net->shared ? &share : NULL, &keep);
	if (!result)
		result = port_sysctl_silence(&net->port, ipv6, env);
	if (!result)
		result = portplan_has_foreign(net->plan, env);
	if (result > 0)
		result = port_sysctl_flush_ipv6(&net->port, ipv6, env);
	if (!result)
		result = port_link_up(&net->port, env);
	if (!result)
		net->batch = portplan_take(net->plan, false);
	return result;
}

static int net_stage(struct step *step, struct step_env *env)
{
	const struct port *port = &net_of(step)->port;
	int result = one_at_a_time(net_prepare, step, env);

	if (!result)
		result = port_link_wait(port, env);
	if (!result)
		job_say(env, "%s is up and quiet", port->name);
	return result;
}

/* Under the lock. All may have changed since the port was staged, so it is checked again. */
static int take_port(struct step *step, struct step_env *env)
{
	const struct port_config *config = &env->identity->ports[step->item];
	struct net *net = net_of(step);
	const struct netbatch_part *failure;
	struct portshare share;
	size_t at = 0;
	int result = net->batch ? portshare_check(&net->port, &share, env) : 0;

	if (result >= 0 && (!net->batch || net->shared || result))
		result = net_prepare(step, env);
	if (!result)
		result = privileged_check(config, &net->port, env);
	if (!result)
		result = netbatch_send(net->batch, env);
	failure = result > 0 ? netbatch_next_failure(net->batch, &at) : NULL;
	if (failure && failure->mac && failure->error == -EBUSY) {
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
	return one_at_a_time(take_port, step, env);
}

static int net_verify(struct step *step, struct step_env *env)
{
	struct portplan *plan;
	struct port port;
	struct undo_state keep;
	int result = port_undo_locate(env, step->item, &port, &keep);

	/* A driver that had to take the link down for the MAC needs a moment. */
	if (result >= 0)
		result = port_link_wait(&port, env);
	if (result)
		return result;
	plan = portplan_new(&env->identity->ports[step->item], &port);
	result = portplan_verify(plan, env);
	portplan_free(plan);
	if (!result)
		job_say(env, "%s", port.name);
	return result;
}

/*
 * Whether it bears the identity although nothing was remembered: the run
 * directory is gone. 1, 0, or a negative errno with the message set.
 */
static int bears_identity(const struct step *step, struct step_env *env, const struct port *port)
{
	const uint8_t *mac = env->identity->ports[step->item].mac;
	struct rtnl_link link;
	int result;

	if (!env->taken)
		return 0;
	result = rtnl_link_get(port->ifindex, &link);
	if (result == -ENODEV)
		return 0;
	if (result)
		return job_fail(env, result, "%s: whether it has the identity's MAC address: %m",
				port->name);
	return link.has_mac && !memcmp(link.mac, mac, 6);
}

static int send_undo(const struct step *step, struct step_env *env, const struct port *port,
		     const struct undo_state *keep)
{
	struct portplan *plan = portplan_new(&env->identity->ports[step->item], port);
	struct netbatch *batch;
	uint8_t mac[6];
	int result = port_undo_mac(port, keep, mac, env);

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
		int result = port_sysctl_silence(port, port_undo_wants_ipv6(&share->keep), env);

		return result ? result : port_link_up(port, env);
	}
	port_sysctl_restore(port, keep);
	if (!undo_state_get(keep, "up", up, sizeof(up)) || *up != '1')
		return 0;
	return port_link_up(port, env);
}

/* Under the lock. */
static int undo_port(struct step *step, struct step_env *env)
{
	struct portshare share;
	struct port port;
	struct undo_state keep;
	bool shared;
	int result = port_undo_locate(env, step->item, &port, &keep);

	if (result == -ENODEV) {
		undo_state_drop(env, PORTSHARE_KIND, step->item);
		job_say(env, "the port is gone");
		return 0;
	}
	if (!result)
		result = bears_identity(step, env, &port);
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
	result = !shared || (env->taken && !share.here) ?
		 send_undo(step, env, &port, &keep) : 0;
	if (!result && (!shared || !share.here))
		result = hand_back(&port, &keep, shared ? &share : NULL, env);
	if (result)
		return result;
	undo_state_drop(env, PORTSHARE_KIND, step->item);
	net_free(step);
	if (shared)
		job_say(env, "%s is left to identity %s", port.name, share.identity);
	else
		job_say(env, "%s is as it was", port.name);
	return 0;
}

static int net_undo(struct step *step, struct step_env *env)
{
	return one_at_a_time(undo_port, step, env);
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

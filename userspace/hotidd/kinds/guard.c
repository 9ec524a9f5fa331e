// SPDX-License-Identifier: GPL-2.0
/*
 * The module's guard of all ports of the identity: no frame leaves them unless this node
 * holds it, and has the leases of a majority of its voters.
 *
 * It comes first and is undone last, so that nothing else of the identity is on a port
 * without it. It is not there while the identity is only armed: another identity may
 * have the port then.
 */
#include <errno.h>
#include <string.h>

#include "hotid_daemon.h"
#include "net/port_undo.h"
#include "step/job.h"

static int find_ports(struct step_env *env, struct hotid_guard *guard)
{
	struct undo_state keep;
	struct port port;
	int result;

	for (size_t i = 0; i < env->identity->n_ports; i++) {
		result = port_undo_locate(env, i, &port, &keep);
		if (result < 0)
			return result;
		guard->ports[guard->n_ports++].ifindex = (uint32_t)port.ifindex;
	}
	return 0;
}

/* The voters that are found, with those that are not. */
struct search {
	const struct identity_config *identity;
	struct hotid_guard *guard;
	bool found[HOTID_MAX_VOTERS];
};

static int look_at_node(struct search *search, const char *name, const uint8_t id[HOTID_ID_LEN])
{
	for (size_t i = 0; i < search->identity->n_voters; i++) {
		if (strcmp(search->identity->voters[i], name))
			continue;
		search->found[i] = true;
		memcpy(search->guard->voters[i].id, id, HOTID_ID_LEN);
	}
	return 0;
}

static int look_at_peer(const struct hotid_peer *peer, void *data)
{
	return look_at_node(data, peer->name, peer->id);
}

/* By their names, which are those of the peers and of this node. */
static int find_voters(struct hotid *h, struct step_env *env, struct hotid_guard *guard)
{
	struct search search = { .identity = env->identity, .guard = guard };
	struct hotid_node node;
	int result = hotid_node_get(h, &node);

	if (!result) {
		look_at_node(&search, node.name, node.id);
		hotid_node_clear(&node);
		result = hotid_peer_dump(h, look_at_peer, &search);
	}
	if (result)
		return job_fail(env, result, "the voters: %s", hotid_strerror(h, result));
	guard->n_voters = env->identity->n_voters;
	for (size_t i = 0; i < guard->n_voters; i++)
		if (!search.found[i])
			return job_fail(env, ENOENT, "voters: %s is neither this node nor one of its peers; add it to node.yaml, or correct the name",
					env->identity->voters[i]);
	return 0;
}

static int find_all(struct hotid *h, struct step_env *env, struct hotid_guard *guard)
{
	int result = find_ports(env, guard);

	return result ? result : find_voters(h, env, guard);
}

/* A connection for one verb, which is @does. */
static int with_module(struct step_env *env, int (*does)(struct hotid *h, struct step_env *env))
{
	struct hotid *h;
	int result = hotid_open(&h);

	if (result)
		return job_fail(env, result, "the module: %s", hotid_strerror(NULL, result));
	result = does(h, env);
	hotid_close(h);
	return result;
}

static int validate(struct hotid *h, struct step_env *env)
{
	struct hotid_guard guard = { 0 };
	int result = find_all(h, env, &guard);

	if (!result)
		job_say(env, "%zu voters, %zu of them are needed", guard.n_voters,
			guard.n_voters / 2 + 1);
	return result;
}

static int guard_validate(struct step *step, struct step_env *env)
{
	return with_module(env, validate);
}

static int guard_stage(struct step *step, struct step_env *env)
{
	job_say(env, "the ports are guarded once they are taken");
	return 0;
}

static int take(struct hotid *h, struct step_env *env)
{
	struct hotid_guard guard = { 0 };
	int result = find_all(h, env, &guard);

	if (result)
		return result;
	result = hotid_identity_guard(h, env->identity->name, &guard);
	if (result)
		return job_fail(env, result, "%s", hotid_strerror(h, result));
	job_say(env, "frames leave by the leases of %zu of %zu voters", guard.n_voters / 2 + 1,
		guard.n_voters);
	return 0;
}

static int guard_take(struct step *step, struct step_env *env)
{
	return with_module(env, take);
}

static bool same_guard(const struct hotid_guard *a, const struct hotid_guard *b)
{
	return a->n_ports == b->n_ports && a->n_voters == b->n_voters &&
	       !memcmp(a->ports, b->ports, sizeof(a->ports)) &&
	       !memcmp(a->voters, b->voters, sizeof(a->voters));
}

static int verify(struct hotid *h, struct step_env *env)
{
	struct hotid_guard wanted = { 0 };
	struct hotid_identity identity;
	int result = find_all(h, env, &wanted);

	if (result)
		return result;
	result = hotid_identity_get(h, env->identity->name, &identity);
	if (result)
		return job_fail(env, result, "%s", hotid_strerror(h, result));
	if (!same_guard(&identity.guard, &wanted))
		result = job_fail(env, ENOLCK, "the module guards other ports, or by other voters");
	hotid_identity_clear(&identity);
	return result;
}

static int guard_verify(struct step *step, struct step_env *env)
{
	return with_module(env, verify);
}

static int undo(struct hotid *h, struct step_env *env)
{
	static const struct hotid_guard none;
	struct hotid_identity identity;
	int result = hotid_identity_get(h, env->identity->name, &identity);

	/* To guard an identity that the module does not know would declare it. */
	if (result == -ENOENT)
		return 0;
	if (!result) {
		hotid_identity_clear(&identity);
		result = hotid_identity_guard(h, env->identity->name, &none);
	}
	return result ? job_fail(env, result, "%s", hotid_strerror(h, result)) : 0;
}

static int guard_undo(struct step *step, struct step_env *env)
{
	struct hotid *h;
	int result = hotid_open(&h);

	/* The guard went with the module. */
	if (result == HOTID_ERR_NO_MODULE)
		return 0;
	if (result)
		return job_fail(env, result, "the module: %s", hotid_strerror(NULL, result));
	result = undo(h, env);
	hotid_close(h);
	return result;
}

const struct kind kind_guard = {
	.name = "guard",
	.stage = HOTID_STAGE_FENCE,
	.validate = guard_validate,
	.stage_ahead = guard_stage,
	.take = guard_take,
	.verify = guard_verify,
	.undo = guard_undo,
};

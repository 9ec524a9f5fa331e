// SPDX-License-Identifier: GPL-2.0
/*
 * An iSCSI session under the identity's initiator name, through open-iscsi.
 *
 * Staged, the records are there, iscsid runs, the kernel's session number is in
 * this node's slot (isid.h says why) and the portal answered; the identity's
 * name was not used. Logging in under it is part of the fence stage, because
 * the target shows the LUNs to nobody else; it writes nothing, and the
 * reservation comes next.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "config/portal.h"
#include "net/port.h"
#include "net/rtnl.h"
#include "step/apart.h"
#include "step/job.h"
#include "storage/iscsi_login.h"
#include "storage/iscsi_records.h"
#include "storage/iscsid.h"
#include "storage/isid.h"
#include "storage/isid_slot.h"
#include "storage/session.h"

#define MAX_LOGINS	3

struct iscsi {
	bool staged;
	struct isid_slot slot;
	unsigned int logins;	/* that the slot is to have numbers for */
};

static struct iscsi *iscsi_of(struct step *step)
{
	if (!step->priv)
		step->priv = must_calloc(1, sizeof(struct iscsi));
	return step->priv;
}

static void iscsi_free(struct step *step)
{
	free(step->priv);
	step->priv = NULL;
}

/* The portal must not be reached through a port that is about to change. */
static int check_portal_route(const struct step *step, struct step_env *env)
{
	const struct iscsi_config *config = &env->identity->iscsi[step->item];
	struct portal portal;
	int ifindex, result;

	portal_parse(config->portal, &portal);
	result = rtnl_route_to(portal.ip.family, portal.ip.addr, NULL, &ifindex);
	if (result)
		return job_fail(env, result, "there is no route to the portal %s (%m); the node needs one of its own",
				config->portal);
	for (size_t i = 0; i < env->identity->n_ports; i++) {
		struct port port;

		if (!port_find(&env->identity->ports[i], &port, env) && port.ifindex == ifindex)
			return job_fail(env, EACCES, "the portal %s is reached through %s, a port of the identity; the node needs a way of its own to it",
					config->portal, port.name);
	}
	return 0;
}

static int iscsi_validate(struct step *step, struct step_env *env)
{
	char path[64], iface[SESSION_IFACE_MAX];
	struct isid_slot slot;
	int result;

	if (!session_iface(env->identity, step->item, iface))
		return job_fail(env, ENAMETOOLONG, "the identity's name is too long for open-iscsi, which takes %d letters; shorten it",
				SESSION_IFACE_MAX - 10);
	if (job_find_program("iscsiadm", path, sizeof(path)))
		return job_fail(env, ENOENT, "there is no iscsiadm; install open-iscsi");
	result = check_portal_route(step, env);
	if (!result)
		result = isid_slot_of_node(env, &slot);
	if (!result)
		job_say(env, "slot %u of %u for session numbers", slot.number, slot.slots);
	return result;
}

/*
 * In a process apart. A kernel that makes or removes a session for a process that
 * is being killed clears the signal (iscsi_host_remove() calls flush_signals()),
 * and the process lives on, where no signal reaches it any more. As a child it ends
 * with this function.
 */
static int reserve_numbers(struct step *step, struct step_env *env)
{
	const struct iscsi *iscsi = iscsi_of(step);

	return isid_slot_reserve(&iscsi->slot, iscsi->logins, env);
}

static int remove_spent_sessions(struct step *step, struct step_env *env)
{
	(void)step;
	isid_slot_sweep(env);
	return 0;
}

static int iscsi_prepare(struct step *step, struct step_env *env)
{
	struct iscsi *iscsi = iscsi_of(step);
	size_t n = env->identity->n_iscsi;
	int result = iscsid_load_modules(env) ?:
		     iscsi_portal_reach(env, step->item) ?:
		     iscsid_start(env) ?:
		     iscsi_records_write(env, step->item) ?:
		     isid_slot_of_node(env, &iscsi->slot);

	/* The first entry does it for all of them, as far as one slot goes. */
	if (!result && !step->item) {
		iscsi->logins = n < ISID_RUN ? n : ISID_RUN;
		result = apart_run(reserve_numbers, "stage", step, env);
	}
	if (!result)
		iscsi->staged = true;
	return result;
}

static int iscsi_stage(struct step *step, struct step_env *env)
{
	int result = iscsi_prepare(step, env);

	if (!result)
		job_say(env, "ready to log in as %s", env->identity->iscsi[step->item].initiator);
	return result;
}

/* Disks are only looked for once the session was found to be in its slot. */
static bool has_disks(const struct step *step, const struct step_env *env,
		      const struct session *session)
{
	const struct iscsi_config *config = &env->identity->iscsi[step->item];
	struct session_disk disk;

	for (size_t i = 0; i < config->n_luns; i++)
		if (!session_disk(session, config->luns[i], &disk))
			return true;
	return false;
}

/*
 * A session in this node's slot. One that came out elsewhere is ended and made
 * again, but not one of an earlier run that has its disks: they may be in use.
 */
static int get_session(struct step *step, struct step_env *env, struct session *session)
{
	struct iscsi *iscsi = iscsi_of(step);
	int result;

	if (!session_find(env->identity, step->item, session) && has_disks(step, env, session))
		return iscsi_login_wait(env, step->item, session);
	result = iscsi->staged ? 0 : iscsi_prepare(step, env);
	for (int i = 0; i < MAX_LOGINS && !result; i++) {
		if (session_find(env->identity, step->item, session))
			result = iscsi_log_in(env, step->item);
		if (!result)
			result = iscsi_login_wait(env, step->item, session);
		if (result || isid_in_slot(session->sid, &iscsi->slot))
			return result;
		result = iscsi_log_out(env, step->item);
		iscsi->logins = 1;
		if (!result)
			result = apart_run(reserve_numbers, "take", step, env);
	}
	if (result)
		return result;
	return job_fail(env, EAGAIN, "session number %u is not in slot %u; others log in at the same time",
			session->sid, iscsi->slot.number);
}

/* Scans for the LUNs of the session, in a process apart since the target may not answer. */
static int find_luns(struct step *step, struct step_env *env)
{
	const struct iscsi_config *config = &env->identity->iscsi[step->item];
	struct session session;
	struct session_disk disk;
	uint64_t missing = 0;
	int result = session_find(env->identity, step->item, &session);

	if (result)
		return job_fail(env, result, "the session to %s is gone again", config->target);
	for (size_t i = 0; i < config->n_luns && !result; i++)
		if (session_disk(&session, config->luns[i], &disk))
			result = session_scan(&session, config->luns[i], env);
	if (result)
		return result;
	result = session_wait_disks(&session, config->luns, config->n_luns, &missing, env);
	if (result)
		return job_end(env, result, "LUN %llu of %s did not appear; does the target map it to %s?",
			       (unsigned long long)missing, config->target, config->initiator);
	job_say(env, "session %u, %zu LUN%s", session.sid, config->n_luns,
		config->n_luns == 1 ? "" : "s");
	return 0;
}

static int iscsi_take(struct step *step, struct step_env *env)
{
	struct session session;
	int result = get_session(step, env, &session);

	if (result)
		return result;
	session_hurry(env);
	return apart_run(find_luns, "take", step, env);
}

static int iscsi_verify(struct step *step, struct step_env *env)
{
	const struct iscsi_config *config = &env->identity->iscsi[step->item];
	struct session session;
	struct session_disk disk;

	if (session_find(env->identity, step->item, &session))
		return job_fail(env, ENOTCONN, "there is no session to %s", config->target);
	if (strcmp(session.state, "LOGGED_IN"))
		return job_fail(env, ENOTCONN, "the session to %s is %s; is the target at %s up?",
				config->target, session.state, config->portal);
	if (strcmp(session.initiator, config->initiator))
		return job_fail(env, EIO, "the session to %s is %s's instead of %s's", config->target,
				session.initiator, config->initiator);
	for (size_t i = 0; i < config->n_luns; i++)
		if (session_disk(&session, config->luns[i], &disk))
			return job_fail(env, ENODEV, "LUN %llu of %s is gone",
					(unsigned long long)config->luns[i], config->target);
	job_say(env, "session %u is logged in", session.sid);
	return 0;
}

static int iscsi_undo(struct step *step, struct step_env *env)
{
	char path[64];
	int result;

	/* Without open-iscsi nothing can have been staged or taken. */
	if (job_find_program("iscsiadm", path, sizeof(path)))
		return 0;
	result = iscsi_log_out(env, step->item);
	if (!result)
		result = iscsi_records_delete(env, step->item);
	if (result)
		return result;
	apart_call(remove_spent_sessions, "undo", step, env, NULL);
	session_forget(env, step->item);
	apart_forget(step, env);
	iscsi_free(step);
	job_say(env, "logged out of %s", env->identity->iscsi[step->item].target);
	return 0;
}

const struct kind kind_iscsi = {
	.name = "iscsi",
	.stage = HOTID_STAGE_FENCE,
	.proves = PROOF_DEVICE,
	.validate = iscsi_validate,
	.stage_ahead = iscsi_stage,
	.take = iscsi_take,
	.verify = iscsi_verify,
	.undo = iscsi_undo,
	.free = iscsi_free,
};

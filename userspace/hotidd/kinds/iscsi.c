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
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "config/portal.h"
#include "net/port.h"
#include "net/rtnl.h"
#include "step/apart.h"
#include "step/job.h"
#include "step/systemd.h"
#include "storage/iscsiadm.h"
#include "storage/isid.h"
#include "storage/isid_slot.h"
#include "storage/session.h"

#define ISCSID_SOCKET	"ISCSIADM_ABSTRACT_NAMESPACE"
#define ISCSID_UNIT	"iscsid.service"

#define POLL_MS		20	/* for what neither the kernel nor iscsid tells of */
#define MAX_LOGINS	3

struct iscsi {
	bool staged;
	struct isid_slot slot;
};

static const struct iscsi_config *config_of(const struct step *step, const struct step_env *env)
{
	return &env->identity->iscsi[step->item];
}

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
static int check_route(const struct step *step, struct step_env *env)
{
	const struct iscsi_config *config = config_of(step, env);
	struct portal portal;
	int ifindex, result;

	if (!portal_parse(config->portal, &portal))
		return job_fail(env, EINVAL, "%s: not ADDRESS:PORT", config->portal);
	result = rtnl_route_to(portal.ip.family, portal.ip.addr, NULL, &ifindex);
	if (result)
		return job_fail(env, result, "there is no route to the portal %s (%s); the node needs one of its own",
				config->portal, strerror(-result));
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
	result = check_route(step, env);
	if (!result)
		result = isid_slot_of_node(env, &slot);
	if (!result)
		job_say(env, "slot %u of %u for session numbers", slot.number, slot.slots);
	return result;
}

static bool iscsid_listens(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t length = offsetof(struct sockaddr_un, sun_path) + 1 + strlen(ISCSID_SOCKET);
	bool listens;

	if (fd < 0)
		return false;
	memcpy(address.sun_path + 1, ISCSID_SOCKET, strlen(ISCSID_SOCKET));
	listens = !connect(fd, (struct sockaddr *)&address, length);
	close(fd);
	return listens;
}

/* With systemd it is started, not only listened for: that would cost time later. */
static int start_iscsid(struct step_env *env)
{
	struct systemd *systemd;
	char ended[32];
	int result = systemd_open(&systemd, env);

	if (result)
		return iscsid_listens() ? 0 : job_fail(env, ENOTCONN, "iscsid does not run; start it");
	result = systemd_run(systemd, ISCSID_UNIT, SYSTEMD_START, ended, sizeof(ended));
	systemd_close(systemd);
	if (job_ended(result))
		return result;
	if (iscsid_listens())
		return 0;
	return job_fail(env, ENOTCONN, "iscsid does not run; \"systemctl status " ISCSID_UNIT "\" says why");
}

/* The transport, and the driver of disks, which would be loaded when the first LUN appears. */
static int load_modules(struct step_env *env)
{
	static const char *const argv[] = { "modprobe", "-q", "-a", "iscsi_tcp", "sd_mod", NULL };
	struct job_child child = { 0 };
	int result = job_run(env, argv, &child);

	if (job_ended(result))
		return job_end(env, result, "modprobe iscsi_tcp did not end");
	if (access("/sys/class/iscsi_transport/tcp", F_OK))
		return job_fail(env, ENODEV, "the kernel module iscsi_tcp cannot be loaded%s%s",
				*child.errors ? ": " : "", job_last_line(&child));
	return 0;
}

static unsigned int login_seconds(const struct step_env *env)
{
	unsigned int half = env->identity->step_timeout_ms / 2000;

	/* A target that is not there must fail the login before the step's time is over. */
	return half < 1 ? 1 : half > 10 ? 10 : half;
}

/*
 * Connects to the portal and hangs up. It tells at once what iscsid would tell
 * after its retries. And it leaves the portal's neighbour entry fresh: iscsid
 * looks whether it is connected once, without waiting, and then a second
 * later, so a login that has to resolve the address first takes that second.
 * Nothing of the identity is in it.
 */
static int reach_portal(const struct step *step, struct step_env *env)
{
	const struct iscsi_config *config = config_of(step, env);
	uint64_t until = clock_ns() + login_seconds(env) * 1000 * JOB_MS;
	struct sockaddr_storage address;
	struct pollfd fd = { .events = POLLOUT };
	struct portal portal;
	socklen_t length;
	int error = 0, result;

	if (!portal_parse(config->portal, &portal))
		return job_fail(env, EINVAL, "%s: not ADDRESS:PORT", config->portal);
	length = portal_sockaddr(&portal, &address);
	fd.fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd.fd < 0)
		return job_fail(env, errno, "%s: %s", config->portal, strerror(errno));
	if (connect(fd.fd, (struct sockaddr *)&address, length))
		error = errno;
	if (error == EINPROGRESS) {
		length = sizeof(error);
		result = job_poll(env, &fd, 1, until);
		if (result == -ECANCELED || (result == -ETIMEDOUT && until > env->deadline_ns)) {
			close(fd.fd);
			return job_end(env, result, "%s does not answer", config->portal);
		}
		error = result > 0 && !getsockopt(fd.fd, SOL_SOCKET, SO_ERROR, &error, &length) ?
			error : ETIMEDOUT;
	}
	close(fd.fd);
	if (!error)
		return 0;
	return job_fail(env, error, "cannot reach the portal %s of %s: %s; is the target up, and the network to it?",
			config->portal, config->target, strerror(error));
}

/* The records: an iface with the initiator name, a node that nothing logs in by itself. */
static int write_records(struct step *step, struct step_env *env)
{
	const struct iscsi_config *config = config_of(step, env);
	struct job_child child;
	char timeout[16];
	int status;

	snprintf(timeout, sizeof(timeout), "%u", login_seconds(env));
	status = ISCSIADM(env, step->item, &child, "iface", "-o", "new");
	if (status == 0 || status == ISCSIADM_SESSION_EXISTS)
		status = ISCSIADM(env, step->item, &child, "iface", "-o", "update",
				  "-n", "iface.initiatorname", "-v", config->initiator);
	if (!status)
		status = ISCSIADM(env, step->item, &child, "node", "-o", "new");
	if (!status)
		status = ISCSIADM(env, step->item, &child, "node", "-o", "update",
				  "-n", "node.startup", "-v", "manual",
				  "-n", "node.session.scan", "-v", "manual",
				  "-n", "node.session.initial_login_retry_max", "-v", "1",
				  "-n", "node.conn[0].timeo.login_timeout", "-v", timeout);
	if (status > 0)
		return job_fail(env, EIO, "open-iscsi's records for %s: %s", config->target,
				iscsiadm_cause(&child));
	return status;
}

static int prepare(struct step *step, struct step_env *env)
{
	struct iscsi *iscsi = iscsi_of(step);
	size_t n = env->identity->n_iscsi;
	int result = load_modules(env);

	if (!result)
		result = reach_portal(step, env);
	if (!result)
		result = start_iscsid(env);
	if (!result)
		result = write_records(step, env);
	if (!result)
		result = isid_slot_of_node(env, &iscsi->slot);
	/* The first entry does it for all of them, as far as one slot goes. */
	if (!result && !step->item)
		result = isid_slot_reserve(&iscsi->slot, n < ISID_RUN ? n : ISID_RUN, env);
	if (!result)
		iscsi->staged = true;
	return result;
}

static int iscsi_stage(struct step *step, struct step_env *env)
{
	int result = prepare(step, env);

	if (!result)
		job_say(env, "ready to log in as %s", config_of(step, env)->initiator);
	return result;
}

/* Until iscsid has it logged in; neither it nor the kernel sends an event for that. */
static int wait_logged_in(struct step *step, struct step_env *env, struct session *session)
{
	const struct iscsi_config *config = config_of(step, env);
	int result;

	for (;;) {
		result = session_find(env->identity, step->item, session);
		if (result)
			return job_fail(env, result, "%s at %s: the session is gone again",
					config->target, config->portal);
		if (!strcmp(session->state, "LOGGED_IN"))
			return 0;
		result = job_pause(env, POLL_MS);
		if (result)
			return job_end(env, result, "%s at %s: the session is %s, not LOGGED_IN",
				       config->target, config->portal, session->state);
	}
}

static int log_in(struct step *step, struct step_env *env)
{
	const struct iscsi_config *config = config_of(step, env);
	struct step_env patient = *env;
	struct job_child child;
	int status = reach_portal(step, env);

	if (status)
		return status;
	/*
	 * iscsid cannot be told to give up, and a login that it finishes after
	 * everything was undone would stay. So its answer is waited for, which
	 * the login timeout bounds, even when the plan is cancelled.
	 */
	patient.cancel_fd = -1;
	status = ISCSIADM(&patient, step->item, &child, "node", "--login");
	if (status < 0) {
		memcpy(env->message, patient.message, sizeof(env->message));
		return status;
	}
	if (status && status != ISCSIADM_SESSION_EXISTS)
		return job_fail(env, ECONNREFUSED, "cannot log in to %s at %s: %s (status %d); is the target up, and does it know %s?",
				config->target, config->portal, iscsiadm_cause(&child), status,
				config->initiator);
	return 0;
}

static int log_out(struct step *step, struct step_env *env)
{
	const struct iscsi_config *config = config_of(step, env);
	struct session session;
	struct job_child child = { 0 };
	bool asked = false;

	while (!session_find(env->identity, step->item, &session)) {
		int result;

		/* Refused while it is logging in or out: then ask again. */
		if (asked) {
			result = job_pause(env, POLL_MS);
			if (result)
				return job_end(env, result, "cannot log out of %s at %s: %s",
					       config->target, config->portal, iscsiadm_cause(&child));
		}
		result = ISCSIADM(env, step->item, &child, "node", "--logout");
		if (result < 0)
			return result;
		asked = true;
	}
	return 0;
}

/* Disks are only looked for once the session was found to be in its slot. */
static bool has_disks(const struct step *step, const struct step_env *env,
		      const struct session *session)
{
	const struct iscsi_config *config = config_of(step, env);
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
		return wait_logged_in(step, env, session);
	result = iscsi->staged ? 0 : prepare(step, env);
	for (int i = 0; i < MAX_LOGINS && !result; i++) {
		if (session_find(env->identity, step->item, session))
			result = log_in(step, env);
		if (!result)
			result = wait_logged_in(step, env, session);
		if (result || isid_in_slot(session->sid, &iscsi->slot))
			return result;
		result = log_out(step, env);
		if (!result)
			result = isid_slot_reserve(&iscsi->slot, 1, env);
	}
	if (result)
		return result;
	return job_fail(env, EAGAIN, "session number %u is not in slot %u; others log in at the same time",
			session->sid, iscsi->slot.number);
}

/* The session is there; its LUNs are asked for, in a process apart since they may not answer. */
static int find_luns(struct step *step, struct step_env *env)
{
	const struct iscsi_config *config = config_of(step, env);
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
		return job_end(env, result, "LUN %llu of %s did not appear; does the target map it to %s? Not",
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
	const struct iscsi_config *config = config_of(step, env);
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

/* Whether the iface record is there: 1, 0, or a negative errno. */
static int has_iface(struct step *step, struct step_env *env)
{
	struct job_child child;
	int status = ISCSIADM(env, step->item, &child, "iface", "-o", "show");

	return status < 0 ? status : !status;
}

/* Deletes a record; one that is not there is fine. */
static int delete_record(struct step *step, struct step_env *env, const char *mode)
{
	struct job_child child;
	int status = ISCSIADM(env, step->item, &child, mode, "-o", "delete");

	if (status <= 0 || status == ISCSIADM_NOT_FOUND)
		return status < 0 ? status : 0;
	return job_fail(env, EIO, "open-iscsi's %s record for %s: %s", mode,
			config_of(step, env)->target, iscsiadm_cause(&child));
}

static int iscsi_undo(struct step *step, struct step_env *env)
{
	char path[64];
	int there, result;

	/* Without open-iscsi nothing can have been staged or taken. */
	if (job_find_program("iscsiadm", path, sizeof(path)))
		return 0;
	result = log_out(step, env);
	/* The iface is deleted last, so without it there is no node record either. */
	there = result ? 0 : has_iface(step, env);
	if (there < 0)
		result = there;
	if (there > 0)
		result = delete_record(step, env, "node");
	if (there > 0 && !result)
		result = delete_record(step, env, "iface");
	if (result)
		return result;
	isid_slot_sweep(env);
	session_forget(env, step->item);
	apart_forget(step, env);
	iscsi_free(step);
	job_say(env, "logged out of %s", config_of(step, env)->target);
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

// SPDX-License-Identifier: GPL-2.0
/* Logs in to a target and out of it, through iscsid. */
#include "storage/iscsi_login.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "config/portal.h"
#include "step/job.h"
#include "storage/iscsiadm.h"

#define POLL_MS		20	/* neither the kernel nor iscsid sends an event */

unsigned int iscsi_login_seconds(const struct step_env *env)
{
	unsigned int half = env->identity->step_timeout_ms / 2000;

	/* A target that is not there must fail the login before the step's time is over. */
	return half < 1 ? 1 : half > 10 ? 10 : half;
}

int iscsi_portal_reach(struct step_env *env, size_t item)
{
	const struct iscsi_config *config = &env->identity->iscsi[item];
	uint64_t until = clock_ns() + iscsi_login_seconds(env) * 1000 * JOB_MS;
	struct sockaddr_storage address;
	struct pollfd fd = { .events = POLLOUT };
	struct portal portal;
	socklen_t length;
	int error = 0, result;

	portal_parse(config->portal, &portal);
	length = portal_sockaddr(&portal, &address);
	fd.fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd.fd < 0)
		return job_fail(env, errno, "%s: %m", config->portal);
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
	return job_fail(env, error, "cannot reach the portal %s of %s: %m; is the target up, and the network to it?",
			config->portal, config->target);
}

int iscsi_login_wait(struct step_env *env, size_t item, struct session *session)
{
	const struct iscsi_config *config = &env->identity->iscsi[item];
	int result;

	for (;;) {
		result = session_find(env->identity, item, session);
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

int iscsi_log_in(struct step_env *env, size_t item)
{
	const struct iscsi_config *config = &env->identity->iscsi[item];
	struct step_env patient = *env;
	struct job_child child;
	int status = iscsi_portal_reach(env, item);

	if (status)
		return status;
	/*
	 * iscsid cannot be stopped, and a login that it finishes after
	 * everything was undone would stay. So its answer is waited for, which
	 * the login timeout bounds, even when the plan is cancelled.
	 */
	patient.cancel_fd = -1;
	status = ISCSIADM(&patient, item, &child, "node", "--login");
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

int iscsi_log_out(struct step_env *env, size_t item)
{
	const struct iscsi_config *config = &env->identity->iscsi[item];
	struct session session;
	struct job_child child = { 0 };
	bool asked = false;

	while (!session_find(env->identity, item, &session)) {
		int result;

		/* Refused while it is logging in or out: then ask again. */
		if (asked) {
			result = job_pause(env, POLL_MS);
			if (result)
				return job_end(env, result, "cannot log out of %s at %s: %s",
					       config->target, config->portal, iscsiadm_cause(&child));
		}
		result = ISCSIADM(env, item, &child, "node", "--logout");
		if (result < 0)
			return result;
		asked = true;
	}
	return 0;
}

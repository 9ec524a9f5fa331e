// SPDX-License-Identifier: GPL-2.0
/* open-iscsi's records for an entry of an identity. */
#include "storage/iscsi_records.h"

#include <errno.h>
#include <stdio.h>

#include "storage/iscsi_login.h"
#include "storage/iscsiadm.h"

int iscsi_records_write(struct step_env *env, size_t item)
{
	const struct iscsi_config *config = &env->identity->iscsi[item];
	struct job_child child;
	char timeout[16];
	int status;

	snprintf(timeout, sizeof(timeout), "%u", iscsi_login_seconds(env));
	status = ISCSIADM(env, item, &child, "iface", "-o", "new");
	if (status == 0 || status == ISCSIADM_SESSION_EXISTS)
		status = ISCSIADM(env, item, &child, "iface", "-o", "update",
				  "-n", "iface.initiatorname", "-v", config->initiator);
	if (!status)
		status = ISCSIADM(env, item, &child, "node", "-o", "new");
	if (!status)
		status = ISCSIADM(env, item, &child, "node", "-o", "update",
				  "-n", "node.startup", "-v", "manual",
				  "-n", "node.session.scan", "-v", "manual",
				  "-n", "node.session.initial_login_retry_max", "-v", "1",
				  "-n", "node.conn[0].timeo.login_timeout", "-v", timeout);
	if (status > 0)
		return job_fail(env, EIO, "open-iscsi's records for %s: %s", config->target,
				iscsiadm_cause(&child));
	return status;
}

/* Whether the iface record is there: 1, 0, or a negative errno. */
static int has_iface(struct step_env *env, size_t item)
{
	struct job_child child;
	int status = ISCSIADM(env, item, &child, "iface", "-o", "show");

	return status < 0 ? status : !status;
}

/* Deletes a record; one that is not there is fine. */
static int delete_record(struct step_env *env, size_t item, const char *mode)
{
	struct job_child child;
	int status = ISCSIADM(env, item, &child, mode, "-o", "delete");

	if (status <= 0 || status == ISCSIADM_NOT_FOUND)
		return status < 0 ? status : 0;
	return job_fail(env, EIO, "open-iscsi's %s record for %s: %s", mode,
			env->identity->iscsi[item].target, iscsiadm_cause(&child));
}

int iscsi_records_delete(struct step_env *env, size_t item)
{
	/* The iface is deleted last, so without it there is no node record either. */
	int result = has_iface(env, item);

	if (result <= 0)
		return result;
	result = delete_record(env, item, "node");
	return result ? result : delete_record(env, item, "iface");
}

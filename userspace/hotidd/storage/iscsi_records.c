// SPDX-License-Identifier: GPL-2.0
/*
 * open-iscsi's records for an entry of an identity.
 *
 * iscsiadm writes a record by truncating its file. Killed in between, as it is when the
 * daemon is, or cut off from its power, it leaves an empty file, which it can neither
 * replace nor delete later on. An empty node record is removed here, under
 * iscsiadm's own lock; an empty iface record is written anew.
 */
#include "storage/iscsi_records.h"

#include <errno.h>
#include <glob.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/iscsi_lock.h"
#include "storage/iscsi_login.h"
#include "storage/iscsiadm.h"

/* Removes the empty ones of the files that match; how many there were. */
static int remove_matching(const char *pattern)
{
	struct stat stat;
	int removed = 0;
	glob_t found;

	if (glob(pattern, GLOB_NOSORT, NULL, &found))
		return 0;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		char *path = found.gl_pathv[i];

		if (lstat(path, &stat) || !S_ISREG(stat.st_mode) || stat.st_size || unlink(path))
			continue;
		removed++;
		rmdir(dirname(path));	/* when that was all it had */
	}
	globfree(&found);
	return removed;
}

/* Removes what is empty of the records of an entry's target; how many there were. */
static int remove_empty(struct step_env *env, size_t item)
{
	/* An iface's in the directory of a portal and its group; a portal's, after it. */
	static const char *const records[] = {
		"/etc/iscsi/nodes/%s/*/*", "/etc/iscsi/nodes/%s/*",
		"/var/lib/iscsi/nodes/%s/*/*", "/var/lib/iscsi/nodes/%s/*",
	};
	static const char *const locks[] = ISCSIADM_LOCKS;
	char pattern[PATH_MAX];
	size_t lock = 0;
	int removed = 0;

	while (lock < sizeof(locks) / sizeof(locks[0]) && iscsi_lock_take(locks[lock]))
		lock++;
	if (lock == sizeof(locks) / sizeof(locks[0]))
		return 0;
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		snprintf(pattern, sizeof(pattern), records[i], env->identity->iscsi[item].target);
		removed += remove_matching(pattern);
	}
	unlink(locks[lock]);
	return removed;
}

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
	if (status == ISCSIADM_DB_FAILURE && remove_empty(env, item))
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

	/* Without a sound one iscsiadm does not find its node records. */
	if (status == ISCSIADM_DB_FAILURE)
		status = ISCSIADM(env, item, &child, "iface", "-o", "new");
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
	remove_empty(env, item);
	result = delete_record(env, item, "node");
	return result ? result : delete_record(env, item, "iface");
}

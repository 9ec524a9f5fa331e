// SPDX-License-Identifier: GPL-2.0
/* Runs iscsiadm. */
#include "storage/iscsiadm.h"

#include <errno.h>
#include <string.h>

#include "storage/iscsi_lock.h"
#include "storage/session.h"

/* Where iscsiadm has its lock; one that was killed, as it is when the daemon is, leaves it. */
static void drop_stale_lock(void)
{
	static const char *const locks[] = ISCSIADM_LOCKS;

	for (size_t i = 0; i < sizeof(locks) / sizeof(locks[0]); i++)
		iscsi_lock_drop_stale(locks[i], "iscsiadm");
}

int iscsiadm_run(struct step_env *env, size_t item, struct job_child *child, const char *mode,
		 const char *const more[])
{
	const struct iscsi_config *config = &env->identity->iscsi[item];
	char iface[SESSION_IFACE_MAX];
	const char *argv[40] = { "iscsiadm", "-m", mode, "-I", iface };
	size_t n = 5;
	int result;

	session_iface(env->identity, item, iface);
	if (!strcmp(mode, "node")) {
		argv[n++] = "-T";
		argv[n++] = config->target;
		argv[n++] = "-p";
		argv[n++] = config->portal;
	}
	while (*more && n < sizeof(argv) / sizeof(argv[0]) - 1)
		argv[n++] = *more++;
	drop_stale_lock();
	result = job_run(env, argv, child);
	if (result == -ENOENT)
		return job_fail(env, result, "there is no iscsiadm; install open-iscsi");
	if (result)
		return job_end(env, result, "%s at %s: iscsiadm did not end", config->target,
			       config->portal);
	return child->status;
}

const char *iscsiadm_cause(struct job_child *child)
{
	char *line = strstr(child->errors, "reported error (");
	const char *last = job_last_line(child);

	if (!line)
		return strncmp(last, "iscsiadm: ", 10) ? last : last + 10;
	line[strcspn(line, "\n")] = '\0';
	return line + strlen("reported ");
}

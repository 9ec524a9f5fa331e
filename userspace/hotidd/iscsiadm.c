// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include "iscsiadm.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "session.h"

static bool is_running(const char *program)
{
	DIR *directory = opendir("/proc");
	struct dirent *entry;
	bool found = false;

	while (directory && !found && (entry = readdir(directory))) {
		char path[sizeof(entry->d_name) + 16], name[32] = "";
		FILE *file;

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		file = fopen(path, "re");
		if (!file)
			continue;
		found = fgets(name, sizeof(name), file) && !strncmp(name, program, strlen(program));
		fclose(file);
	}
	if (directory)
		closedir(directory);
	return found;
}

/*
 * iscsiadm locks its records with a file, and the file stays when it is killed,
 * as it is when the daemon is. The next one waits half a minute for it: longer
 * than a step may take.
 */
static void drop_stale_lock(void)
{
	static const char *const locks[] = { "/run/lock/iscsi/lock.write", "/run/iscsi/lock.write" };

	for (size_t i = 0; i < sizeof(locks) / sizeof(locks[0]); i++)
		if (!access(locks[i], F_OK) && !is_running("iscsiadm"))
			unlink(locks[i]);
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

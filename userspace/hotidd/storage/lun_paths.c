// SPDX-License-Identifier: GPL-2.0
/* Opens and checks all paths to a disk. */
#include "storage/lun_paths.h"

#include <errno.h>

#include "step/job.h"
#include "storage/pr.h"

void lun_paths_close(struct lun_paths *paths)
{
	while (paths->n)
		pr_kernel.close(paths->fds[--paths->n]);
}

int lun_paths_open(const struct disk_config *config, struct step_env *env, struct lun_paths *paths)
{
	size_t found = session_paths(env->identity, config, paths->disks, SESSION_MAX_PATHS);

	paths->n = 0;
	if (!found)
		return job_fail(env, ENODEV, "%s: LUN %llu of %s is not there; it comes with the login",
				config->name, (unsigned long long)config->lun, config->target);
	while (paths->n < found) {
		int fd = pr_kernel.open(paths->disks[paths->n].node);

		if (fd < 0) {
			lun_paths_close(paths);
			return job_fail(env, fd, "%s: %m", paths->disks[paths->n].node);
		}
		paths->fds[paths->n++] = fd;
	}
	return 0;
}

int lun_paths_check(const struct disk_config *config, struct step_env *env, struct lun_paths *paths)
{
	int result = 0;

	for (size_t i = 0; i < paths->n && !result; i++)
		result = lun_check(paths->fds[i], config, &paths->luns[i], env);
	return result;
}

// SPDX-License-Identifier: GPL-2.0
/* Reads /proc/self/mountinfo. */
#include "storage/mountinfo.h"

#include <errno.h>

#include "step/job.h"

#define MOUNTINFO	"/proc/self/mountinfo"

int mountinfo_read(struct libmnt_table **table, struct step_env *env)
{
	struct libmnt_table *all = mnt_new_table();
	int result;

	if (!all)
		return job_fail(env, ENOMEM, "%s: %m", MOUNTINFO);
	result = mnt_table_parse_file(all, MOUNTINFO);
	/* One that has not even the root was not read. */
	if (!result && !mnt_table_get_nents(all))
		result = -ENODATA;
	if (!result) {
		*table = all;
		return 0;
	}
	mnt_unref_table(all);
	result = result < 0 ? result : -EIO;
	return job_fail(env, result, "%s cannot be read, so what is mounted is not known: %m",
			MOUNTINFO);
}

struct libmnt_fs *mountinfo_at(struct libmnt_table *table, const char *where)
{
	return mnt_table_find_target(table, where, MNT_ITER_BACKWARD);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * A file system of the identity. Mounting replays its journal, which is all
 * the repair there is; one that needs a check is refused, unless the
 * identity's file says otherwise.
 */
#include <errno.h>
#include <libmount.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/clock.h"
#include "config/prkey.h"
#include "step/apart.h"
#include "step/job.h"
#include "step/undo_state.h"
#include "storage/filesystem.h"
#include "storage/mount_users.h"
#include "storage/mountinfo.h"
#include "storage/pr.h"
#include "storage/session.h"

#define UNDO_STATE_KIND	"mount"
#define BUSY_POLL_MS	50

static const struct disk_config *disk_of(const struct step *step, const struct step_env *env)
{
	const struct disk_config *disk = env->identity->disks;

	/* There is one: the file was checked for it. */
	while (strcmp(disk->name, env->identity->mounts[step->item].disk))
		disk++;
	return disk;
}

static int check_directory(const char *where, struct step_env *env)
{
	struct stat st;

	if (lstat(where, &st))
		return errno == ENOENT ? 0 : job_fail(env, errno, "%s: %m", where);
	if (!S_ISDIR(st.st_mode))
		return job_fail(env, ENOTDIR, "%s is there but is no directory; take it away", where);
	return 0;
}

static int mount_validate(struct step *step, struct step_env *env)
{
	const struct mount_config *config = &env->identity->mounts[step->item];
	struct libmnt_table *table;
	int result = 0;

	if (!filesystem_known(config->type, false, env))
		return job_fail(env, ENODEV, "%s: this kernel has no file system %s", config->where,
				config->type);
	result = check_directory(config->where, env);
	if (!result)
		result = mountinfo_read(&table, env);
	if (result)
		return result;
	if (mountinfo_at(table, config->where)) {
		struct undo_state keep;

		if (undo_state_load(env, UNDO_STATE_KIND, step->item, &keep))
			result = job_fail(env, EBUSY, "something is mounted on %s already; unmount it, it is the identity's",
					  config->where);
	}
	mnt_unref_table(table);
	return result;
}

static int make_directory(const char *where, struct step_env *env)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s", where);
	for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	if (mkdir(path, 0755) && errno != EEXIST)
		return job_fail(env, errno, "%s: cannot be made: %m", where);
	return 0;
}

static int mount_stage(struct step *step, struct step_env *env)
{
	const struct mount_config *config = &env->identity->mounts[step->item];

	if (!filesystem_known(config->type, true, env))
		return job_fail(env, ENODEV, "%s: the file system %s cannot be loaded",
				config->where, config->type);
	return make_directory(config->where, env);
}

static int find_device(const struct step *step, struct step_env *env, struct session_disk *disk,
		       dev_t *device)
{
	const struct mount_config *config = &env->identity->mounts[step->item];
	struct stat st;

	if (!session_paths(env->identity, disk_of(step, env), disk, 1))
		return job_fail(env, ENODEV, "%s: the disk %s is not there", config->where,
				config->disk);
	if (stat(disk->node, &st))
		return job_fail(env, errno, "%s: %m", disk->node);
	*device = st.st_rdev;
	return 0;
}

/* Whether it is mounted already: 1 yes, 0 no, or a negative errno for something in the way. */
static int mount_look(const struct step *step, struct step_env *env, dev_t device)
{
	const char *where = env->identity->mounts[step->item].where;
	struct libmnt_table *table;
	struct libmnt_fs *fs;
	int result = mountinfo_read(&table, env);

	if (result)
		return result;
	fs = mountinfo_at(table, where);
	if (fs && mnt_fs_get_devno(fs) == device) {
		result = 1;
	} else if (fs) {
		result = job_fail(env, EBUSY, "%s is mounted on %s already; unmount it",
				  mnt_fs_get_source(fs), where);
	} else {
		fs = mnt_table_find_devno(table, device, MNT_ITER_BACKWARD);
		if (fs)
			result = job_fail(env, EBUSY, "the disk is mounted on %s already; unmount it there",
					  mnt_fs_get_target(fs));
	}
	mnt_unref_table(table);
	return result;
}

static int mount_take(struct step *step, struct step_env *env)
{
	const struct mount_config *config = &env->identity->mounts[step->item];
	struct session_disk disk;
	struct undo_state keep = { 0 };
	char number[32];
	dev_t device;
	int result = find_device(step, env, &disk, &device);

	if (result)
		return result;
	result = mount_look(step, env, device);
	if (result < 0)
		return result;
	if (!result) {
		snprintf(number, sizeof(number), "%u:%u", major(device), minor(device));
		undo_state_put(&keep, "device", number);
		result = mount_stage(step, env) ?:
			 undo_state_save(env, UNDO_STATE_KIND, step->item, &keep) ?:
			 filesystem_check(config, disk.node, false, env) ?:
			 filesystem_mount(config, disk.node, env);
		if (result)
			return result;
	}
	/* Errors may have been noted in the journal alone, which has been replayed by now. */
	result = filesystem_check(config, disk.node, true, env);
	if (result) {
		filesystem_unmount(config->where, false);
		return result;
	}
	/* A target that pauses is waited for now; until here it would have hung the takeover. */
	if (step->item + 1 == env->identity->n_mounts)
		session_be_patient(env);
	job_say(env, "%s is on %s", disk.node, config->where);
	return 0;
}

static bool has_option(const char *options, const char *name)
{
	return options && !mnt_optstr_get_option(options, name, NULL, NULL);
}

/* Read-only is the file system as a whole, when the kernel gave it up, or this mount of it. */
static int mount_verify(struct step *step, struct step_env *env)
{
	const struct mount_config *config = &env->identity->mounts[step->item];
	struct libmnt_table *table;
	struct session_disk disk;
	struct libmnt_fs *fs;
	dev_t device;
	int result = find_device(step, env, &disk, &device);

	if (!result)
		result = mountinfo_read(&table, env);
	if (result)
		return result;
	fs = mountinfo_at(table, config->where);
	if (!fs || mnt_fs_get_devno(fs) != device)
		result = job_fail(env, ENOENT, "%s is not mounted on %s", disk.node, config->where);
	else if ((has_option(mnt_fs_get_fs_options(fs), "ro") ||
		  has_option(mnt_fs_get_vfs_options(fs), "ro")) &&
		 !has_option(config->options, "ro"))
		result = job_fail(env, EROFS, "%s has become read-only; the kernel log says why",
				  config->where);
	else
		job_say(env, "%s is on %s", disk.node, config->where);
	mnt_unref_table(table);
	return result;
}

/* The device that take mounted there, also when it is gone by now. */
static bool mount_is_ours(const struct step *step, struct step_env *env, dev_t device)
{
	struct session_disk disk;
	unsigned int major, minor;
	struct undo_state keep;
	char number[32];
	dev_t now;

	if (!undo_state_load(env, UNDO_STATE_KIND, step->item, &keep) &&
	    undo_state_get(&keep, "device", number, sizeof(number)) &&
	    sscanf(number, "%u:%u", &major, &minor) == 2)
		return makedev(major, minor) == device;
	return !find_device(step, env, &disk, &now) && now == device;
}

/* Asks the disk: 0 when another node holds it, so that nothing can be written any more. */
static int ask_fenced(struct step *step, struct step_env *env)
{
	struct pr_holder holder = { 0 };
	struct session_disk disk;
	struct prkey parsed;
	int fd, result;

	if (!session_paths(env->identity, disk_of(step, env), &disk, 1))
		return -ENODEV;
	fd = pr_kernel.open(disk.node);
	if (fd < 0)
		return fd;
	result = pr_kernel.read_holder(fd, &holder);
	pr_kernel.close(fd);
	if (result)
		return result;
	return holder.held && prkey_parse(holder.key, &parsed) &&
	       parsed.node != prkey_node(env->node_id) ? 0 : -EAGAIN;
}

/*
 * A target that does not answer must leave time for the rest. Then it is known
 * only of an identity that another node holds, fenced as its file says.
 */
static bool is_fenced(struct step *step, const struct step_env *env)
{
	struct step_env brief = *env;
	int result;

	if (env->identity->fence != FENCE_RESERVATION)
		return false;
	brief.deadline_ns = clock_ns() + job_left(env) / 4;
	result = apart_call(ask_fenced, "asking who holds the disk", step, &brief, NULL);
	return !result || (result != -EAGAIN && env->superseded);
}

/* 1 when what is mounted there is ours, 0 when nothing is or it is not; or a negative errno. */
static int still_mounted(const struct step *step, struct step_env *env)
{
	struct libmnt_table *table;
	struct libmnt_fs *fs;
	int result = mountinfo_read(&table, env);

	if (result)
		return result;
	fs = mountinfo_at(table, env->identity->mounts[step->item].where);
	result = fs && mount_is_ours(step, env, mnt_fs_get_devno(fs));
	mnt_unref_table(table);
	return result;
}

/*
 * The processes of a unit that was stopped may take a moment to be gone. What
 * stays after that is a person's, or a program's that nobody stopped: it keeps
 * the file system, and the plan keeps the disk and its fence below it.
 */
static int unmount_patiently(const char *where, struct step_env *env)
{
	uint64_t until = clock_ns() + job_left(env) * 2 / 3;
	char users[128];
	int result;

	for (;;) {
		result = filesystem_unmount(where, false);
		if (result != -EBUSY || clock_ns() >= until)
			break;
		if (job_pause(env, BUSY_POLL_MS))
			break;
	}
	if (!result)
		return 0;
	if (result != -EBUSY)
		return job_fail(env, result, "%s: cannot be unmounted: %m", where);
	mount_users_describe(where, users, sizeof(users));
	return job_fail(env, result, "%s is in use by %s; end it and release again", where,
			*users ? users : "the kernel (a mount below it, a loop device, an NFS export)");
}

/*
 * The disk is another node's: what is not written yet is lost, and must be.
 * Shut down, the file system does not try, so nothing hangs or complains, and
 * whoever has files open gets errors.
 */
static int unmount_dead(const char *where, struct step_env *env)
{
	char users[128] = "";
	int result;

	filesystem_shutdown(where);
	result = filesystem_unmount(where, false);
	if (result == -EBUSY) {
		mount_users_describe(where, users, sizeof(users));
		result = filesystem_unmount(where, true);
	}
	if (result)
		return job_fail(env, result, "%s: cannot be unmounted: %m", where);
	if (*users)
		job_say(env, "%s was shut down, since another node holds its disk; it is still open in %s",
			where, users);
	else
		job_say(env, "%s was shut down, since another node holds its disk", where);
	return 0;
}

static int mount_undo(struct step *step, struct step_env *env)
{
	const char *where = env->identity->mounts[step->item].where;
	int result;

	job_say(env, "%s was not mounted", where);
	result = still_mounted(step, env);
	if (result > 0) {
		session_hurry(env);
		if (is_fenced(step, env)) {
			result = unmount_dead(where, env);
		} else {
			result = unmount_patiently(where, env);
			if (!result)
				job_say(env, "%s is unmounted", where);
		}
	}
	/* It stays in use, and then a target that pauses must not cost it what it writes. */
	if (result)
		session_be_patient(env);
	else
		undo_state_drop(env, UNDO_STATE_KIND, step->item);
	return result;
}

const struct kind kind_mount = {
	.name = "mount",
	.stage = HOTID_STAGE_MOUNT,
	.validate = mount_validate,
	.stage_ahead = mount_stage,
	.take = mount_take,
	.verify = mount_verify,
	.undo = mount_undo,
	.apart = true,
};

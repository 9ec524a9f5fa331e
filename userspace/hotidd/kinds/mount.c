// SPDX-License-Identifier: GPL-2.0
/*
 * A file system of the identity. Mounting replays its journal, which is all
 * the repair there is; one that asks for a check is left to a person, unless
 * the file says otherwise.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <libmount.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/clock.h"
#include "config/prkey.h"
#include "step/apart.h"
#include "step/job.h"
#include "step/undo_state.h"
#include "storage/ext4.h"
#include "storage/mount_users.h"
#include "storage/mountinfo.h"
#include "storage/pr.h"
#include "storage/session.h"

#define UNDO_STATE_KIND	"mount"
#define BUSY_POLL_MS	50

/* ext4, XFS and F2FS: no more I/O from now on, not even the journal's. */
#define FS_SHUTDOWN		_IOR('X', 125, uint32_t)
#define FS_SHUTDOWN_NO_FLUSH	2

static const struct mount_config *config_of(const struct step *step, const struct step_env *env)
{
	return &env->identity->mounts[step->item];
}

static const struct disk_config *disk_of(const struct step *step, const struct step_env *env)
{
	for (size_t i = 0; i < env->identity->n_disks; i++)
		if (!strcmp(env->identity->disks[i].name, config_of(step, env)->disk))
			return &env->identity->disks[i];
	return NULL;
}

/* Asks a program whether it succeeds; says nothing. */
static bool succeeds(struct step_env *env, const char *const argv[])
{
	struct job_child child;

	return !job_run(env, argv, &child) && !child.status;
}

static bool kernel_has(const char *type)
{
	FILE *file = fopen("/proc/filesystems", "re");
	char line[128];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file)) {
		char *name = strchr(line, '\t');

		line[strcspn(line, "\n")] = '\0';
		found = name && !strcmp(name + 1, type);
	}
	if (file)
		fclose(file);
	return found;
}

static int check_directory(const char *where, struct step_env *env)
{
	struct stat st;

	if (lstat(where, &st))
		return errno == ENOENT ? 0 : job_fail(env, errno, "%s: %s", where, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return job_fail(env, ENOTDIR, "%s is there but is no directory; take it away", where);
	return 0;
}

static int mount_validate(struct step *step, struct step_env *env)
{
	const struct mount_config *config = config_of(step, env);
	struct libmnt_table *table;
	char module[80];
	int result = 0;

	if (!disk_of(step, env))
		return job_fail(env, EINVAL, "%s: there is no disk called %s under disks",
				config->where, config->disk);
	snprintf(module, sizeof(module), "fs-%s", config->type);
	if (!kernel_has(config->type) &&
	    !succeeds(env, (const char *const[]){ "modprobe", "-n", "-q", module, NULL }))
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
		return job_fail(env, errno, "%s: cannot be made: %s", where, strerror(errno));
	return 0;
}

static int mount_stage(struct step *step, struct step_env *env)
{
	const struct mount_config *config = config_of(step, env);
	char module[80];

	snprintf(module, sizeof(module), "fs-%s", config->type);
	if (!kernel_has(config->type) &&
	    !succeeds(env, (const char *const[]){ "modprobe", "-q", module, NULL }))
		return job_fail(env, ENODEV, "%s: the file system %s cannot be loaded",
				config->where, config->type);
	return make_directory(config->where, env);
}

static int find_device(const struct step *step, struct step_env *env, struct session_disk *disk,
		       dev_t *device)
{
	const struct mount_config *config = config_of(step, env);
	const struct disk_config *of = disk_of(step, env);
	struct stat st;

	if (!of || !session_paths(env->identity, of, disk, 1))
		return job_fail(env, ENODEV, "%s: the disk %s is not there", config->where,
				config->disk);
	if (stat(disk->node, &st))
		return job_fail(env, errno, "%s: %s", disk->node, strerror(errno));
	*device = st.st_rdev;
	return 0;
}

/* Whether it is mounted already: 1 yes, 0 no, or a negative errno for something in the way. */
static int look(const struct step *step, struct step_env *env, dev_t device)
{
	const char *where = config_of(step, env)->where;
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

static const char *fix(int error)
{
	switch (error) {
	case EUCLEAN:
		return "; its file system wants fsck, which takes a person: release the identity, log in by hand, run fsck";
	case EBADE:
		return "; somebody else's reservation forbids writing";
	case EINVAL:
		return "; is the type right, and was the LUN formatted?";
	default:
		return "";
	}
}

/* libmount's words are "/srv/web: wrong fs type, bad option...": they name the thing. */
static int mount_it(const struct mount_config *config, const struct session_disk *disk,
		    struct step_env *env)
{
	struct libmnt_context *context = mnt_new_context();
	char text[192] = "";
	int result, error;

	if (!context)
		return job_fail(env, ENOMEM, "%s: %s", config->where, strerror(ENOMEM));
	/* No helper programs, and no guessing of what the configuration says. */
	mnt_context_disable_helpers(context, true);
	mnt_context_set_source(context, disk->node);
	mnt_context_set_target(context, config->where);
	mnt_context_set_fstype(context, config->type);
	mnt_context_set_options(context, config->options);
	/* systemd unmounts it before it stops the network when this node goes down. */
	mnt_context_append_options(context, "_netdev");
	result = mnt_context_mount(context);
	if (result) {
		error = mnt_context_syscall_called(context) ?
			mnt_context_get_syscall_errno(context) : -result;
		mnt_context_get_excode(context, result, text, sizeof(text));
		if (error <= 0)
			error = EIO;
		text[strcspn(text, "\n")] = '\0';
		result = job_fail(env, error, "%s%s", *text ? text : strerror(error), fix(error));
	}
	mnt_free_context(context);
	return result;
}

/* Also takes it out of libmount's own table, which holds the _netdev. */
static int unmount(const char *where, bool lazy)
{
	struct libmnt_context *context = mnt_new_context();
	int result;

	if (!context)
		return -ENOMEM;
	mnt_context_disable_helpers(context, true);
	mnt_context_enable_lazy(context, lazy);
	mnt_context_set_target(context, where);
	result = mnt_context_umount(context);
	if (result)
		result = mnt_context_syscall_called(context) ?
			 -mnt_context_get_syscall_errno(context) : -EIO;
	mnt_free_context(context);
	return result;
}

/*
 * XFS and the like refuse by themselves; ext4 mounts whatever it can, and warns.
 * The superblock is read through the kernel's cache of the device, which also
 * has what a mounted file system made of it.
 */
static int check_sound(const struct step *step, const struct session_disk *disk, bool mounted,
		       struct step_env *env)
{
	const struct mount_config *config = config_of(step, env);
	uint8_t superblock[EXT4_SUPERBLOCK_SIZE];
	const char *why = NULL;
	ssize_t got;
	int fd;

	if (config->with_errors == WITH_ERRORS_MOUNT || strncmp(config->type, "ext", 3))
		return 0;
	fd = open(disk->node, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return job_fail(env, errno, "%s: %s", disk->node, strerror(errno));
	got = pread(fd, superblock, sizeof(superblock), EXT4_SUPERBLOCK_AT);
	if (got < 0)
		got = -errno;
	close(fd);
	if (got < 0)
		return job_fail(env, (int)got, "%s: reading the superblock of %s: %s", config->where,
				disk->node, strerror((int)-got));
	if (got == sizeof(superblock))
		why = ext4_needs_check(superblock, mounted);
	if (!why)
		return 0;
	return job_fail(env, EUCLEAN, "the file system for %s is not sound: %s; release the identity, log in by hand and run \"e2fsck -f\" on the disk %s, or set with-errors: mount",
			config->where, why, config->disk);
}

/* From here on a target that pauses is waited for; until now it would have hung the takeover. */
static void settle(const struct step *step, const struct step_env *env)
{
	if (step->item + 1 == env->identity->n_mounts)
		session_be_patient(env);
}

static int mount_take(struct step *step, struct step_env *env)
{
	const struct mount_config *config = config_of(step, env);
	struct session_disk disk;
	struct undo_state keep = { 0 };
	char number[32];
	dev_t device;
	int result = find_device(step, env, &disk, &device);

	if (result)
		return result;
	result = look(step, env, device);
	if (result < 0)
		return result;
	if (!result) {
		snprintf(number, sizeof(number), "%u:%u", major(device), minor(device));
		undo_state_put(&keep, "device", number);
		result = mount_stage(step, env);
		if (!result)
			result = undo_state_save(env, UNDO_STATE_KIND, step->item, &keep);
		if (!result)
			result = check_sound(step, &disk, false, env);
		if (!result)
			result = mount_it(config, &disk, env);
		if (result)
			return result;
	}
	/* Errors may have been noted in the journal alone, which has been replayed by now. */
	result = check_sound(step, &disk, true, env);
	if (result) {
		unmount(config->where, false);
		return result;
	}
	settle(step, env);
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
	const struct mount_config *config = config_of(step, env);
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
static bool is_ours(const struct step *step, struct step_env *env, dev_t device)
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
	const struct disk_config *config = disk_of(step, env);
	struct pr_holder holder = { 0 };
	struct session_disk disk;
	struct prkey parsed;
	int fd, result;

	if (!config || !session_paths(env->identity, config, &disk, 1))
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
	fs = mountinfo_at(table, config_of(step, env)->where);
	result = fs && is_ours(step, env, mnt_fs_get_devno(fs));
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
		result = unmount(where, false);
		if (result != -EBUSY || clock_ns() >= until)
			break;
		if (job_pause(env, BUSY_POLL_MS))
			break;
	}
	if (!result)
		return 0;
	if (result != -EBUSY)
		return job_fail(env, result, "%s: cannot be unmounted: %s", where, strerror(-result));
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
	uint32_t how = FS_SHUTDOWN_NO_FLUSH;
	int fd = open(where, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char users[128] = "";
	int result;

	if (fd >= 0) {
		ioctl(fd, FS_SHUTDOWN, &how);
		close(fd);
	}
	result = unmount(where, false);
	if (result == -EBUSY) {
		mount_users_describe(where, users, sizeof(users));
		result = unmount(where, true);
	}
	if (result)
		return job_fail(env, result, "%s: cannot be unmounted: %s", where, strerror(-result));
	job_say(env, "%s was shut down, since another node holds its disk%s%s", where,
		*users ? "; still open in " : "", users);
	return 0;
}

static int mount_undo(struct step *step, struct step_env *env)
{
	const char *where = config_of(step, env)->where;
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

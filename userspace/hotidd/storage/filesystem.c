// SPDX-License-Identifier: GPL-2.0
/* Mounts, checks and ends file systems. */
#include "storage/filesystem.h"

#include <errno.h>
#include <fcntl.h>
#include <libmount.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "step/job.h"
#include "storage/ext4.h"

/* ext4, XFS and F2FS: no more I/O from now on, not even the journal's. */
#define FS_SHUTDOWN		_IOR('X', 125, uint32_t)
#define FS_SHUTDOWN_NO_FLUSH	2

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

bool filesystem_known(const char *type, bool load, struct step_env *env)
{
	char module[80];
	const char *const argv[] = { "modprobe", load ? "-q" : "-nq", module, NULL };
	struct job_child child;

	snprintf(module, sizeof(module), "fs-%s", type);
	return kernel_has(type) || (!job_run(env, argv, &child) && !child.status);
}

static const char *cure(int error)
{
	switch (error) {
	case EUCLEAN:
		return "; its file system needs a check; release the identity, log in by hand and run fsck";
	case EBADE:
		return "; the reservation of another node forbids writing";
	case EINVAL:
		return "; is the type right, and was the LUN formatted?";
	default:
		return "";
	}
}

/* libmount's messages are "/srv/web: wrong fs type, bad option...": they name the thing. */
int filesystem_mount(const struct mount_config *config, const char *device, struct step_env *env)
{
	struct libmnt_context *context = mnt_new_context();
	char text[192] = "";
	int result, error;

	if (!context)
		return job_fail(env, ENOMEM, "%s: %m", config->where);
	/* No helper programs, and no guessing of what the configuration says. */
	mnt_context_disable_helpers(context, true);
	mnt_context_set_source(context, device);
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
		result = job_fail(env, error, "%s%s", *text ? text : strerror(error), cure(error));
	}
	mnt_free_context(context);
	return result;
}

int filesystem_unmount(const char *where, bool lazy)
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

int filesystem_check(const struct mount_config *config, const char *device, bool mounted,
		     struct step_env *env)
{
	uint8_t superblock[EXT4_SUPERBLOCK_SIZE];
	const char *why = NULL;
	ssize_t got;
	int fd;

	if (config->with_errors == WITH_ERRORS_MOUNT || strncmp(config->type, "ext", 3))
		return 0;
	fd = open(device, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return job_fail(env, errno, "%s: %m", device);
	got = pread(fd, superblock, sizeof(superblock), EXT4_SUPERBLOCK_AT);
	if (got < 0)
		got = -errno;
	close(fd);
	if (got < 0)
		return job_fail(env, (int)got, "%s: reading the superblock of %s: %m",
				config->where, device);
	if (got == sizeof(superblock))
		why = ext4_needs_check(superblock, mounted);
	if (!why)
		return 0;
	return job_fail(env, EUCLEAN, "the file system for %s is not sound: %s; release the identity, log in by hand and run \"e2fsck -f\" on the disk %s, or set with-errors: mount",
			config->where, why, config->disk);
}

void filesystem_shutdown(const char *where)
{
	uint32_t how = FS_SHUTDOWN_NO_FLUSH;
	int fd = open(where, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	ioctl(fd, FS_SHUTDOWN, &how);
	close(fd);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * A disk, once it is fenced: the right one, and seen as it is now. The LUN was
 * visible before the fence, when the old holder could still write, so what the
 * kernel read of it until then is dropped.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/file.h"
#include "step/job.h"
#include "storage/lun.h"
#include "storage/session.h"

/* That it is a LUN of an entry under iscsi, the file was checked for. */
static int disk_validate(struct step *step, struct step_env *env)
{
	return 0;
}

static int disk_stage(struct step *step, struct step_env *env)
{
	job_say(env, "the disk is seen once logged in");
	return 0;
}

static int disk_find(const struct step *step, struct step_env *env, struct session_disk *disk)
{
	const struct disk_config *config = &env->identity->disks[step->item];

	if (session_paths(env->identity, config, disk, 1))
		return 0;
	return job_fail(env, ENODEV, "%s: LUN %llu of %s is not there", config->name,
			(unsigned long long)config->lun, config->target);
}

static int write_attribute(const struct session_disk *disk, const char *name, const char *text)
{
	char path[PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/%s", disk->syspath, name);
	return file_write(path, text);
}

/* Which one it is, its size and whether it may be written, from the device as it is now. */
static int examine(const struct step *step, struct step_env *env, const struct session_disk *disk,
		   bool flush)
{
	const char *name = env->identity->disks[step->item].name;
	int fd = open(disk->node, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	uint64_t bytes = 0;
	int read_only = 0, result;
	struct lun lun;

	if (fd < 0)
		return job_fail(env, errno, "%s: %s: %m", name, disk->node);
	result = lun_check(fd, &env->identity->disks[step->item], &lun, env);
	if (!result && flush && ioctl(fd, BLKFLSBUF, 0))
		result = job_fail(env, errno, "%s: %s: dropping what was read before the fence: %m",
				  name, disk->node);
	if (!result && (ioctl(fd, BLKGETSIZE64, &bytes) || ioctl(fd, BLKROGET, &read_only)))
		result = job_fail(env, errno, "%s: %s: %m", name, disk->node);
	close(fd);
	if (result)
		return result;
	if (!bytes)
		return job_fail(env, ENOMEDIUM, "%s: %s has no size; is the LUN's storage online?",
				name, disk->node);
	if (read_only)
		return job_fail(env, EROFS, "%s: %s is read-only; is the LUN write-protected at the target?",
				name, disk->node);
	job_say(env, "%s is %s, %llu MiB", name, disk->node, (unsigned long long)(bytes >> 20));
	return 0;
}

static int disk_take(struct step *step, struct step_env *env)
{
	const char *name = env->identity->disks[step->item].name;
	struct session_disk disk;
	int result = disk_find(step, env, &disk);

	if (result)
		return result;
	result = examine(step, env, &disk, true);
	if (result == -ENOMEDIUM || result == -EROFS) {
		/* Before the fence another one's reservation may have hidden what it is. */
		result = write_attribute(&disk, "device/rescan", "1");
		if (result)
			return job_fail(env, result, "%s: %s: reading its size again: %m", name,
					disk.node);
		result = examine(step, env, &disk, true);
	}
	if (result)
		return result;
	/* udev probes it once more, in its own time: what it knows may be old as well. */
	write_attribute(&disk, "uevent", "change");
	/* From here on a target that pauses is waited for, unless a mount comes yet. */
	if (!env->identity->n_mounts && step->item + 1 == env->identity->n_disks)
		session_be_patient(env);
	return 0;
}

static int disk_verify(struct step *step, struct step_env *env)
{
	struct session_disk disk;
	int result = disk_find(step, env, &disk);

	return result ? result : examine(step, env, &disk, false);
}

/* The device goes with the session; nothing of it is kept. */
static int disk_undo(struct step *step, struct step_env *env)
{
	job_say(env, "nothing to undo");
	return 0;
}

const struct kind kind_disk = {
	.name = "disk",
	.stage = HOTID_STAGE_STORAGE,
	.proves = PROOF_DEVICE,
	.validate = disk_validate,
	.stage_ahead = disk_stage,
	.take = disk_take,
	.verify = disk_verify,
	.undo = disk_undo,
	.apart = true,
};

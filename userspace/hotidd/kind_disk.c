// SPDX-License-Identifier: GPL-2.0
/*
 * A disk, once it is fenced: the right one, and seen as it is now. The LUN was
 * visible before the fence, when the old holder could still write, so what the
 * kernel read of it until then is dropped.
 */
#include <errno.h>
#include <fcntl.h>
#include <libudev.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "job.h"
#include "session.h"

#define WWID_MAX	256

static const struct disk_config *config_of(const struct step *step, const struct step_env *env)
{
	return &env->identity->disks[step->item];
}

static int disk_validate(struct step *step, struct step_env *env)
{
	const struct disk_config *config = config_of(step, env);

	for (size_t i = 0; i < env->identity->n_iscsi; i++) {
		const struct iscsi_config *iscsi = &env->identity->iscsi[i];

		if (strcmp(iscsi->target, config->target))
			continue;
		for (size_t l = 0; l < iscsi->n_luns; l++)
			if (iscsi->luns[l] == config->lun)
				return 0;
	}
	return job_fail(env, EINVAL, "%s: no entry under iscsi has LUN %llu of %s; add it to its luns",
			config->name, (unsigned long long)config->lun, config->target);
}

static int disk_stage(struct step *step, struct step_env *env)
{
	job_say(env, "the disk is seen once logged in");
	return 0;
}

static int find(const struct step *step, struct step_env *env, struct session_disk *disk)
{
	const struct disk_config *config = config_of(step, env);

	if (session_paths(env->identity, config, disk, 1))
		return 0;
	return job_fail(env, ENODEV, "%s: LUN %llu of %s is not there", config->name,
			(unsigned long long)config->lun, config->target);
}

/*
 * The disk's name as udev's scsi_id makes ID_SERIAL: the identifier with the
 * digit of its kind before it. The kernel has the identifier at once; udev
 * only when it has got round to the disk.
 */
static void read_wwid(const struct session_disk *disk, char wwid[WWID_MAX])
{
	static const struct {
		const char *kind, *digit;
	} kinds[] = { { "naa.", "3" }, { "eui.", "2" }, { "t10.", "1" } };
	struct udev *udev = udev_new();
	struct udev_device *device = udev ? udev_device_new_from_syspath(udev, disk->syspath) : NULL;
	const char *text = NULL;

	*wwid = '\0';
	if (device)
		text = udev_device_get_sysattr_value(device, "device/wwid");
	for (size_t i = 0; text && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strncmp(text, kinds[i].kind, 4))
			snprintf(wwid, WWID_MAX, "%s%s", kinds[i].digit, text + 4);
	if (!*wwid && device)
		text = udev_device_get_property_value(device, "ID_SERIAL");
	if (!*wwid && text)
		snprintf(wwid, WWID_MAX, "%s", text);
	udev_device_unref(device);
	udev_unref(udev);
}

static int check_wwid(const struct step *step, struct step_env *env,
		      const struct session_disk *disk)
{
	const struct disk_config *config = config_of(step, env);
	char wwid[WWID_MAX];

	if (!config->wwid)
		return 0;
	read_wwid(disk, wwid);
	if (!strcmp(wwid, config->wwid))
		return 0;
	return job_fail(env, ENXIO, "%s: LUN %llu of %s has the wwid %s instead of %s; was the LUN made anew?",
			config->name, (unsigned long long)config->lun, config->target,
			*wwid ? wwid : "(none)", config->wwid);
}

static int write_attribute(const struct session_disk *disk, const char *name, const char *text)
{
	char path[PATH_MAX + 32];
	int fd, error = 0;

	snprintf(path, sizeof(path), "%s/%s", disk->syspath, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		error = errno;
	close(fd);
	return -error;
}

/* Size and whether it may be written, from the device as it is now. */
static int examine(const struct step *step, struct step_env *env, const struct session_disk *disk,
		   bool flush)
{
	const char *name = config_of(step, env)->name;
	int fd = open(disk->node, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	uint64_t bytes = 0;
	int read_only = 0, result = 0;

	if (fd < 0)
		return job_fail(env, errno, "%s: %s: %s", name, disk->node, strerror(errno));
	if (flush && ioctl(fd, BLKFLSBUF, 0))
		result = job_fail(env, errno, "%s: %s: dropping what was read before the fence: %s",
				  name, disk->node, strerror(errno));
	if (!result && (ioctl(fd, BLKGETSIZE64, &bytes) || ioctl(fd, BLKROGET, &read_only)))
		result = job_fail(env, errno, "%s: %s: %s", name, disk->node, strerror(errno));
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

/* From here on a target that pauses is waited for, unless a mount comes yet. */
static void settle(const struct step *step, const struct step_env *env)
{
	if (!env->identity->n_mounts && step->item + 1 == env->identity->n_disks)
		session_be_patient(env);
}

static int disk_take(struct step *step, struct step_env *env)
{
	const char *name = config_of(step, env)->name;
	struct session_disk disk;
	int result = find(step, env, &disk);

	if (!result)
		result = check_wwid(step, env, &disk);
	if (result)
		return result;
	result = examine(step, env, &disk, true);
	if (result == -ENOMEDIUM || result == -EROFS) {
		/* Before the fence another one's reservation may have hidden what it is. */
		result = write_attribute(&disk, "device/rescan", "1");
		if (result)
			return job_fail(env, result, "%s: %s: reading its size again: %s", name,
					disk.node, strerror(-result));
		result = examine(step, env, &disk, true);
	}
	if (result)
		return result;
	/* udev probes it once more, in its own time: what it knows may be old as well. */
	write_attribute(&disk, "uevent", "change");
	settle(step, env);
	return 0;
}

static int disk_verify(struct step *step, struct step_env *env)
{
	struct session_disk disk;
	int result = find(step, env, &disk);

	if (!result)
		result = check_wwid(step, env, &disk);
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
	.validate = disk_validate,
	.stage_ahead = disk_stage,
	.take = disk_take,
	.verify = disk_verify,
	.undo = disk_undo,
	.owns = owned_by_disk,
};

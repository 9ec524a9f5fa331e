// SPDX-License-Identifier: GPL-2.0
/* Finds sessions and their disks in sysfs, and sets their timeouts. */
#include "storage/session.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <libudev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "step/job.h"
#include "step/undo_state.h"

#define UNDO_STATE_KIND	"patience"
#define TIMEOUT		"recovery_tmo"
#define HURRY_S		"5"

bool session_iface(const struct identity_config *identity, size_t item,
		   char iface[SESSION_IFACE_MAX])
{
	return snprintf(iface, SESSION_IFACE_MAX, "hotid.%s.%zu", identity->name, item) <
	       SESSION_IFACE_MAX;
}

static void read_attribute(const char *directory, const char *name, char *value, size_t size)
{
	char path[PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file_read_line(path, value, size);
}

int session_find(const struct identity_config *identity, size_t item, struct session *session)
{
	char iface[SESSION_IFACE_MAX], value[256], device[PATH_MAX];
	int result = -ENOENT;
	glob_t found;

	if (!session_iface(identity, item, iface) ||
	    glob("/sys/class/iscsi_session/session*", 0, NULL, &found))
		return -ENOENT;
	for (size_t i = 0; i < found.gl_pathc && result; i++) {
		const char *path = found.gl_pathv[i];

		read_attribute(path, "ifacename", value, sizeof(value));
		if (strcmp(value, iface))
			continue;
		read_attribute(path, "targetname", value, sizeof(value));
		if (strcmp(value, identity->iscsi[item].target))
			continue;
		snprintf(device, sizeof(device), "%s/device", path);
		if (!realpath(device, session->syspath) ||
		    sscanf(strrchr(path, '/'), "/session%u", &session->sid) != 1)
			continue;
		snprintf(session->path, sizeof(session->path), "%s", path);
		read_attribute(path, "initiatorname", session->initiator,
			       sizeof(session->initiator));
		read_attribute(path, "state", session->state, sizeof(session->state));
		result = 0;
	}
	globfree(&found);
	return result;
}

/* As SAM has it, LUNs from 256 on are addressed flat, and the kernel shows them so. */
static uint64_t kernel_lun(uint64_t lun)
{
	return lun < 256 ? lun : lun | 0x4000;
}

/*
 * The kernel makes the node a moment before the device can be opened; its
 * event comes after that. An open may wait for the target.
 */
static bool is_ready(const char *node)
{
	int fd = open(node, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return errno != ENOENT && errno != ENXIO;
	close(fd);
	return true;
}

/*
 * sysfs is looked through as it is: a walk by libudev reads the whole tree
 * below the session, which takes longer than all else between login and mount.
 */
int session_disk(const struct session *session, uint64_t lun, struct session_disk *disk)
{
	char pattern[PATH_MAX + 64];
	glob_t found;

	/* The SCSI device is called HOST:CHANNEL:TARGET:LUN. */
	snprintf(pattern, sizeof(pattern), "%s/target*/*:*:*:%llu/block/*", session->syspath,
		 (unsigned long long)kernel_lun(lun));
	if (glob(pattern, 0, NULL, &found))
		return -ENOENT;
	snprintf(disk->node, sizeof(disk->node), "/dev/%s", strrchr(found.gl_pathv[0], '/') + 1);
	snprintf(disk->syspath, sizeof(disk->syspath), "%s", found.gl_pathv[0]);
	globfree(&found);
	return access(disk->node, F_OK) ? -ENOENT : 0;
}

int session_scan(const struct session *session, uint64_t lun, struct step_env *env)
{
	const char *host = strstr(session->syspath, "/host");
	unsigned int number;
	char path[64], text[48];
	int result;

	if (!host || sscanf(host, "/host%u/", &number) != 1)
		return job_fail(env, EIO, "%s: no SCSI host in this path", session->syspath);
	snprintf(path, sizeof(path), "/sys/class/scsi_host/host%u/scan", number);
	snprintf(text, sizeof(text), "0 0 %llu", (unsigned long long)kernel_lun(lun));
	result = file_write(path, text);
	return result ? job_fail(env, result, "%s: %m", path) : 0;
}

/* The first of the LUNs that has no device, or -1. */
static ssize_t first_missing(const struct session *session, const uint64_t *luns, size_t n)
{
	struct session_disk disk;

	for (size_t i = 0; i < n; i++)
		if (session_disk(session, luns[i], &disk) || !is_ready(disk.node))
			return (ssize_t)i;
	return -1;
}

int session_wait_disks(const struct session *session, const uint64_t *luns, size_t n,
		       uint64_t *missing, struct step_env *env)
{
	struct udev *udev = udev_new();
	/*
	 * The kernel's own events: the device is there when they come. udev's
	 * come once it has read the disk, which nothing here waits for.
	 */
	struct udev_monitor *monitor = udev ? udev_monitor_new_from_netlink(udev, "kernel") : NULL;
	struct pollfd fd = { .events = POLLIN };
	ssize_t first;
	int result = 0;

	if (!monitor) {
		result = -ENOMEM;
		goto unref;
	}
	udev_monitor_filter_add_match_subsystem_devtype(monitor, "block", "disk");
	if (udev_monitor_enable_receiving(monitor) < 0) {
		result = -EIO;
		goto unref;
	}
	/* Listening first, so that none comes between looking and listening. */
	while ((first = first_missing(session, luns, n)) >= 0) {
		*missing = luns[first];
		fd.fd = udev_monitor_get_fd(monitor);
		result = job_poll(env, &fd, 1, UINT64_MAX);
		if (result < 0)
			goto unref;
		udev_device_unref(udev_monitor_receive_device(monitor));
	}
	result = 0;
unref:
	udev_monitor_unref(monitor);
	udev_unref(udev);
	return result;
}

static void write_timeout(const struct session *session, const char *seconds)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/" TIMEOUT, session->path);
	file_write(path, seconds);
}

void session_hurry(const struct step_env *env)
{
	for (size_t i = 0; i < env->identity->n_iscsi; i++) {
		struct session session;
		struct undo_state keep;
		char value[16];

		if (session_find(env->identity, i, &session))
			continue;
		if (undo_state_load(env, UNDO_STATE_KIND, i, &keep)) {
			struct step_env quiet = *env;

			read_attribute(session.path, TIMEOUT, value, sizeof(value));
			memset(&keep, 0, sizeof(keep));
			if (!*value || !undo_state_put(&keep, TIMEOUT, value) ||
			    undo_state_save(&quiet, UNDO_STATE_KIND, i, &keep))
				continue;
		}
		write_timeout(&session, HURRY_S);
	}
}

void session_be_patient(const struct step_env *env)
{
	for (size_t i = 0; i < env->identity->n_iscsi; i++) {
		struct session session;
		struct undo_state keep;
		char value[16];

		if (undo_state_load(env, UNDO_STATE_KIND, i, &keep))
			continue;
		undo_state_drop(env, UNDO_STATE_KIND, i);
		if (session_find(env->identity, i, &session) ||
		    !undo_state_get(&keep, TIMEOUT, value, sizeof(value)))
			continue;
		write_timeout(&session, value);
	}
}

void session_forget(const struct step_env *env, size_t item)
{
	undo_state_drop(env, UNDO_STATE_KIND, item);
}

size_t session_paths(const struct identity_config *identity, const struct disk_config *disk,
		     struct session_disk *paths, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < identity->n_iscsi && n < max; i++) {
		struct session session;

		if (strcmp(identity->iscsi[i].target, disk->target) ||
		    session_find(identity, i, &session))
			continue;
		if (!session_disk(&session, disk->lun, &paths[n]))
			n++;
	}
	return n;
}

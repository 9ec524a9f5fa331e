// SPDX-License-Identifier: GPL-2.0
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <libudev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "job.h"
#include "keep.h"

#define KEEP_KIND	"patience"
#define HURRY_S		"5"

bool session_iface(const struct identity_config *identity, size_t item,
		   char iface[SESSION_IFACE_MAX])
{
	return snprintf(iface, SESSION_IFACE_MAX, "hotid.%s.%zu", identity->name, item) <
	       SESSION_IFACE_MAX;
}

static void copy_attribute(struct udev_device *device, const char *name, char *value, size_t size)
{
	const char *text = udev_device_get_sysattr_value(device, name);

	snprintf(value, size, "%s", text ? text : "");
}

static bool read_session(struct udev *udev, const char *syspath, struct session *session)
{
	struct udev_device *device = udev_device_new_from_syspath(udev, syspath), *parent;
	bool good = false;

	if (!device)
		return false;
	parent = udev_device_get_parent(device);
	if (parent && sscanf(udev_device_get_sysname(device), "session%u", &session->sid) == 1) {
		copy_attribute(device, "initiatorname", session->initiator,
			       sizeof(session->initiator));
		copy_attribute(device, "state", session->state, sizeof(session->state));
		snprintf(session->syspath, sizeof(session->syspath), "%s",
			 udev_device_get_syspath(parent));
		good = true;
	}
	udev_device_unref(device);
	return good;
}

int session_find(const struct identity_config *identity, size_t item, struct session *session)
{
	struct udev *udev = udev_new();
	struct udev_enumerate *all = udev ? udev_enumerate_new(udev) : NULL;
	struct udev_list_entry *entry;
	char iface[SESSION_IFACE_MAX];
	int result = -ENOENT;

	if (!all) {
		result = -ENOMEM;
		goto unref;
	}
	if (!session_iface(identity, item, iface))
		goto unref;
	udev_enumerate_add_match_subsystem(all, "iscsi_session");
	udev_enumerate_add_match_sysattr(all, "ifacename", iface);
	udev_enumerate_add_match_sysattr(all, "targetname", identity->iscsi[item].target);
	udev_enumerate_scan_devices(all);
	udev_list_entry_foreach(entry, udev_enumerate_get_list_entry(all))
		if (read_session(udev, udev_list_entry_get_name(entry), session))
			result = 0;
unref:
	udev_enumerate_unref(all);
	udev_unref(udev);
	return result;
}

/* As SAM has it, LUNs from 256 on are addressed flat, and the kernel shows them so. */
static uint64_t kernel_lun(uint64_t lun)
{
	return lun < 256 ? lun : lun | 0x4000;
}

/* Whether the block device is that LUN: its SCSI device is called H:C:T:L. */
static bool is_lun(struct udev_device *block, uint64_t lun)
{
	struct udev_device *scsi = udev_device_get_parent_with_subsystem_devtype(block, "scsi",
										 "scsi_device");
	const char *colon = scsi ? strrchr(udev_device_get_sysname(scsi), ':') : NULL;

	return colon && strtoull(colon + 1, NULL, 10) == kernel_lun(lun);
}

int session_disk(const struct session *session, uint64_t lun, struct session_disk *disk)
{
	struct udev *udev = udev_new();
	struct udev_device *parent = udev ? udev_device_new_from_syspath(udev, session->syspath) : NULL;
	struct udev_enumerate *all = parent ? udev_enumerate_new(udev) : NULL;
	struct udev_list_entry *entry;
	int result = -ENOENT;

	if (!all)
		goto unref;
	udev_enumerate_add_match_parent(all, parent);
	udev_enumerate_add_match_subsystem(all, "block");
	udev_enumerate_add_match_property(all, "DEVTYPE", "disk");
	udev_enumerate_scan_devices(all);
	udev_list_entry_foreach(entry, udev_enumerate_get_list_entry(all)) {
		const char *path = udev_list_entry_get_name(entry);
		struct udev_device *block = udev_device_new_from_syspath(udev, path);
		const char *node = block ? udev_device_get_devnode(block) : NULL;

		if (node && is_lun(block, lun) && !access(node, F_OK)) {
			snprintf(disk->node, sizeof(disk->node), "%s", node);
			snprintf(disk->syspath, sizeof(disk->syspath), "%s", path);
			result = 0;
		}
		udev_device_unref(block);
	}
unref:
	udev_enumerate_unref(all);
	udev_device_unref(parent);
	udev_unref(udev);
	return result;
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), error = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		error = errno;
	close(fd);
	return -error;
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
	result = write_file(path, text);
	return result ? job_fail(env, result, "%s: %s", path, strerror(-result)) : 0;
}

/* The first of the LUNs that has no device, or -1. */
static ssize_t first_missing(const struct session *session, const uint64_t *luns, size_t n)
{
	struct session_disk disk;

	for (size_t i = 0; i < n; i++)
		if (session_disk(session, luns[i], &disk))
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

static void timeout_path(const struct session *session, char path[64])
{
	snprintf(path, 64, "/sys/class/iscsi_session/session%u/recovery_tmo", session->sid);
}

void session_hurry(const struct step_env *env)
{
	for (size_t i = 0; i < env->identity->n_iscsi; i++) {
		struct session session;
		struct keep keep;
		char path[64], value[16];
		ssize_t got;
		int fd;

		if (session_find(env->identity, i, &session))
			continue;
		timeout_path(&session, path);
		if (keep_load(env, KEEP_KIND, i, &keep)) {
			struct step_env quiet = *env;

			fd = open(path, O_RDONLY | O_CLOEXEC);
			got = fd < 0 ? -1 : read(fd, value, sizeof(value) - 1);
			if (fd >= 0)
				close(fd);
			if (got <= 0)
				continue;
			value[got] = '\0';
			value[strcspn(value, "\n")] = '\0';
			memset(&keep, 0, sizeof(keep));
			if (!keep_put(&keep, "recovery_tmo", value) ||
			    keep_save(&quiet, KEEP_KIND, i, &keep))
				continue;
		}
		write_file(path, HURRY_S);
	}
}

void session_be_patient(const struct step_env *env)
{
	for (size_t i = 0; i < env->identity->n_iscsi; i++) {
		struct session session;
		struct keep keep;
		char path[64], value[16];

		if (keep_load(env, KEEP_KIND, i, &keep))
			continue;
		keep_drop(env, KEEP_KIND, i);
		if (session_find(env->identity, i, &session) ||
		    !keep_get(&keep, "recovery_tmo", value, sizeof(value)))
			continue;
		timeout_path(&session, path);
		write_file(path, value);
	}
}

void session_forget(const struct step_env *env, size_t item)
{
	keep_drop(env, KEEP_KIND, item);
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

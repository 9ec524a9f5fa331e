// SPDX-License-Identifier: GPL-2.0
/*
 * Timers: one, which is off until something changes. It goes off SETTLE_US
 * later, so that what follows from the change has happened too, and not
 * earlier than APART_US after the last time: a link that flaps must not keep
 * the node busy with looking at it.
 */
#define _GNU_SOURCE
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <libudev.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"

#define SETTLE_US	50000
#define APART_US	1000000

#define SYSTEMD		"org.freedesktop.systemd1"
#define UNITS		"/org/freedesktop/systemd1/unit"

struct watch {
	void (*changed)(void *data);
	void *data;
	sd_event *loop;
	sd_event_source *timer, *rtnl_source, *kernel_source, *mount_source;
	uint64_t last_us;		/* when it went off last */
	struct mnl_socket *rtnl;
	struct udev *udev;
	struct udev_monitor *kernel;
	int mounts;
	sd_bus *bus;
	sd_bus_slot **units;
	size_t n_units;
};

static int on_timer(sd_event_source *source, uint64_t now_us, void *data)
{
	struct watch *watch = data;

	watch->last_us = now_us;
	watch->changed(watch->data);
	return 0;
}

static void soon(struct watch *watch)
{
	uint64_t now_us, at_us;
	int enabled;

	if (sd_event_source_get_enabled(watch->timer, &enabled) < 0 || enabled != SD_EVENT_OFF ||
	    sd_event_now(watch->loop, CLOCK_MONOTONIC, &now_us) < 0)
		return;
	at_us = now_us + SETTLE_US;
	if (watch->last_us && at_us < watch->last_us + APART_US)
		at_us = watch->last_us + APART_US;
	sd_event_source_set_time(watch->timer, at_us);
	sd_event_source_set_enabled(watch->timer, SD_EVENT_ONESHOT);
}

static int on_rtnl(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct watch *watch = data;
	char buffer[16384];
	ssize_t got;

	do
		got = mnl_socket_recvfrom(watch->rtnl, buffer, sizeof(buffer));
	while (got > 0 || (got < 0 && (errno == ENOBUFS || errno == EINTR)));
	soon(watch);
	return 0;
}

static int on_kernel(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct watch *watch = data;
	struct udev_device *device;

	while ((device = udev_monitor_receive_device(watch->kernel)))
		udev_device_unref(device);
	soon(watch);
	return 0;
}

static int on_mounts(sd_event_source *source, int fd, uint32_t events, void *data)
{
	soon(data);
	return 0;
}

static int on_unit(sd_bus_message *message, void *data, sd_bus_error *error)
{
	soon(data);
	return 0;
}

static void without(const char *what, int error)
{
	log_warning("changes of %s are not reported: %s; they are found at the next audit", what,
		    strerror(error));
}

static void listen_rtnl(struct watch *watch)
{
	unsigned int groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR |
			      RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
	int error;

	watch->rtnl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!watch->rtnl || mnl_socket_bind(watch->rtnl, groups, MNL_SOCKET_AUTOPID) < 0)
		error = -errno;
	else
		error = sd_event_add_io(watch->loop, &watch->rtnl_source,
					mnl_socket_get_fd(watch->rtnl), EPOLLIN, on_rtnl, watch);
	if (error < 0)
		without("the network", -error);
}

static void listen_kernel(struct watch *watch)
{
	int error = -ENOMEM;

	watch->udev = udev_new();
	/* The kernel's own events: udev's come after it has read the disk, which may hang. */
	watch->kernel = watch->udev ? udev_monitor_new_from_netlink(watch->udev, "kernel") : NULL;
	if (!watch->kernel)
		goto fail;
	udev_monitor_filter_add_match_subsystem_devtype(watch->kernel, "block", NULL);
	udev_monitor_filter_add_match_subsystem_devtype(watch->kernel, "scsi", NULL);
	udev_monitor_filter_add_match_subsystem_devtype(watch->kernel, "iscsi_session", NULL);
	error = udev_monitor_enable_receiving(watch->kernel);
	if (error >= 0)
		error = sd_event_add_io(watch->loop, &watch->kernel_source,
					udev_monitor_get_fd(watch->kernel), EPOLLIN, on_kernel,
					watch);
	if (error >= 0)
		return;
fail:
	without("devices", -error);
}

static void listen_mounts(struct watch *watch)
{
	int error;

	/* Readable at any time; a change is an exception (see proc(5)). */
	watch->mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	error = watch->mounts < 0 ? -errno :
		sd_event_add_io(watch->loop, &watch->mount_source, watch->mounts, EPOLLPRI,
				on_mounts, watch);
	if (error < 0)
		without("mounts", -error);
}

static void listen_systemd(struct watch *watch)
{
	int error = sd_bus_open_system(&watch->bus);

	if (error >= 0)
		error = sd_bus_attach_event(watch->bus, watch->loop, SD_EVENT_PRIORITY_IDLE);
	/* Without it systemd sends no signals. */
	if (error >= 0)
		error = sd_bus_call_method_async(watch->bus, NULL, SYSTEMD,
						 "/org/freedesktop/systemd1", SYSTEMD ".Manager",
						 "Subscribe", NULL, NULL, "");
	if (error >= 0)
		return;
	without("units", -error);
	watch->bus = sd_bus_flush_close_unref(watch->bus);
}

struct watch *watch_new(sd_event *loop, void (*changed)(void *data), void *data)
{
	struct watch *watch = must_calloc(1, sizeof(*watch));
	int error;

	watch->changed = changed;
	watch->data = data;
	watch->loop = sd_event_ref(loop);
	watch->mounts = -1;
	error = sd_event_add_time(loop, &watch->timer, CLOCK_MONOTONIC, 0, 0, on_timer, watch);
	if (error >= 0)
		error = sd_event_source_set_enabled(watch->timer, SD_EVENT_OFF);
	if (error < 0) {
		without("anything", -error);
		return watch;
	}
	listen_rtnl(watch);
	listen_kernel(watch);
	listen_mounts(watch);
	listen_systemd(watch);
	return watch;
}

static void drop_units(struct watch *watch)
{
	while (watch->n_units)
		sd_bus_slot_unref(watch->units[--watch->n_units]);
}

static void watch_unit(struct watch *watch, const char *name)
{
	sd_bus_slot *slot = NULL;
	char *path = NULL;

	if (sd_bus_path_encode(UNITS, name, &path) >= 0 &&
	    sd_bus_match_signal_async(watch->bus, &slot, SYSTEMD, path,
				      "org.freedesktop.DBus.Properties", "PropertiesChanged",
				      on_unit, NULL, watch) >= 0) {
		watch->units = must_realloc(watch->units, watch->n_units + 1,
					    sizeof(watch->units[0]));
		watch->units[watch->n_units++] = slot;
	}
	free(path);
}

void watch_units(struct watch *watch, const struct config *config)
{
	drop_units(watch);
	if (!watch->bus)
		return;
	for (size_t i = 0; i < config->n_identities; i++)
		for (size_t j = 0; j < config->identities[i]->n_units; j++)
			watch_unit(watch, config->identities[i]->units[j]);
}

void watch_free(struct watch *watch)
{
	if (!watch)
		return;
	drop_units(watch);
	free(watch->units);
	sd_bus_close_unref(watch->bus);
	sd_event_source_disable_unref(watch->mount_source);
	if (watch->mounts >= 0)
		close(watch->mounts);
	sd_event_source_disable_unref(watch->kernel_source);
	udev_monitor_unref(watch->kernel);
	udev_unref(watch->udev);
	sd_event_source_disable_unref(watch->rtnl_source);
	if (watch->rtnl)
		mnl_socket_close(watch->rtnl);
	sd_event_source_disable_unref(watch->timer);
	sd_event_unref(watch->loop);
	free(watch);
}

// SPDX-License-Identifier: GPL-2.0
/* Finds a port's device by its udev properties, and lists the addresses that it gets. */
#include "net/port.h"

#include <errno.h>
#include <libudev.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "config/values.h"
#include "step/job.h"

static bool has_all(struct udev_device *device, const struct port_config *config)
{
	for (size_t i = 0; i < config->n_matches; i++) {
		const char *value = udev_device_get_property_value(device,
								   config->matches[i].property);

		if (!value || strcmp(value, config->matches[i].value))
			return false;
	}
	return true;
}

/* "ID_PATH=pci-0000:00:04.0, INTERFACE=eth1" */
static void describe(const struct port_config *config, char *text, size_t size)
{
	size_t used = 0;

	*text = '\0';
	for (size_t i = 0; i < config->n_matches && used < size; i++)
		used += snprintf(text + used, size - used, "%s%s=%s", i ? ", " : "",
				 config->matches[i].property, config->matches[i].value);
}

/* How many devices match, or a negative errno; the first two are in @found. */
static int find_all(struct udev *udev, const struct port_config *config, struct port found[2])
{
	struct udev_enumerate *all = udev_enumerate_new(udev);
	struct udev_list_entry *entry;
	int n = 0, result;

	if (!all)
		return -ENOMEM;
	result = udev_enumerate_add_match_subsystem(all, "net");
	if (result >= 0)
		result = udev_enumerate_scan_devices(all);
	if (result < 0)
		goto free_all;
	udev_list_entry_foreach(entry, udev_enumerate_get_list_entry(all)) {
		const char *path = udev_list_entry_get_name(entry);
		struct udev_device *device = udev_device_new_from_syspath(udev, path);
		unsigned int ifindex;

		if (!device && errno != ENODEV && errno != ENOENT) {
			result = -errno;
			goto free_all;
		}
		if (!device)
			continue;	/* it went away just now */
		ifindex = if_nametoindex(udev_device_get_sysname(device));
		if (ifindex && has_all(device, config)) {
			if (n < 2) {
				found[n].ifindex = (int)ifindex;
				snprintf(found[n].name, sizeof(found[n].name), "%s",
					 udev_device_get_sysname(device));
			}
			n++;
		}
		udev_device_unref(device);
	}
	result = n;
free_all:
	udev_enumerate_unref(all);
	return result;
}

int port_find(const struct port_config *config, struct port *port, struct step_env *env)
{
	struct udev *udev = udev_new();
	struct port found[2];
	char text[128];
	int n;

	if (!udev)
		return job_fail(env, ENOMEM, "libudev: %m");
	n = find_all(udev, config, found);
	udev_unref(udev);
	if (n < 0)
		return job_fail(env, n, "the network devices cannot be read from udev: %m");
	describe(config, text, sizeof(text));
	if (!n)
		return job_fail(env, ENODEV, "no network device has %s; \"udevadm info -q property -p /sys/class/net/eth0\" shows what eth0 has",
				text);
	if (n > 1)
		return job_fail(env, ENOTUNIQ, "both %s and %s have %s; add a property that only one has",
				found[0].name, found[1].name, text);
	*port = found[0];
	return 0;
}

int port_matches(const struct port_config *config, const struct port *port, struct step_env *env)
{
	struct udev *udev = udev_new();
	struct udev_device *device = NULL;
	int result;

	if (udev)
		device = udev_device_new_from_subsystem_sysname(udev, "net", port->name);
	if (device)
		result = has_all(device, config);
	else
		result = job_fail(env, udev ? errno : ENOMEM, "%s cannot be read from udev: %m",
				  port->name);
	udev_device_unref(device);
	udev_unref(udev);
	return result;
}

bool port_has_family(const struct port_config *config, int family)
{
	for (size_t i = 0; i < config->n_addresses; i++)
		if (config->addresses[i].family == family)
			return true;
	return false;
}

/* RFC 4291, appendix A: the modified EUI-64 of a MAC address. */
static struct ip_prefix link_local(const uint8_t mac[6])
{
	return (struct ip_prefix){
		.family = AF_INET6,
		.prefix = 64,
		.addr = {
			0xfe, 0x80, 0, 0, 0, 0, 0, 0,
			mac[0] ^ 2, mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5],
		},
	};
}

struct ip_prefix *port_addresses(const struct port_config *config, size_t *n)
{
	struct ip_prefix *all = must_calloc(config->n_addresses + 1, sizeof(*all));
	bool wanted = port_has_family(config, AF_INET6);

	for (*n = 0; *n < config->n_addresses; ++*n) {
		all[*n] = config->addresses[*n];
		wanted &= !address_link_local(&all[*n]);
	}
	if (wanted)
		all[(*n)++] = link_local(config->mac);
	return all;
}

bool ip_same(const struct ip_prefix *a, const struct ip_prefix *b)
{
	return address_same(a, b) && a->prefix == b->prefix;
}

bool route_same(const struct route_config *a, const struct route_config *b)
{
	return ip_same(&a->to, &b->to) && a->has_via == b->has_via &&
	       (!a->has_via || address_same(&a->via, &b->via));
}

bool port_owns(const struct ip_prefix *owned, size_t n, const struct ip_prefix *ip)
{
	for (size_t i = 0; i < n; i++)
		if (ip_same(&owned[i], ip))
			return true;
	return false;
}

// SPDX-License-Identifier: GPL-2.0
/* The sysctls of a port that must stay silent. */
#include "net/port_sysctl.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "net/port_filter.h"
#include "step/job.h"

#define SYSCTL	"/proc/sys/net/%s/conf/%s/%s"
#define CLSACT	"clsact"		/* whether the port had one before */

/* In the order in which they are written. */
static const struct setting {
	const char *family, *name, *quiet;
} settings[] = {
	{ "ipv4", "arp_notify", "0" },		/* no gratuitous ARP on a new MAC or link */
	{ "ipv6", "accept_ra", "0" },
	{ "ipv6", "autoconf", "0" },
	{ "ipv6", "router_solicitations", "0" },
	{ "ipv6", "addr_gen_mode", "1" },	/* none: port_addresses() says why */
	{ "ipv6", "ndisc_notify", "0" },
	{ "ipv6", "accept_dad", "0" },
	{ "ipv6", "disable_ipv6", NULL },	/* as the caller says */
};

#define SETTINGS	(sizeof(settings) / sizeof(settings[0]))

/* Returns 0 or a negative errno; -ENOENT where the kernel has no such setting. */
static int sysctl_get(const char *port, const char *family, const char *name, char *value,
		      size_t size)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), SYSCTL, family, port, name);
	return file_read_line(path, value, size);
}

static int sysctl_set(const char *port, const char *family, const char *name, const char *value)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), SYSCTL, family, port, name);
	return file_write(path, value);
}

static int sysctl_set_or_say(const char *port, const char *family, const char *name,
			     const char *value, struct step_env *env)
{
	int error = sysctl_set(port, family, name, value);

	/* A kernel without IPv6 has nothing to keep quiet. */
	if (!error || error == -ENOENT)
		return 0;
	return job_fail(env, error, "%s: net.%s.conf.%s.%s = %s: %m", port, family, port, name,
			value);
}

bool port_sysctl_save(const struct port *port, struct undo_state *keep)
{
	for (size_t i = 0; i < SETTINGS; i++) {
		char value[32];

		if (sysctl_get(port->name, settings[i].family, settings[i].name, value,
			       sizeof(value)))
			continue;
		if (!undo_state_put(keep, settings[i].name, value))
			return false;
	}
	return undo_state_put(keep, CLSACT, port_filter_make(port->ifindex) ? "0" : "1");
}

/*
 * By default a Linux host answers ARP for any of its addresses on any port, and
 * asks in the name of any, so a second port on the same network would answer
 * for the identity with its own MAC address. These two are for all ports and
 * stay: other identities need them too, and whoever set them before may as well.
 */
static int keep_ports_apart(struct step_env *env)
{
	static const struct {
		const char *name, *least;
	} wanted[] = { { "arp_ignore", "1" }, { "arp_announce", "2" } };
	int result = 0;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]) && !result; i++) {
		char value[32];

		if (!sysctl_get("all", "ipv4", wanted[i].name, value, sizeof(value)) &&
		    atoi(value) < atoi(wanted[i].least))
			result = sysctl_set_or_say("all", "ipv4", wanted[i].name, wanted[i].least,
						   env);
	}
	return result;
}

int port_sysctl_silence(const struct port *port, bool ipv6, struct step_env *env)
{
	int result = keep_ports_apart(env);

	if (result)
		return result;
	result = port_filter_shut(port->ifindex);
	if (result)
		return job_fail(env, result, "%s: its filters cannot be closed: tc: %m; are sch_ingress and cls_bpf there?",
				port->name);
	for (size_t i = 0; i < SETTINGS && !result; i++) {
		const char *value = settings[i].quiet ? settings[i].quiet : ipv6 ? "0" : "1";

		result = sysctl_set_or_say(port->name, settings[i].family, settings[i].name, value,
					   env);
	}
	return result;
}

int port_sysctl_flush_ipv6(const struct port *port, bool ipv6, struct step_env *env)
{
	int result = sysctl_set_or_say(port->name, "ipv6", "disable_ipv6", "1", env);

	if (result || !ipv6)
		return result;
	return sysctl_set_or_say(port->name, "ipv6", "disable_ipv6", "0", env);
}

void port_sysctl_restore(const struct port *port, const struct undo_state *keep)
{
	char value[32];

	/* With IPv6 off none of it makes the kernel add an address; that comes last. */
	sysctl_set(port->name, "ipv6", "disable_ipv6", "1");
	for (size_t i = 0; i < SETTINGS; i++)
		if (undo_state_get(keep, settings[i].name, value, sizeof(value)))
			sysctl_set(port->name, settings[i].family, settings[i].name, value);
	port_filter_open(port->ifindex);
	if (undo_state_get(keep, CLSACT, value, sizeof(value)) && *value == '0')
		port_filter_remove(port->ifindex);
}

// SPDX-License-Identifier: GPL-2.0
/* Which devices have the probe, in which mode, with how many slots. */
#include "probe/policy.h"

#include <net/if.h>

#include "net/rtnl.h"

#define SLOTS_LEAST	1024U
/* A peer must find a slot near its home; with so many for each, all do. */
#define SLOTS_PER_PEER	8U

uint32_t policy_slots(const struct node_config *config)
{
	uint32_t peers = config->probe_room > config->n_peers ? config->probe_room :
			 (uint32_t)config->n_peers;
	uint32_t slots = SLOTS_LEAST;

	while (slots < peers * SLOTS_PER_PEER)
		slots *= 2;
	return slots;
}

bool policy_has_mode(enum probe_want want, uint32_t mode)
{
	return want == PROBE_AUTO ||
	       mode == (want == PROBE_NATIVE ? HOTID_PROBE_MODE_NATIVE : HOTID_PROBE_MODE_GENERIC);
}

bool policy_has_device(const unsigned int *list, size_t n, unsigned int ifindex)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == ifindex)
			return true;
	return false;
}

static void add_device(unsigned int wanted[PROBE_DEVICES_MAX], size_t *n, unsigned int ifindex)
{
	if (ifindex && *n < PROBE_DEVICES_MAX && !policy_has_device(wanted, *n, ifindex))
		wanted[(*n)++] = ifindex;
}

/* Through which device the peer's packets come, by our own way to it; 0 for none. */
static unsigned int path_device(const struct path_config *path)
{
	int ifindex = 0;

	if (path->device)
		return if_nametoindex(path->device);
	rtnl_route_to(path->address.family, path->address.addr,
		      path->local.family ? path->local.addr : NULL, &ifindex);
	return ifindex;
}

size_t policy_devices(const struct node_config *config, unsigned int wanted[PROBE_DEVICES_MAX])
{
	size_t n = 0;

	if (config->probe_mode == PROBE_OFF)
		return 0;
	for (size_t i = 0; i < config->n_probe_devices; i++)
		add_device(wanted, &n, if_nametoindex(config->probe_devices[i]));
	if (config->n_probe_devices)
		return n;
	for (size_t i = 0; i < config->n_peers; i++)
		for (size_t j = 0; config->peers[i].watch && j < config->peers[i].n_paths; j++)
			add_device(wanted, &n, path_device(&config->peers[i].paths[j]));
	return n;
}

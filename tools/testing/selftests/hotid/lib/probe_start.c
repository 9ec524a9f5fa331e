// SPDX-License-Identifier: GPL-2.0
/* Apart from probe_attach.c, because libhotid and the skeleton both have a struct hotid_probe. */
#include "probe.h"

#include "net.h"
#include "node.h"

void probe_start(struct probe *probe, const struct node *node, const char *device,
		 uint32_t mode)
{
	if (mode == HOTID_PROBE_MODE_NONE)
		return;
	if (!probe->skeleton)
		probe_load(probe);
	probe_attach(probe, node->ns, device, mode);
	MUST(node->h, hotid_probe_set(node->h, probe->slots, probe->counters,
				      link_index(node->ns, device), mode));
}

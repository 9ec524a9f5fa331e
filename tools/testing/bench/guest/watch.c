// SPDX-License-Identifier: GPL-2.0
#include "watch.h"

#include <stdio.h>

#include "lib/net.h"
#include "lib/node.h"
#include "lib/probe.h"

void watch_natively(const struct node *node, const char *prefix, unsigned int count)
{
	struct probe probe;
	unsigned int i;
	char name[16];

	probe_load(&probe);
	for (i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%s%u", prefix, i);
		/* Each attachment leaves its link open: it is to last. */
		probe_attach(&probe, node->ns, name, HOTID_PROBE_MODE_NATIVE);
		MUST(node->h, hotid_probe_set(node->h, probe.slots, probe.counters,
					      link_index(node->ns, name),
					      HOTID_PROBE_MODE_NATIVE));
	}
}

// SPDX-License-Identifier: GPL-2.0
#include "watch.h"

#include <stdio.h>

#include "lib/net.h"
#include "lib/node.h"

struct watch watch_natively(const struct node *node, const char *prefix, unsigned int count,
			    uint32_t slots)
{
	struct watch watch = watch_load(slots);
	unsigned int i;
	char name[16];

	for (i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%s%u", prefix, i);
		MUST(node->h, hotid_probe_set(node->h, watch.slots, watch.counters,
					      link_index(node->ns, name),
					      HOTID_PROBE_MODE_NATIVE));
		watch_attach(&watch, node->ns, name);
	}
	return watch;
}

// SPDX-License-Identifier: GPL-2.0
#include "watch_probe.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <err.h>
#include <linux/hotid.h>
#include <linux/if_link.h>

#include "hotid_probe.skel.h"
#include "lib/net.h"

struct watch watch_load(uint32_t slots)
{
	struct hotid_probe *skeleton = hotid_probe__open();

	if (!skeleton)
		err(1, "opening the probe");
	skeleton->rodata->beat_port = HOTID_DEFAULT_PORT;
	skeleton->rodata->slot_mask = slots - 1;
	if (bpf_map__set_max_entries(skeleton->maps.slots, slots) ||
	    bpf_map__set_max_entries(skeleton->maps.counters, libbpf_num_possible_cpus()) ||
	    hotid_probe__load(skeleton))
		err(1, "loading the probe");
	return (struct watch) {
		.program = bpf_program__fd(skeleton->progs.hotid_probe),
		.slots = bpf_map__fd(skeleton->maps.slots),
		.counters = bpf_map__fd(skeleton->maps.counters),
	};
}

void watch_attach(const struct watch *watch, int ns, const char *device)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = XDP_FLAGS_DRV_MODE);
	uint32_t index = link_index(ns, device);
	int link;

	ns_enter(ns);
	link = bpf_link_create(watch->program, index, BPF_XDP, &options);
	ns_home();
	if (link < 0)
		err(1, "attaching the probe to %s", device);
	/* The link stays open: closing it would detach. */
}

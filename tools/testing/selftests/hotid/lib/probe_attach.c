// SPDX-License-Identifier: GPL-2.0
#include "probe.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <err.h>
#include <errno.h>
#include <linux/hotid.h>
#include <linux/if_link.h>
#include <unistd.h>

#include "hotid_probe.skel.h"
#include "net.h"

void probe_load(struct probe *probe)
{
	struct hotid_probe *skeleton = hotid_probe__open();

	if (!skeleton)
		err(1, "opening the probe");
	skeleton->rodata->beat_port = HOTID_DEFAULT_PORT;
	skeleton->rodata->slot_mask = PROBE_SLOTS - 1;
	if (bpf_map__set_max_entries(skeleton->maps.slots, PROBE_SLOTS) ||
	    bpf_map__set_max_entries(skeleton->maps.counters, libbpf_num_possible_cpus()) ||
	    hotid_probe__load(skeleton))
		err(1, "loading the probe");
	probe->skeleton = skeleton;
	probe->program = bpf_program__fd(skeleton->progs.hotid_probe);
	probe->slots = bpf_map__fd(skeleton->maps.slots);
	probe->counters = bpf_map__fd(skeleton->maps.counters);
	probe->n_links = 0;
}

void probe_attach(struct probe *probe, int ns, const char *device, uint32_t mode)
{
	LIBBPF_OPTS(bpf_link_create_opts, options,
		    .flags = mode == HOTID_PROBE_MODE_NATIVE ? XDP_FLAGS_DRV_MODE :
							       XDP_FLAGS_SKB_MODE);
	uint32_t index = link_index(ns, device);
	int link;

	ns_enter(ns);
	link = bpf_link_create(probe->program, index, BPF_XDP, &options);
	ns_home();
	if (link < 0)
		err(1, "attaching the probe to %s", device);
	probe->links[probe->n_links++] = link;
}

void probe_detach(struct probe *probe)
{
	while (probe->n_links) {
		int link = probe->links[--probe->n_links];

		/* The device may have gone before. */
		if (bpf_link_detach(link) && errno != ENOLINK)
			err(1, "detaching the probe");
		close(link);
	}
}

void probe_unload(struct probe *probe)
{
	probe_detach(probe);
	hotid_probe__destroy(probe->skeleton);
	probe->skeleton = NULL;
}

uint64_t probe_count(const struct probe *probe, int kind)
{
	uint64_t counters[8], sum = 0;
	uint32_t cpu;

	for (cpu = 0; cpu < (uint32_t)libbpf_num_possible_cpus(); cpu++) {
		if (bpf_map_lookup_elem(probe->counters, &cpu, counters))
			err(1, "counters of the probe");
		sum += counters[kind];
	}
	return sum;
}

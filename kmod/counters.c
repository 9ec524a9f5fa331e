// SPDX-License-Identifier: GPL-2.0
/*
 * Counters of packets. The module counts per CPU, in softirq; the probe counts in its
 * own map. Sums are read in commands and may miss what is counted meanwhile.
 */
#include "counters.h"

#include <linux/bpf.h>
#include <linux/percpu.h>

#include "map.h"

int hotid_counters_init(struct hotid_counter_set *set)
{
	set->module = alloc_percpu(struct hotid_counters);
	return set->module ? 0 : -ENOMEM;
}

void hotid_counters_exit(struct hotid_counter_set *set)
{
	if (set->probe)
		bpf_map_put(set->probe);
	free_percpu(set->module);
}

static u64 probe_count(const struct hotid_counter_set *set, enum hotid_verdict kind)
{
	struct bpf_map *map = set->probe;
	u64 sum = 0;
	u32 i;

	rcu_read_lock();
	for (i = 0; map && i < map->max_entries; i++) {
		struct hotid_counters *counters = hotid_map_value(map, i);

		sum += READ_ONCE(counters->kind[kind]);
	}
	rcu_read_unlock();
	return sum;
}

void hotid_counters_use(struct hotid_counter_set *set, struct bpf_map *counters)
{
	int kind;

	for (kind = 0; kind < HOTID_VERDICTS; kind++)
		this_cpu_add(set->module->kind[kind],
			     probe_count(set, kind) - set->probe_before[kind]);
	swap(set->probe, counters);
	if (counters)
		bpf_map_put(counters);
	for (kind = 0; kind < HOTID_VERDICTS; kind++)
		set->probe_before[kind] = probe_count(set, kind);
}

void hotid_counters_note(struct hotid_counter_set *set, enum hotid_verdict kind)
{
	this_cpu_inc(set->module->kind[kind]);
}

u64 hotid_counters_sum(struct hotid_counter_set *set, enum hotid_verdict kind)
{
	u64 sum = probe_count(set, kind) - set->probe_before[kind];
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(set->module, cpu)->kind[kind]);
	return sum;
}

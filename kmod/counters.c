// SPDX-License-Identifier: GPL-2.0
#include "counters.h"

#include <linux/bpf.h>

#include "map.h"
#include "table.h"

static u64 probe_count(const struct hotid_table *table, enum hotid_verdict kind)
{
	struct bpf_map *map = table->probe_counters;
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

void hotid_counters_use(struct hotid_table *table, struct bpf_map *counters)
{
	int kind;

	for (kind = 0; kind < HOTID_VERDICTS; kind++)
		this_cpu_add(table->counters->kind[kind],
			     probe_count(table, kind) - table->probe_before[kind]);
	swap(table->probe_counters, counters);
	if (counters)
		bpf_map_put(counters);
	for (kind = 0; kind < HOTID_VERDICTS; kind++)
		table->probe_before[kind] = probe_count(table, kind);
}

void hotid_table_note(struct hotid_table *table, enum hotid_verdict kind)
{
	this_cpu_inc(table->counters->kind[kind]);
}

u64 hotid_table_count(struct hotid_table *table, enum hotid_verdict kind)
{
	u64 sum = probe_count(table, kind) - table->probe_before[kind];
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(table->counters, cpu)->kind[kind]);
	return sum;
}

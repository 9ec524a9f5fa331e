/* SPDX-License-Identifier: GPL-2.0 */
/* Packets by what became of them, as the module and its probe count them. */
#ifndef HOTID_COUNTERS_H
#define HOTID_COUNTERS_H

#include <linux/percpu.h>

#include "slot.h"

struct bpf_map;

/**
 * struct hotid_counter_set - the counters of a node
 * @module: packets judged by the module itself, per CPU
 * @probe: map of the probe's own counts, or NULL
 * @probe_before: what that map held when it was adopted
 */
struct hotid_counter_set {
	struct hotid_counters __percpu *module;
	struct bpf_map *probe;
	u64 probe_before[HOTID_VERDICTS];
};

int hotid_counters_init(struct hotid_counter_set *set);
void hotid_counters_exit(struct hotid_counter_set *set);

/* One more of a kind, by the module. */
void hotid_counters_note(struct hotid_counter_set *set, enum hotid_verdict kind);

/* Sum of what the probe and the module counted of one kind. */
u64 hotid_counters_sum(struct hotid_counter_set *set, enum hotid_verdict kind);

/*
 * From here on the probe counts in @counters, whose reference is taken over;
 * NULL for nowhere. What was counted stays so. Command context.
 */
void hotid_counters_use(struct hotid_counter_set *set, struct bpf_map *counters);

#endif /* HOTID_COUNTERS_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* Packets by what became of them, as the module and its probe count them. */
#ifndef HOTID_COUNTERS_H
#define HOTID_COUNTERS_H

#include "slot.h"

struct bpf_map;
struct hotid_table;

/* Count what is not judged from the packet alone. */
void hotid_table_note(struct hotid_table *table, enum hotid_verdict kind);

/* Sum of what the probe and the module counted of one kind. */
u64 hotid_table_count(struct hotid_table *table, enum hotid_verdict kind);

/*
 * From here on the probe counts in @counters, whose reference is taken over;
 * NULL for nowhere. What was counted stays so. Command context.
 */
void hotid_counters_use(struct hotid_table *table, struct bpf_map *counters);

#endif /* HOTID_COUNTERS_H */

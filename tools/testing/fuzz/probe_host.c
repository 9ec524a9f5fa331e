// SPDX-License-Identifier: GPL-2.0
/*
 * The probe's source itself, with its helpers as plain functions. It is given a
 * context whose pointers have room for the host's.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/bpf.h>

/* In place of <bpf/bpf_helpers.h>, whose functions are numbers of the kernel's. */
#define __BPF_HELPERS__
#define SEC(name)
#define __uint(name, value)	int(*name)[value]
#define __type(name, value)	typeof(value) *name
#ifndef __always_inline
#define __always_inline		inline __attribute__((always_inline))
#endif

static void *bpf_map_lookup_elem(void *map, const void *key);
static __u64 bpf_ktime_get_ns(void);
static __u32 bpf_get_smp_processor_id(void);

struct frame_context {
	unsigned long data;
	unsigned long data_end;
};

#define xdp_md frame_context
#include "hotid_probe.bpf.c"
#undef xdp_md

#include "model.h"
#include "probe_host.h"

static struct hotid_slot slot_values[PROBE_SLOTS];
static struct hotid_counters counter_values[PROBE_CPUS];
static __u64 time_now;
static __u32 cpu_now;

const struct probe probe = {
	.slots = slot_values,
	.counters = counter_values,
	.slot_size = sizeof(struct hotid_slot),
	.counters_size = sizeof(struct hotid_counters),
};

static void *bpf_map_lookup_elem(void *map, const void *key)
{
	__u32 index = *(const __u32 *)key;

	if (map == &slots)
		return index < PROBE_SLOTS ? &slot_values[index] : NULL;
	return index < PROBE_CPUS ? &counter_values[index] : NULL;
}

static __u64 bpf_ktime_get_ns(void)
{
	return time_now;
}

static __u32 bpf_get_smp_processor_id(void)
{
	return cpu_now;
}

/* As the loader does before the program runs: fewer slots, soon cleared. */
__attribute__((constructor)) static void set_mask(void)
{
	unsigned long size = sysconf(_SC_PAGESIZE);
	void *page = (void *)((unsigned long)&slot_mask & -size);

	if (mprotect(page, size, PROT_READ | PROT_WRITE))
		abort();
	*(volatile __u32 *)&slot_mask = PROBE_SLOTS - 1;
	if (mprotect(page, size, PROT_READ))
		abort();
}

void probe_reset(void)
{
	memset(slot_values, 0, sizeof(slot_values));
	memset(counter_values, 0, sizeof(counter_values));
}

int probe_drops(const void *frame, size_t length, unsigned int cpu, uint64_t now)
{
	/* Just as long as the frame, so that a read past its end is seen. */
	char *copy = malloc(length);
	struct frame_context context = {
		.data = (unsigned long)copy,
		.data_end = (unsigned long)copy + length,
	};
	int action;

	memcpy(copy, frame, length);
	time_now = now;
	cpu_now = cpu;
	action = hotid_probe(&context);
	if ((action != XDP_PASS && action != XDP_DROP) || !model_same(copy, frame, length))
		abort();
	free(copy);
	return action == XDP_DROP;
}

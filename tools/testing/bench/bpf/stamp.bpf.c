// SPDX-License-Identifier: GPL-2.0
/*
 * Stamps the slots of many peers, as their beats would: the detector cannot
 * tell the difference, and what the beats cost is measured elsewhere.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "slot.h"

#define MOST	1024

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);		/* the probe's own takes its place */
	__uint(map_flags, BPF_F_WRONLY);
	__type(key, __u32);
	__type(value, struct hotid_slot);
} slots SEC(".maps");

/* Slots from this one on, as many as this. */
volatile __u32 first, count;

SEC("xdp")
int stamp(struct xdp_md *ctx)
{
	__u64 now = bpf_ktime_get_ns();
	__u32 i;

	for (i = 0; i < MOST && i < count; i++) {
		__u32 place = first + i;
		struct hotid_slot *slot = bpf_map_lookup_elem(&slots, &place);

		if (slot && slot->boot_id) {
			slot->path[0].seq++;
			*(volatile __u64 *)&slot->path[0].ns = now;
		}
	}
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";

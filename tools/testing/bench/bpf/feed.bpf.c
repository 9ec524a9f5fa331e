// SPDX-License-Identifier: GPL-2.0
/*
 * Fresh beats for the probe under test.
 *
 * A test run repeats one packet, and a beat is accepted once only. So before
 * each repeat this program writes the next sequence and its MAC, signed ahead
 * by the host, into the packet, and tail-calls the probe, unmodified. The same
 * with a target that does nothing is the cost to be taken off.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "feed.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, FEED_BEATS);
	__type(key, __u32);
	__type(value, struct feed_beat);
} beats SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} targets SEC(".maps");

__u32 next;

static __always_inline int feed(struct xdp_md *ctx, __u32 target)
{
	__u8 *data = (void *)(long)ctx->data;
	__u32 index = next++ & (FEED_BEATS - 1);
	struct feed_beat *beat = bpf_map_lookup_elem(&beats, &index);

	if (!beat || (void *)(data + FEED_FRAME) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	__builtin_memcpy(data + FEED_SEQ, &beat->seq, sizeof(beat->seq));
	__builtin_memcpy(data + FEED_MAC, &beat->mac, sizeof(beat->mac));
	bpf_tail_call(ctx, &targets, target);
	return XDP_ABORTED;
}

SEC("xdp")
int feed_probe(struct xdp_md *ctx)
{
	return feed(ctx, FEED_TARGET_PROBE);
}

SEC("xdp")
int feed_nothing(struct xdp_md *ctx)
{
	return feed(ctx, FEED_TARGET_NOTHING);
}

SEC("xdp")
int nothing(struct xdp_md *ctx)
{
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";

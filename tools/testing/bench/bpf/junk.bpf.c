// SPDX-License-Identifier: GPL-2.0
/*
 * Junk, as fast as frames can be made: a live test run repeats a beat that
 * somebody forged, and this program sends it out of a device: as it is, from a
 * sender that nobody knows, malformed, and to the ports of other detectors, by
 * turns. Frames are used again as they were left, so all that differs is
 * written each time.
 */
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "junk.h"

const volatile __u32 device;
const volatile __u16 beat_port, other_ports[JUNK_PORTS];
const volatile __u32 n_other_ports;

__u64 sent;

SEC("xdp")
int junk(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;
	__u32 kind = sent++ % (3 + n_other_ports);
	__u16 port = beat_port;

	if (data + JUNK_FRAME > (__u8 *)(long)ctx->data_end)
		return XDP_ABORTED;
	if (kind >= 3)
		port = other_ports[(kind - 3) & (JUNK_PORTS - 1)];
	*(__u16 *)(data + 36) = bpf_htons(port);
	data[JUNK_HEADERS] = kind == 2 ? 0 : 'H';
	data[JUNK_HEADERS + 8 + 15] = kind == 1 ? 0xee : 0xaf;
	return bpf_redirect(device, 0);
}

char LICENSE[] SEC("license") = "GPL";

// SPDX-License-Identifier: GPL-2.0
/*
 * A cable that is cut by a store to memory: on egress, everything vanishes
 * while "cut" is set, and the sender is told that it went out.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

volatile __u32 cut;

SEC("tc")
int cut_egress(struct __sk_buff *skb)
{
	return cut ? TC_ACT_STOLEN : TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";

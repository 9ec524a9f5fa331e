// SPDX-License-Identifier: GPL-2.0
#include "gate.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <stddef.h>
#include <unistd.h>

/* Which filter is ours, among those that others may have there. */
#define HANDLE		0x4849
#define PRIORITY	0x4849

/* Offsets in the frame, from the Ethernet header on. */
#define ETHERTYPE	12
#define ARP_OPERATION	20
#define IPV6_NEXT	20
#define ICMPV6_TYPE	54

/* A byte or 16 bits of the frame into r0. When the frame is too short, it passes. */
#define LOAD(size, offset) \
	{ .code = BPF_LD | BPF_ABS | (size), .imm = (offset) }
/* Goes to instruction number @to of the program if r0 is @value; this one is @here. */
#define IF_IS(here, value, to) \
	{ .code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = BPF_REG_0, .off = (to) - (here) - 1, \
	  .imm = (value) }
#define SET(value) \
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = (value) }
#define EXIT \
	{ .code = BPF_JMP | BPF_EXIT }

enum { IPV6 = 5, ICMPV6 = 9, ARP = 12, PASS = 14, DROP = 16 };

static const struct bpf_insn program[] = {
	/* Loads are from the frame that r6 has. */
	[0] = { .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_6, .src_reg = BPF_REG_1 },
	[1] = LOAD(BPF_H, ETHERTYPE),
	[2] = IF_IS(2, 0x0806, ARP),
	[3] = IF_IS(3, 0x86dd, IPV6),
	[4] = { .code = BPF_JMP | BPF_JA, .off = PASS - 4 - 1 },
	[IPV6] = LOAD(BPF_B, IPV6_NEXT),
	[6] = IF_IS(6, 0, DROP),	/* hop-by-hop options: MLD, and hardly anything else */
	[7] = IF_IS(7, 58, ICMPV6),
	[8] = { .code = BPF_JMP | BPF_JA, .off = PASS - 8 - 1 },
	[ICMPV6] = LOAD(BPF_B, ICMPV6_TYPE),
	[10] = IF_IS(10, 136, DROP),	/* neighbour advertisement */
	[11] = { .code = BPF_JMP | BPF_JA, .off = PASS - 11 - 1 },
	[ARP] = LOAD(BPF_H, ARP_OPERATION),
	[13] = IF_IS(13, 2, DROP),	/* reply; requests of our own services pass */
	[PASS] = SET(TC_ACT_UNSPEC),
	[15] = EXIT,
	[DROP] = SET(TC_ACT_SHOT),
	[17] = EXIT,
};

#define HOOK(name, index) \
	LIBBPF_OPTS(bpf_tc_hook, name, .ifindex = (index), .attach_point = BPF_TC_EGRESS)
#define FILTER(name) \
	LIBBPF_OPTS(bpf_tc_opts, name, .handle = HANDLE, .priority = PRIORITY)

int gate_is_shut(int ifindex)
{
	HOOK(hook, ifindex);
	FILTER(filter);
	int result = bpf_tc_query(&hook, &filter);

	/* -EINVAL is what the kernel says when there is no clsact at all. */
	if (result == -ENOENT || result == -EINVAL)
		return 0;
	return result ? result : 1;
}

int gate_shut(int ifindex)
{
	HOOK(hook, ifindex);
	FILTER(filter);
	int fd, result;

	if (gate_is_shut(ifindex) > 0)
		return 0;
	result = bpf_tc_hook_create(&hook);
	if (result && result != -EEXIST)
		return result;
	fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "hotid_gate", "GPL", program,
			   sizeof(program) / sizeof(program[0]), NULL);
	if (fd < 0)
		return fd;
	filter.prog_fd = fd;
	result = bpf_tc_attach(&hook, &filter);
	close(fd);
	return result;
}

int gate_open(int ifindex)
{
	HOOK(hook, ifindex);
	FILTER(filter);
	int result = gate_is_shut(ifindex);

	return result > 0 ? bpf_tc_detach(&hook, &filter) : result;
}

bool gate_has_clsact(int ifindex)
{
	HOOK(hook, ifindex);
	FILTER(filter);

	return bpf_tc_query(&hook, &filter) != -EINVAL;
}

void gate_remove(int ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);

	bpf_tc_hook_destroy(&hook);
}

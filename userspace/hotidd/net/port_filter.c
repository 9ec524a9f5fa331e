// SPDX-License-Identifier: GPL-2.0
/* Loads, opens and closes the filters of a port that must stay silent. */
#include "net/port_filter.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>

#include "bpf/hotid_port_filter.skel.h"

/* Which filter is ours, among those that others may have there. */
#define HANDLE		0x4849
#define PRIORITY	0x4849

#define HOOK(name, index, point) \
	LIBBPF_OPTS(bpf_tc_hook, name, .ifindex = (index), .attach_point = (point))
#define FILTER(name) \
	LIBBPF_OPTS(bpf_tc_opts, name, .handle = HANDLE, .priority = PRIORITY)

/* Both ways of it. */
static const enum bpf_tc_attach_point ways[] = { BPF_TC_EGRESS, BPF_TC_INGRESS };

#define WAYS	(sizeof(ways) / sizeof(ways[0]))

/* 1 when it is there, 0 when not, or a negative errno. */
static int has(int ifindex, enum bpf_tc_attach_point way)
{
	HOOK(hook, ifindex, way);
	FILTER(filter);
	int result = bpf_tc_query(&hook, &filter);

	/* -EINVAL is what the kernel says when there is no clsact, or nothing on it. */
	if (result == -ENOENT || result == -EINVAL)
		return 0;
	return result ? result : 1;
}

int port_filter_is_shut(int ifindex)
{
	int result = 0;

	for (size_t i = 0; i < WAYS && !result; i++)
		result = has(ifindex, ways[i]);
	return result;
}

static int port_filter_attach(int ifindex, enum bpf_tc_attach_point way,
			      const struct bpf_program *program)
{
	HOOK(hook, ifindex, way);
	FILTER(filter);
	int result = has(ifindex, way);

	if (result)
		return result < 0 ? result : 0;
	filter.prog_fd = bpf_program__fd(program);
	return bpf_tc_attach(&hook, &filter);
}

int port_filter_make(int ifindex)
{
	HOOK(hook, ifindex, BPF_TC_INGRESS | BPF_TC_EGRESS);
	int result = bpf_tc_hook_create(&hook);

	return result == -EEXIST ? 0 : result ? result : 1;
}

int port_filter_shut(int ifindex)
{
	struct hotid_port_filter *filter;
	int result = port_filter_make(ifindex);

	if (result < 0)
		return result;
	filter = hotid_port_filter__open_and_load();
	if (!filter)
		return -errno;
	result = port_filter_attach(ifindex, BPF_TC_EGRESS, filter->progs.hotid_port_filter_out);
	if (!result)
		result = port_filter_attach(ifindex, BPF_TC_INGRESS,
					    filter->progs.hotid_port_filter_in);
	/* The filters keep the programs. */
	hotid_port_filter__destroy(filter);
	return result;
}

int port_filter_open(int ifindex)
{
	int result = 0;

	for (size_t i = 0; i < WAYS; i++) {
		HOOK(hook, ifindex, ways[i]);
		FILTER(filter);
		int there = has(ifindex, ways[i]);

		if (there > 0)
			there = bpf_tc_detach(&hook, &filter);
		if (there && !result)
			result = there;
	}
	return result;
}

void port_filter_remove(int ifindex)
{
	HOOK(hook, ifindex, BPF_TC_INGRESS | BPF_TC_EGRESS);

	bpf_tc_hook_destroy(&hook);
}

// SPDX-License-Identifier: GPL-2.0
#include "cable.h"

#include <bpf/libbpf.h>
#include <err.h>
#include <string.h>

#include "bench_cut.skel.h"
#include "lib/clock.h"
#include "lib/net.h"

void cable_init(struct cable *cable, int ns, const char *device)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = link_index(ns, device),
		    .attach_point = BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, options);
	int error;

	cable->program = bench_cut__open_and_load();
	if (!cable->program)
		err(1, "loading the cut");
	options.prog_fd = bpf_program__fd(cable->program->progs.cut_egress);
	ns_enter(ns);
	error = bpf_tc_hook_create(&hook);
	if (!error)
		error = bpf_tc_attach(&hook, &options);
	ns_home();
	if (error)
		errx(1, "cutting %s: %s", device, strerror(-error));
}

uint64_t cable_cut(struct cable *cable)
{
	uint64_t now = now_ns();

	__atomic_store_n(&cable->program->bss->cut, 1, __ATOMIC_SEQ_CST);
	return now;
}

void cable_heal(struct cable *cable)
{
	__atomic_store_n(&cable->program->bss->cut, 0, __ATOMIC_SEQ_CST);
}

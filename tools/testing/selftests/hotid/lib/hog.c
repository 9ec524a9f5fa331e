// SPDX-License-Identifier: GPL-2.0
#include "hog.h"

#include <err.h>
#include <sched.h>
#include <unistd.h>

#include "clock.h"
#include "net.h"

/* What the kernel gives to threads of interrupts: the middle of its range. */
#define INTERRUPT_PRIORITY	50

void hog_begin(void)
{
	struct sched_param param = { .sched_priority = sched_get_priority_max(SCHED_FIFO) };

	if (realtime_kernel())
		param.sched_priority = INTERRUPT_PRIORITY - 1;
	if (sched_setscheduler(0, SCHED_FIFO, &param))
		err(1, "hog");
}

void hog_spin(uint64_t for_ns)
{
	uint64_t end = now_ns() + for_ns;

	while (now_ns() < end)
		;
	_exit(0);
}

void hog_allow(int ns, bool allow)
{
	ns_sysctl(ns, "kernel/sched_rt_runtime_us", allow ? "-1" : "950000");
}

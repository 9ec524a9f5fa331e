// SPDX-License-Identifier: GPL-2.0
/* The threads that run softirqs on real-time kernels; see the header. */
#include "softirq.h"

#include <linux/sched.h>
#include <linux/smpboot.h>

static DEFINE_PER_CPU(struct task_struct *, runner);
static DEFINE_PER_CPU(bool, wanted);

static void become_urgent(unsigned int cpu)
{
	sched_set_fifo(current);
}

static int is_wanted(unsigned int cpu)
{
	return __this_cpu_read(wanted);
}

static void run_softirqs(unsigned int cpu)
{
	this_cpu_write(wanted, false);
	local_bh_disable();
	/* Runs what is pending. */
	local_bh_enable();
}

static struct smp_hotplug_thread runners = {
	.store = &runner,
	.setup = become_urgent,
	.thread_should_run = is_wanted,
	.thread_fn = run_softirqs,
	.thread_comm = "hotid/%u",
};

void hotid_softirq_run(void)
{
	struct task_struct *thread;

	/* Softirqs on a real-time kernel may be preempted, but not moved. */
	this_cpu_write(wanted, true);
	thread = this_cpu_read(runner);
	if (thread)
		wake_up_process(thread);
}

int hotid_softirq_init(void)
{
	return smpboot_register_percpu_thread(&runners);
}

void hotid_softirq_exit(void)
{
	smpboot_unregister_percpu_thread(&runners);
}

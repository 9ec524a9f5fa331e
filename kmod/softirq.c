// SPDX-License-Identifier: GPL-2.0
/* The threads that run softirqs on real-time kernels; see the header. */
#include "softirq.h"

#include <linux/sched.h>
#include <linux/smpboot.h>

static DEFINE_PER_CPU(struct task_struct *, runner);
static DEFINE_PER_CPU(bool, runs);
static DEFINE_PER_CPU(bool, wanted);
/* Tasklets to schedule, linked by their own next. */
static DEFINE_PER_CPU(struct tasklet_struct *, waiting);

static int is_wanted(unsigned int cpu)
{
	return __this_cpu_read(wanted);
}

static void run_softirqs(unsigned int cpu)
{
	struct tasklet_struct *tasklet, *next;

	this_cpu_write(wanted, false);
	local_bh_disable();
	for (tasklet = this_cpu_xchg(waiting, NULL); tasklet; tasklet = next) {
		next = tasklet->next;
		__tasklet_schedule(tasklet);
	}
	/* Runs what is pending. */
	local_bh_enable();
}

static void awake(unsigned int cpu)
{
	this_cpu_write(runs, true);
}

static void setup(unsigned int cpu)
{
	sched_set_fifo(current);
	awake(cpu);
}

/* The CPU goes offline. What comes from here on waits for its ksoftirqd. */
static void park(unsigned int cpu)
{
	this_cpu_write(runs, false);
	run_softirqs(cpu);
}

static struct smp_hotplug_thread runners = {
	.store = &runner,
	.setup = setup,
	.park = park,
	.unpark = awake,
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

void hotid_tasklet_schedule(struct tasklet_struct *tasklet)
{
	unsigned long flags;

	if (in_serving_softirq()) {
		tasklet_schedule(tasklet);
		hotid_softirq_run();
		return;
	}
	/* As tasklet_schedule() does, so that tasklet_kill() waits for it. */
	if (test_and_set_bit(TASKLET_STATE_SCHED, &tasklet->state))
		return;
	local_irq_save(flags);
	if (this_cpu_read(runs)) {
		tasklet->next = this_cpu_read(waiting);
		this_cpu_write(waiting, tasklet);
		hotid_softirq_run();
	} else {
		__tasklet_schedule(tasklet);
	}
	local_irq_restore(flags);
}

int hotid_softirq_init(void)
{
	return smpboot_register_percpu_thread(&runners);
}

void hotid_softirq_exit(void)
{
	smpboot_unregister_percpu_thread(&runners);
}

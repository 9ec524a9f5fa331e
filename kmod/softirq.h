/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tasklets that user space cannot hold back.
 *
 * A tasklet that an interrupt schedules runs at the end of that interrupt,
 * whatever the processes do. Not so on a real-time kernel: there ksoftirqd
 * runs it, a thread like any other. So the module has a thread per CPU there,
 * of the priority of interrupt threads, that runs the softirqs of its CPU when
 * a tasklet of the module waits. What a starved thread has begun is ended
 * first: the lock around softirqs lends it the priority.
 *
 * That thread also raises the softirq of normal tasklets there: an interrupt
 * that one CPU sends to another may be served by the other's idle task, which
 * must not raise any.
 */
#ifndef HOTID_SOFTIRQ_H
#define HOTID_SOFTIRQ_H

#include <linux/interrupt.h>

#ifdef CONFIG_PREEMPT_RT

int hotid_softirq_init(void);
void hotid_softirq_exit(void);

/* Have the softirqs of this CPU run soon. Not to be moved to another meanwhile. */
void hotid_softirq_run(void);

/* For timers, interrupts and softirqs; otherwise as the kernel's own. */
void hotid_tasklet_schedule(struct tasklet_struct *tasklet);

#else

static inline int hotid_softirq_init(void)
{
	return 0;
}

static inline void hotid_softirq_exit(void)
{
}

static inline void hotid_softirq_run(void)
{
}

static inline void hotid_tasklet_schedule(struct tasklet_struct *tasklet)
{
	tasklet_schedule(tasklet);
}

#endif

/* For timers alone; otherwise as the kernel's own. */
static inline void hotid_tasklet_hi_schedule(struct tasklet_struct *tasklet)
{
	tasklet_hi_schedule(tasklet);
	hotid_softirq_run();
}

#endif /* HOTID_SOFTIRQ_H */

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTIDD_PRIORITY_H
#define HOTIDD_PRIORITY_H

/*
 * Run the calling thread as SCHED_FIFO at @priority, or as usual for 0.
 * Threads and children that it makes do not inherit it. 0 or a negative errno.
 */
int priority_set(int priority);

/* Lock all memory, now and later, so that no page fault waits for a disk. 0 or negative. */
int priority_lock_memory(void);

#endif /* HOTIDD_PRIORITY_H */

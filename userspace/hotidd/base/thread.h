/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTIDD_THREAD_H
#define HOTIDD_THREAD_H

#include <pthread.h>
#include <stddef.h>

/*
 * A thread whose stack is no larger than it needs, since all of it is locked in
 * memory. Of @name the kernel shows 15 letters. 0 or a positive errno.
 */
int thread_start(pthread_t *thread, const char *name, size_t stack, void *(*run)(void *data),
		 void *data);

/*
 * Run the calling thread as SCHED_FIFO at @priority, or as usual for 0.
 * Threads and children that it makes do not inherit it. 0 or a negative errno.
 */
int priority_set(int priority);

/* Lock all memory, now and later, so that no page fault waits for a disk. 0 or negative. */
int priority_lock_memory(void);

#endif /* HOTIDD_THREAD_H */

// SPDX-License-Identifier: GPL-2.0
/* Threads, their real-time priority, and locked memory. */
#define _GNU_SOURCE
#include "base/thread.h"

#include <errno.h>
#include <malloc.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>

int thread_start(pthread_t *thread, const char *name, size_t stack, void *(*run)(void *data),
		 void *data)
{
	pthread_attr_t attributes;
	char shown[16];
	int error;

	error = pthread_attr_init(&attributes);
	if (error)
		return error;
	error = pthread_attr_setstacksize(&attributes, stack);
	if (!error)
		error = pthread_create(thread, &attributes, run, data);
	pthread_attr_destroy(&attributes);
	if (error)
		return error;
	snprintf(shown, sizeof(shown), "%s", name);
	pthread_setname_np(*thread, shown);
	return 0;
}

int priority_set(int priority)
{
	struct sched_param param = { .sched_priority = priority };
	int policy = priority ? SCHED_FIFO : SCHED_OTHER;

	/* The children would starve the node, and threads set their own. */
	return sched_setscheduler(0, policy | SCHED_RESET_ON_FORK, &param) ? -errno : 0;
}

int priority_lock_memory(void)
{
	/* Every arena would be reserved and filled per thread. One is enough. */
	mallopt(M_ARENA_MAX, 1);
	return mlockall(MCL_CURRENT | MCL_FUTURE) ? -errno : 0;
}

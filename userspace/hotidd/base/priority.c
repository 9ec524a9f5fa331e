// SPDX-License-Identifier: GPL-2.0
/* Real-time priority and locked memory. */
#define _GNU_SOURCE
#include "base/priority.h"

#include <errno.h>
#include <malloc.h>
#include <sched.h>
#include <sys/mman.h>

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

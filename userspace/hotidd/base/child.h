/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Child processes that cannot be ended: SIGKILL waits, too, while the kernel
 * waits for a device. Such a child is left behind, and reaped once it is gone.
 */
#ifndef HOTIDD_CHILD_H
#define HOTIDD_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Kills a child and its process group, and waits a moment for its end. False
 * when it does not end: it is left behind then.
 */
bool child_kill(pid_t pid, int pidfd);

/* Reaps those that were left behind and have ended by now. */
void child_reap(void);

/*
 * When a process was started, to distinguish it from a later one of that number; 0
 * when it is gone.
 */
unsigned long long child_started(pid_t pid);

/* Where in the kernel a process waits, ", in NAME"; "" when that is unknown. */
void child_waits_in(pid_t pid, char *text, size_t size);

#endif /* HOTIDD_CHILD_H */

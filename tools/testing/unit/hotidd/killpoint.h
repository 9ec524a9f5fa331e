/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kills the process that is tested with SIGKILL at a chosen point, so that a
 * test can see what the next process makes of what it left. Points are counted
 * over all processes of one life; there is one before and one after each change
 * of a directory entry (open to create, rename, unlink), and wherever a test
 * has killpoint() called.
 *
 * Tests are in the first process, which is never killed.
 */
#ifndef KILLPOINT_H
#define KILLPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Memory that this process and its children share, zeroed. */
void *killpoint_memory(size_t size);

/* A life begins: its processes are killed at point @first, and at @second; 0 for never. */
void killpoint_life(unsigned int first, unsigned int second);

/* How many points there were in this life. */
unsigned int killpoint_passed(void);

/* fork(); the child is killed at the points. Its log goes nowhere unless HOTID_TEST_LOG is set. */
pid_t killpoint_fork(void);

void killpoint(void);

/* Waits for the child. True when it was killed, false when it ended with status 0. */
bool killpoint_wait(pid_t pid);

/* Removes a directory of the test and all in it. */
void killpoint_remove(const char *directory);

/* From $HOTID_TEST_SEED, else another one each time. It is printed. */
unsigned int killpoint_seed(void);

#endif /* KILLPOINT_H */

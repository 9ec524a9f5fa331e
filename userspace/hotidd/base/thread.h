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

#endif /* HOTIDD_THREAD_H */

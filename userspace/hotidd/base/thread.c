// SPDX-License-Identifier: GPL-2.0
/* Starts threads. */
#define _GNU_SOURCE
#include "base/thread.h"

#include <stdio.h>

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

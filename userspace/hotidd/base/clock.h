/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTIDD_CLOCK_H
#define HOTIDD_CLOCK_H

#include <stdint.h>
#include <time.h>

/* CLOCK_MONOTONIC, as the module and the probe stamp it. */
static inline uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static inline struct timespec clock_timespec(uint64_t ns)
{
	return (struct timespec){ .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };
}

#endif /* HOTIDD_CLOCK_H */

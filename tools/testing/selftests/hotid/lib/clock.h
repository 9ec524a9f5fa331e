/* SPDX-License-Identifier: GPL-2.0 */
/* Time as the module sees it, and waiting for something with a deadline. */
#ifndef SELFTEST_CLOCK_H
#define SELFTEST_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define US	1000ULL
#define MS	1000000ULL
#define SECOND	1000000000ULL

static inline uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * SECOND + now.tv_nsec;
}

static inline void sleep_ns(uint64_t ns)
{
	struct timespec span = { .tv_sec = ns / SECOND, .tv_nsec = ns % SECOND };

	while (nanosleep(&span, &span))
		;
}

/* Whether condition comes true within limit_ns; looked at again and again. */
#define WAIT_FOR(condition, limit_ns)					\
({									\
	uint64_t _end = now_ns() + (limit_ns);				\
	bool _true;							\
									\
	while (!(_true = (condition)) && now_ns() < _end)		\
		sleep_ns(500 * US);					\
	_true;								\
})

/*
 * Whether the tests run in virtual time, where the guest's clock counts
 * instructions: then bounds on time are exact. The driver says so.
 */
bool virtual_time(void);

/* Whether the kernel is one whose interrupts and softirqs are threads. */
bool realtime_kernel(void);

/*
 * How long the kernel may take from a timer to what follows from it. That is
 * ten thousand instructions, and threads to wake where softirqs are threads,
 * but other softirqs of namespaces that end take their turn before.
 */
static inline uint64_t prompt_ns(void)
{
	if (!virtual_time())
		return 300 * MS;
	return realtime_kernel() ? 2 * MS : MS;
}

/* How much later than ideal a timer may be, for the kind of clock there is. */
static inline uint64_t slack_ns(void)
{
	return virtual_time() ? 1 * MS : 200 * MS;
}

#endif /* SELFTEST_CLOCK_H */

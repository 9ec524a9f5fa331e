// SPDX-License-Identifier: GPL-2.0
/*
 * Timers: one, its own. It goes off every quarter of
 * daemon.keepalive-limit, so that a beat says "the daemon is dead" only after three
 * keepalives were missed, and not less often than systemd's watchdog requires.
 */
#define _GNU_SOURCE
#include "keepalive.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include "hotid_daemon.h"

#define STACK_SIZE	(128 * 1024)

struct keepalive {
	struct hotid *h;
	pthread_t thread;
	sem_t end;
	int fd;
	const char *error;		/* before fd turns readable */
	const struct pulse *main_loop;
	atomic_ullong period_ns;
	atomic_int priority;
	uint64_t watchdog_ns;		/* between two answers to it; 0 when it does not watch */
	/* The thread's own from here. */
	uint64_t answered_ns;		/* the watchdog's last answer */
	uint64_t trusting_ns;		/* until then no thread is reported */
	bool silence_logged;
};

/*
 * Suspect yourself first: this thread that comes late (the machine was
 * paused, say) finds all others late as well, who only had no time to say so.
 */
static bool was_late(struct keepalive *keepalive, uint64_t due_ns, uint64_t now_ns)
{
	if (now_ns > due_ns + PULSE_GRACE_NS / 2)
		keepalive->trusting_ns = now_ns + PULSE_GRACE_NS;
	return now_ns < keepalive->trusting_ns;
}

static void answer_watchdog(struct keepalive *keepalive, uint64_t now_ns)
{
	if (!keepalive->watchdog_ns || now_ns - keepalive->answered_ns < keepalive->watchdog_ns)
		return;
	keepalive->answered_ns = now_ns;
	sd_notify(0, "WATCHDOG=1");
}

/* 0 or a negative errno of the module. */
static int keepalive_once(struct keepalive *keepalive, uint64_t due_ns)
{
	uint64_t now_ns = clock_ns();
	bool trusting = was_late(keepalive, due_ns, now_ns);
	bool main_silent = !trusting && pulse_is_silent(keepalive->main_loop, now_ns);
	struct pulses pulses = pulses_look(now_ns);
	int error = 0;

	if (pulses.alive || trusting)
		error = hotid_keepalive(keepalive->h, HOTID_HEALTH_USERSPACE |
				   (pulses.whole ? HOTID_HEALTH_AUDIT : 0U));
	if (!main_silent)
		answer_watchdog(keepalive, now_ns);
	else if (!keepalive->silence_logged)
		/* No other thread could report it, and nothing waits for this one any more. */
		log_error("the main loop does not answer any more, so beats say that the daemon is dead; "
			  "systemd restarts it if it watches (see /proc/%d/stack)", getpid());
	keepalive->silence_logged = main_silent;
	return error;
}

static uint64_t period(const struct keepalive *keepalive)
{
	uint64_t ns = keepalive->period_ns;

	return keepalive->watchdog_ns && keepalive->watchdog_ns < ns ? keepalive->watchdog_ns : ns;
}

static void *keepalive_main(void *data)
{
	struct keepalive *keepalive = data;
	int error = 0, priority = 0;

	do {
		/* From now on, not from when it was due: after a stall one keepalive is enough. */
		struct timespec until;
		uint64_t due_ns;

		if (priority != keepalive->priority)
			priority_set(priority = keepalive->priority);
		due_ns = clock_ns() + period(keepalive);
		until = clock_timespec(due_ns);
		if (!sem_clockwait(&keepalive->end, CLOCK_MONOTONIC, &until))
			return NULL;
		error = keepalive_once(keepalive, due_ns);
	} while (!error);
	keepalive->error = hotid_strerror(keepalive->h, error);
	eventfd_write(keepalive->fd, 1);
	return NULL;
}

void keepalive_set(struct keepalive *keepalive, uint64_t period_us, int priority)
{
	keepalive->period_ns = period_us * 1000;
	keepalive->priority = priority;
}

struct keepalive *keepalive_start(uint64_t period_us, int priority, const struct pulse *main_loop)
{
	struct keepalive *keepalive = must_calloc(1, sizeof(*keepalive));
	uint64_t watchdog_us = 0;
	int error;

	if (sd_watchdog_enabled(0, &watchdog_us) > 0)
		keepalive->watchdog_ns = watchdog_us * 1000 / 4;
	keepalive_set(keepalive, period_us, priority);
	keepalive->main_loop = main_loop;
	keepalive->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (keepalive->fd < 0) {
		log_error("keepalive: eventfd: %m");
		goto free_keepalive;
	}
	error = hotid_open(&keepalive->h);
	if (error) {
		log_error("keepalive: %s", hotid_strerror(NULL, error));
		goto close_fd;
	}
	sem_init(&keepalive->end, 0, 0);
	/* The first one here, so that the caller gets an error at once. */
	error = keepalive_once(keepalive, clock_ns());
	if (error) {
		log_error("keepalive: refused by the module: %s",
			  hotid_strerror(keepalive->h, error));
		goto close_module;
	}
	error = thread_start(&keepalive->thread, "keepalive", STACK_SIZE, keepalive_main,
			     keepalive);
	if (error) {
		log_error("keepalive: no thread: %s", strerror(error));
		goto close_module;
	}
	return keepalive;

close_module:
	sem_destroy(&keepalive->end);
	hotid_close(keepalive->h);
close_fd:
	close(keepalive->fd);
free_keepalive:
	free(keepalive);
	return NULL;
}

void keepalive_stop(struct keepalive *keepalive)
{
	if (!keepalive)
		return;
	sem_post(&keepalive->end);
	pthread_join(keepalive->thread, NULL);
	sem_destroy(&keepalive->end);
	hotid_close(keepalive->h);
	close(keepalive->fd);
	free(keepalive);
}

int keepalive_fd(const struct keepalive *keepalive)
{
	return keepalive->fd;
}

const char *keepalive_error(const struct keepalive *keepalive)
{
	return keepalive->error;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Timers: one, the kick's own. It goes off every quarter of
 * daemon.kick-limit, so that a beat says "the daemon is dead" only after three
 * kicks were missed, and not less often than systemd's watchdog requires.
 */
#define _GNU_SOURCE
#include "kick.h"

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
#include "base/priority.h"
#include "base/thread.h"
#include "hotid_daemon.h"

#define STACK_SIZE	(128 * 1024)

struct kick {
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
	bool main_told;
};

/*
 * Suspect yourself first: this thread that comes late (the machine was
 * paused, say) finds all others late as well, who only had no time to say so.
 */
static bool was_late(struct kick *kick, uint64_t due_ns, uint64_t now_ns)
{
	if (now_ns > due_ns + PULSE_GRACE_NS / 2)
		kick->trusting_ns = now_ns + PULSE_GRACE_NS;
	return now_ns < kick->trusting_ns;
}

static void answer_watchdog(struct kick *kick, uint64_t now_ns)
{
	if (!kick->watchdog_ns || now_ns - kick->answered_ns < kick->watchdog_ns)
		return;
	kick->answered_ns = now_ns;
	sd_notify(0, "WATCHDOG=1");
}

/* 0 or a negative errno of the module. */
static int kick_once(struct kick *kick, uint64_t due_ns)
{
	uint64_t now_ns = clock_ns();
	bool trusting = was_late(kick, due_ns, now_ns);
	bool main_silent = !trusting && pulse_is_silent(kick->main_loop, now_ns);
	struct pulses pulses = pulses_look(now_ns);
	int error = 0;

	if (pulses.alive || trusting)
		error = hotid_kick(kick->h, HOTID_HEALTH_USERSPACE |
				   (pulses.whole ? HOTID_HEALTH_AUDIT : 0U));
	if (!main_silent)
		answer_watchdog(kick, now_ns);
	else if (!kick->main_told)
		/* No other thread could report it, and nothing waits for this one any more. */
		log_error("the main loop does not answer any more, so beats say that the daemon is dead; "
			  "systemd restarts it if it watches (see /proc/%d/stack)", getpid());
	kick->main_told = main_silent;
	return error;
}

static uint64_t period(const struct kick *kick)
{
	uint64_t ns = kick->period_ns;

	return kick->watchdog_ns && kick->watchdog_ns < ns ? kick->watchdog_ns : ns;
}

static void *kick_main(void *data)
{
	struct kick *kick = data;
	int error = 0, priority = 0;

	do {
		/* From now on, not from when it was due: after a stall one kick is enough. */
		struct timespec until;
		uint64_t due_ns;

		if (priority != kick->priority)
			priority_set(priority = kick->priority);
		due_ns = clock_ns() + period(kick);
		until = (struct timespec){
			.tv_sec = (time_t)(due_ns / 1000000000),
			.tv_nsec = (long)(due_ns % 1000000000),
		};
		if (!sem_clockwait(&kick->end, CLOCK_MONOTONIC, &until))
			return NULL;
		error = kick_once(kick, due_ns);
	} while (!error);
	kick->error = hotid_strerror(kick->h, error);
	eventfd_write(kick->fd, 1);
	return NULL;
}

void kick_set(struct kick *kick, uint64_t period_us, int priority)
{
	kick->period_ns = period_us * 1000;
	kick->priority = priority;
}

struct kick *kick_start(uint64_t period_us, int priority, const struct pulse *main_loop)
{
	struct kick *kick = must_calloc(1, sizeof(*kick));
	uint64_t watchdog_us = 0;
	int error;

	if (sd_watchdog_enabled(0, &watchdog_us) > 0)
		kick->watchdog_ns = watchdog_us * 1000 / 4;
	kick_set(kick, period_us, priority);
	kick->main_loop = main_loop;
	kick->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (kick->fd < 0) {
		log_error("kick: eventfd: %m");
		goto free_kick;
	}
	error = hotid_open(&kick->h);
	if (error) {
		log_error("kick: %s", hotid_strerror(NULL, error));
		goto close_fd;
	}
	sem_init(&kick->end, 0, 0);
	/* The first one here, so that the caller gets an error at once. */
	error = kick_once(kick, clock_ns());
	if (error) {
		log_error("kick: refused by the module: %s", hotid_strerror(kick->h, error));
		goto close_module;
	}
	error = thread_start(&kick->thread, "kick", STACK_SIZE, kick_main, kick);
	if (error) {
		log_error("kick: no thread: %s", strerror(error));
		goto close_module;
	}
	return kick;

close_module:
	sem_destroy(&kick->end);
	hotid_close(kick->h);
close_fd:
	close(kick->fd);
free_kick:
	free(kick);
	return NULL;
}

void kick_stop(struct kick *kick)
{
	if (!kick)
		return;
	sem_post(&kick->end);
	pthread_join(kick->thread, NULL);
	sem_destroy(&kick->end);
	hotid_close(kick->h);
	close(kick->fd);
	free(kick);
}

int kick_fd(const struct kick *kick)
{
	return kick->fd;
}

const char *kick_error(const struct kick *kick)
{
	return kick->error;
}

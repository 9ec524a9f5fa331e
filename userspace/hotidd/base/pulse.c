// SPDX-License-Identifier: GPL-2.0
/* Signs of life. The list is the main thread's and the keepalive's; its lock is held briefly. */
#include "base/pulse.h"

#include <pthread.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

static struct pulse *all;		/* the main thread writes, with the lock */

/*
 * Held for a few loads and stores. Whoever holds it inherits the priority of
 * keepalives, or a worker that is not scheduled would keep them waiting.
 */
static pthread_mutex_t lock;
static pthread_once_t lock_made = PTHREAD_ONCE_INIT;

static void lock_make(void)
{
	pthread_mutexattr_t attributes;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
	pthread_mutex_init(&lock, &attributes);
	pthread_mutexattr_destroy(&attributes);
}

static void lock_all(void)
{
	pthread_once(&lock_made, lock_make);
	pthread_mutex_lock(&lock);
}

void pulse_join(struct pulse *pulse)
{
	pulse_slow(pulse);
	lock_all();
	pulse->next = all;
	all = pulse;
	pthread_mutex_unlock(&lock);
}

void pulse_leave(struct pulse *pulse)
{
	lock_all();
	for (struct pulse **at = &all; *at; at = &(*at)->next)
		if (*at == pulse) {
			*at = pulse->next;
			break;
		}
	pthread_mutex_unlock(&lock);
}

void pulse_until(struct pulse *pulse, uint64_t until_ns)
{
	pulse->due_ns = until_ns + PULSE_GRACE_NS;
}

void pulse_slow(struct pulse *pulse)
{
	pulse->due_ns = clock_ns() + PULSE_SLOW_NS;
}

void pulse_end(struct pulse *pulse)
{
	pulse->step_ns = 0;
	pulse->due_ns = UINT64_MAX;
}

void pulse_step(struct pulse *pulse, uint64_t deadline_ns)
{
	pulse->due_ns = deadline_ns + PULSE_SLOW_NS;
	pulse->step_ns = deadline_ns;
}

void pulse_step_end(struct pulse *pulse)
{
	pulse->step_ns = 0;
	pulse_slow(pulse);
}

bool pulse_is_silent(const struct pulse *pulse, uint64_t now_ns)
{
	return now_ns > pulse->due_ns;
}

/* Its step goes on past its time. Storage that does not answer can do that. */
static bool pulse_is_overdue(const struct pulse *pulse, uint64_t now_ns)
{
	uint64_t step_ns = pulse->step_ns;

	return step_ns && now_ns > step_ns + PULSE_GRACE_NS;
}

struct pulses pulses_look(uint64_t now_ns)
{
	struct pulses found = { .alive = true, .whole = true };

	lock_all();
	for (const struct pulse *pulse = all; pulse; pulse = pulse->next) {
		found.alive &= !pulse_is_silent(pulse, now_ns);
		found.whole &= !pulse_is_overdue(pulse, now_ns) && !pulse->fault;
	}
	pthread_mutex_unlock(&lock);
	return found;
}

static void tell_silent(struct pulse *pulse, bool silent)
{
	if (silent && !pulse->silent_told)
		log_error("%s: its thread does not answer any more, so beats say that the daemon is dead; "
			  "restart hotidd, and see /proc/%d/task/*/stack for where it waits",
			  pulse->name, getpid());
	else if (!silent && pulse->silent_told)
		log_notice("%s: its thread answers again", pulse->name);
	pulse->silent_told = silent;
}

static void tell_overdue(struct pulse *pulse, bool overdue)
{
	if (overdue && !pulse->overdue_told)
		log_error("%s: a step does not end, long past its time; the kernel may wait for a device "
			  "that does not answer (see /proc/%d/task/*/stack)", pulse->name, getpid());
	pulse->overdue_told = overdue;
}

void pulses_tell(uint64_t now_ns)
{
	/* Not under the lock: a log that is stuck must not stop the keepalive. */
	for (struct pulse *pulse = all; pulse; pulse = pulse->next) {
		tell_silent(pulse, pulse_is_silent(pulse, now_ns));
		tell_overdue(pulse, pulse_is_overdue(pulse, now_ns));
	}
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Signs of life. Every thread of the daemon that has work to do keeps a pulse:
 * before it waits or works it sets the time of its next sign. A thread that is
 * silent after that time counts as dead. The thread of keepalive.h checks all of them.
 */
#ifndef HOTIDD_PULSE_H
#define HOTIDD_PULSE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* How late a thread may be that only had to wake up. */
#define PULSE_GRACE_NS	2000000000ULL

/*
 * How long a request to the kernel may take. It may wait for the RTNL lock or
 * the generic netlink mutex, which others hold for seconds; that is slow, and
 * no death.
 */
#define PULSE_SLOW_NS	30000000000ULL

/**
 * struct pulse - of one thread
 * @name: for the log; "identity web"
 * @due_ns: its next sign comes before that
 * @step_ns: when the step that it runs must be over; 0 while it runs none
 * @fault: what it looks after is not as it must be
 */
struct pulse {
	const char *name;
	atomic_ullong due_ns;
	atomic_ullong step_ns;
	atomic_bool fault;
	/* of pulse.c */
	bool silent_told, overdue_told;
	struct pulse *next;
};

/*
 * Count @pulse from now on, or no longer. Both are for the main thread alone.
 * It is due PULSE_SLOW_NS from now at first.
 */
void pulse_join(struct pulse *pulse);
void pulse_leave(struct pulse *pulse);

/* The thread waits, or works on what nobody else can delay, until @until_ns at most. */
void pulse_until(struct pulse *pulse, uint64_t until_ns);

/* The thread is about to make requests to the kernel. */
void pulse_slow(struct pulse *pulse);

/* The thread ends; nothing is expected of it any more. */
void pulse_end(struct pulse *pulse);

/* A step of a plan begins, which must be over at @deadline_ns; or it ended. */
void pulse_step(struct pulse *pulse, uint64_t deadline_ns);
void pulse_step_end(struct pulse *pulse);

/* @now_ns is past all that @pulse has promised. */
bool pulse_is_silent(const struct pulse *pulse, uint64_t now_ns);

/**
 * struct pulses - all threads at one moment
 * @alive: none is silent
 * @whole: none is overdue or has a fault
 */
struct pulses {
	bool alive;
	bool whole;
};

struct pulses pulses_look(uint64_t now_ns);

/* Log who became silent or overdue since the last call, and who is back. For the main thread. */
void pulses_tell(uint64_t now_ns);

#endif /* HOTIDD_PULSE_H */

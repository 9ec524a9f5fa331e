/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every verb of every kind needs: a wait that ends at the step's deadline
 * or when the plan is cancelled, a child process under the same rule, and one
 * sentence for the person who reads the report.
 */
#ifndef HOTIDD_JOB_H
#define HOTIDD_JOB_H

#include <errno.h>
#include <poll.h>

#include "step/kind.h"

#define JOB_MS		1000000ull	/* nanoseconds in a millisecond */

/* Nanoseconds until the deadline; 0 when it has passed. */
uint64_t job_left(const struct step_env *env);

/*
 * Leaves the sentence, in which %m is the text of @error, and returns -@error,
 * whether @error came as 5 or as -5. A longer one is cut.
 */
int job_fail(struct step_env *env, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Leaves the sentence. */
#define job_say(env, ...)	((void)job_fail(env, 0, __VA_ARGS__))

/* True for the two results of a wait that end the verb. */
static inline bool job_ended(int result)
{
	return result == -ETIMEDOUT || result == -ECANCELED;
}

/*
 * The end of a wait: "timed out: WHAT" for -ETIMEDOUT, "cancelled: WHAT" for
 * -ECANCELED, else "WHAT: CAUSE". WHAT is a sentence, with its cure. Returns @result.
 */
int job_end(struct step_env *env, int result, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#define JOB_MAX_FDS	4		/* most descriptors one job_poll() can watch */

/**
 * job_poll() - poll descriptors as long as the verb may run
 * @fds: as for poll(2); may be NULL when @n is 0
 * @until_ns: give up quietly at this time, UINT64_MAX for the deadline only
 *
 * Return: number of ready descriptors; 0 when @until_ns passed; -ETIMEDOUT
 * when the deadline did; -ECANCELED; or another negative errno.
 */
int job_poll(struct step_env *env, struct pollfd *fds, nfds_t n, uint64_t until_ns);

/* Waits that long. Returns 0, -ETIMEDOUT or -ECANCELED. */
int job_pause(struct step_env *env, unsigned int ms);

/* How a child ended. */
struct job_child {
	int status;			/* exit status; 128 + signal when one ended it */
	char errors[1024];		/* the end of what it wrote to stderr */
};

/**
 * job_run() - run a program and wait for it
 * @argv: argv[0] is looked for in the system's directories, not in $PATH
 *
 * The child is killed when the deadline passes or the plan is cancelled, and
 * when this thread dies; one that the kernel does not let go is left behind,
 * and child->errors says so. It runs without the daemon's priority, and as if
 * started from a shell: no signal is ignored or blocked, and it is not spared
 * when memory runs out.
 *
 * Return: 0 when it ran to its end, whatever its status; -ENOENT when there is
 * no such program; -ETIMEDOUT; -ECANCELED; or another negative errno.
 */
int job_run(struct step_env *env, const char *const argv[], struct job_child *child);

/* The last line of child->errors, without the newline; "" when there is none. */
const char *job_last_line(struct job_child *child);

/* Looks @name up as job_run() does. Returns 0 or -ENOENT. */
int job_find_program(const char *name, char *path, size_t size);

#endif /* HOTIDD_JOB_H */

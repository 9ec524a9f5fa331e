// SPDX-License-Identifier: GPL-2.0
/* Runs a verb in a process of its own, which is left behind when the kernel keeps it. */
#define _GNU_SOURCE
#include "step/apart.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "step/job.h"
#include "step/undo_state.h"

#define GRACE_NS	(1000 * JOB_MS)	/* for the verb to end by itself, and to word it */
#define POLL_MS		50

/* One write to a pipe: at most PIPE_BUF bytes come whole. */
struct outcome {
	int result;
	uint64_t seen_epoch;
	char message[HOTID_MESSAGE_MAX + 1];
};

_Static_assert(sizeof(struct outcome) <= 4096, "an outcome comes whole");

/* All but these two and the standard ones: a left behind process must hold no socket or lock. */
static void close_others(int one, int other)
{
	int last = one > other ? one : other;

	for (int fd = STDERR_FILENO + 1; fd < last; fd++)
		if (fd != one && fd != other)
			close(fd);
	close_range((unsigned int)last + 1, ~0U, 0);
}

static void be_child(apart_fn fn, struct step *step, struct step_env *env, int out, pid_t parent)
{
	struct outcome outcome = { 0 };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	setpgid(0, 0);
	prctl(PR_SET_NAME, step->kind->name);
	close_others(out, env->cancel_fd);
	*env->message = '\0';
	outcome.result = fn(step, env);
	outcome.seen_epoch = env->seen_epoch;
	memcpy(outcome.message, env->message, sizeof(outcome.message));
	_exit(write(out, &outcome, sizeof(outcome)) != sizeof(outcome));
}

/* A fork of the calling thread with its priority, which is not inherited otherwise. */
static pid_t start(apart_fn fn, struct step *step, struct step_env *env, const int out[2])
{
	pid_t parent = getpid(), pid;
	struct sched_param param;
	int policy = sched_getscheduler(0);

	sched_getparam(0, &param);
	pid = fork();
	if (pid)
		return pid;
	if (policy > 0)
		sched_setscheduler(0, policy, &param);
	be_child(fn, step, env, out[1], parent);
	_exit(1);
}

/* Until the process ends: 0, -ETIMEDOUT, or -ECANCELED. */
static int wait_end(int pidfd, const struct step_env *env)
{
	struct pollfd fd = { .fd = pidfd, .events = POLLIN };
	struct step_env patient = *env;
	int result;

	if (patient.deadline_ns < UINT64_MAX - GRACE_NS)
		patient.deadline_ns += GRACE_NS;
	result = job_poll(&patient, &fd, 1, UINT64_MAX);
	if (result == -ECANCELED) {
		patient.cancel_fd = -1;
		patient.deadline_ns = clock_ns() + GRACE_NS;
		result = job_poll(&patient, &fd, 1, UINT64_MAX);
		if (result == -ETIMEDOUT)
			result = -ECANCELED;
	}
	return result < 0 ? result : 0;
}

static int end_badly(int result, const char *what, const struct step *step, struct step_env *env,
		     pid_t left)
{
	char where[80];

	if (!left)
		return job_end(env, result, "%s of \"%s\" did not end", what, step->name);
	child_waits_in(left, where, sizeof(where));
	return job_end(env, result, "left behind: %s of \"%s\" waits in the kernel (process %d%s); does the storage answer?",
		       what, step->name, left, where);
}

int apart_call(apart_fn fn, const char *what, struct step *step, struct step_env *env, pid_t *left)
{
	struct outcome outcome;
	int out[2], pidfd, result;
	bool gone = true;
	pid_t pid;

	if (left)
		*left = 0;
	child_reap();
	if (pipe2(out, O_CLOEXEC | O_NONBLOCK))
		return job_fail(env, errno, "pipe: %m");
	pid = start(fn, step, env, out);
	if (pid < 0) {
		result = job_fail(env, errno, "fork: %m");
		close(out[1]);
		goto close_out;
	}
	close(out[1]);
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	result = pidfd < 0 ? -errno : wait_end(pidfd, env);
	/* It has ended, or is ended now. */
	gone = child_kill(pid, pidfd);
	if (pidfd >= 0)
		close(pidfd);
	if (gone && read(out[0], &outcome, sizeof(outcome)) == sizeof(outcome)) {
		result = outcome.result;
		env->seen_epoch = outcome.seen_epoch;
		memcpy(env->message, outcome.message, sizeof(env->message));
	} else if (!gone || job_ended(result)) {
		if (!gone && left)
			*left = pid;
		result = end_badly(result, what, step, env, gone ? 0 : pid);
	} else {
		result = job_fail(env, result ? result : EIO,
				  "the process for the %s of \"%s\" ended without a word",
				  what, step->name);
	}
close_out:
	close(out[0]);
	return result;
}

/* What is kept of a process that was left behind. */
#define KEPT_MAX	(HOTID_KIND_MAX + 8)
#define KEPT_FORMAT	"process=%d\nstarted=%llu\n"

static const char *kept(const struct step *step, char name[KEPT_MAX])
{
	snprintf(name, KEPT_MAX, "left-%s", step->kind->name);
	return name;
}

/* Best effort: without it only a later process of the step goes unwarned. */
static void remember(const struct step *step, struct step_env *env, pid_t pid)
{
	struct step_env quiet = *env;
	struct undo_state keep;
	char name[KEPT_MAX];

	snprintf(keep.text, sizeof(keep.text), KEPT_FORMAT, pid, child_started(pid));
	undo_state_save(&quiet, kept(step, name), step->item, &keep);
}

/* The process that was left behind and still is there; 0 when none is. */
static pid_t find_left(const struct step *step, const struct step_env *env)
{
	unsigned long long started;
	struct undo_state keep;
	char name[KEPT_MAX];
	int pid;

	child_reap();
	if (undo_state_load(env, kept(step, name), step->item, &keep))
		return 0;
	if (sscanf(keep.text, KEPT_FORMAT, &pid, &started) == 2 && started &&
	    child_started(pid) == started)
		return pid;
	undo_state_drop(env, name, step->item);
	return 0;
}

int apart_run(apart_fn fn, const char *verb, struct step *step, struct step_env *env)
{
	bool waits = strcmp(verb, "verify");
	pid_t left = find_left(step, env);
	int result = 0;

	while (left && waits && !result) {
		result = job_pause(env, POLL_MS);
		left = find_left(step, env);
	}
	if (left)
		return end_badly(result ? result : -ETIMEDOUT, "an earlier verb", step, env, left);
	if (result)
		return end_badly(result, verb, step, env, 0);
	result = apart_call(fn, verb, step, env, &left);
	if (left)
		remember(step, env, left);
	return result;
}

int verb_run(struct step *step, enum hotid_verb verb, struct step_env *env)
{
	const struct kind *kind = step->kind;
	const apart_fn verbs[] = {
		[HOTID_VERB_VALIDATE] = kind->validate,
		[HOTID_VERB_STAGE] = kind->stage_ahead,
		[HOTID_VERB_TAKE] = kind->take,
		[HOTID_VERB_VERIFY] = kind->verify,
		[HOTID_VERB_UNDO] = kind->undo,
	};

	if ((size_t)verb >= sizeof(verbs) / sizeof(verbs[0]))
		return -EINVAL;
	if (kind->apart && verb != HOTID_VERB_VALIDATE && verb != HOTID_VERB_STAGE)
		return apart_run(verbs[verb], hotid_verb_name(verb), step, env);
	return verbs[verb](step, env);
}

void apart_forget(const struct step *step, const struct step_env *env)
{
	char name[KEPT_MAX];

	undo_state_drop(env, kept(step, name), step->item);
}

// SPDX-License-Identifier: GPL-2.0
/* Waits and child processes that end with a step's deadline. */
#define _GNU_SOURCE
#include "step/job.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"

uint64_t job_left(const struct step_env *env)
{
	uint64_t now = clock_ns();

	return env->deadline_ns > now ? env->deadline_ns - now : 0;
}

int job_fail(struct step_env *env, int error, const char *format, ...)
{
	va_list args;

	errno = abs(error);
	va_start(args, format);
	vsnprintf(env->message, sizeof(env->message), format, args);
	va_end(args);
	return -abs(error);
}

int job_end(struct step_env *env, int result, const char *format, ...)
{
	char what[HOTID_MESSAGE_MAX + 1];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (job_ended(result))
		return job_fail(env, result, "%s: %s",
				result == -ECANCELED ? "cancelled" : "timed out", what);
	return job_fail(env, result, "%s: %m", what);
}

int job_poll(struct step_env *env, struct pollfd *fds, nfds_t n, uint64_t until_ns)
{
	struct pollfd all[JOB_MAX_FDS + 1];

	if (n > JOB_MAX_FDS)
		return -EINVAL;
	if (n)
		memcpy(all, fds, n * sizeof(*fds));
	all[n].fd = env->cancel_fd;	/* -1 is skipped by poll */
	all[n].events = POLLIN;

	for (;;) {
		uint64_t end = until_ns < env->deadline_ns ? until_ns : env->deadline_ns;
		uint64_t now = clock_ns();
		const struct timespec timeout = clock_timespec(end > now ? end - now : 0);
		int ready = ppoll(all, n + 1, &timeout, NULL);

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready < 0)
			return -errno;
		if (env->cancel_fd >= 0 && all[n].revents)
			return -ECANCELED;
		if (n)
			memcpy(fds, all, n * sizeof(*fds));
		if (ready)
			return ready;
		return until_ns < env->deadline_ns ? 0 : -ETIMEDOUT;
	}
}

int job_pause(struct step_env *env, unsigned int ms)
{
	return job_poll(env, NULL, 0, clock_ns() + ms * JOB_MS);
}

int job_find_program(const char *name, char *path, size_t size)
{
	static const char *const directories[] = {
		"/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin",
	};

	for (size_t i = 0; i < sizeof(directories) / sizeof(*directories); i++) {
		snprintf(path, size, "%s/%s", directories[i], name);
		if (!access(path, X_OK))
			return 0;
	}
	return -ENOENT;
}

/*
 * The daemon is spared when memory runs out; what it runs is not, nor what
 * that leaves running.
 */
static void be_no_exception(void)
{
	char value[8] = "";
	int fd = open("/proc/self/oom_score_adj", O_RDWR);

	if (fd < 0)
		return;
	if (read(fd, value, sizeof(value) - 1) > 0 && *value == '-' && write(fd, "0", 1) < 0)
		_exit(127);
	close(fd);
}

/* Between fork and exec of a threaded program: async-signal-safe calls only. */
static void become(const char *path, const char *const argv[], int errors, pid_t parent)
{
	static const struct sched_param normal;
	sigset_t none;
	int null;

	/* A daemon that is killed must not leave a child that goes on. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	setpgid(0, 0);
	sched_setscheduler(0, SCHED_OTHER, &normal);
	be_no_exception();
	/* An ignored signal stays so over exec, and many a program relies on SIGPIPE. */
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);

	null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    dup2(errors, STDERR_FILENO) < 0)
		_exit(127);
	execv(path, (char *const *)argv);
	_exit(127);
}

/*
 * Keeps the end of the stream, which is where programs say why they failed.
 * Returns what read() did: 0 at the end, negative when nothing is there now.
 */
static ssize_t read_errors(int fd, struct job_child *child, size_t *used)
{
	char buffer[512];
	ssize_t got = read(fd, buffer, sizeof(buffer));
	size_t room = sizeof(child->errors) - 1, drop;

	if (got <= 0)
		return got;
	drop = *used + got > room ? *used + got - room : 0;
	memmove(child->errors, child->errors + drop, *used - drop);
	*used -= drop;
	memcpy(child->errors + *used, buffer, got);
	*used += got;
	child->errors[*used] = '\0';
	return got;
}

int job_run(struct step_env *env, const char *const argv[], struct job_child *child)
{
	char path[PATH_MAX];
	struct pollfd fds[2];
	size_t used = 0;
	siginfo_t info = { 0 };
	int errors[2], result;
	pid_t pid, self = getpid();

	memset(child, 0, sizeof(*child));
	child_reap();
	result = job_find_program(argv[0], path, sizeof(path));
	if (result)
		return result;
	if (pipe2(errors, O_CLOEXEC))
		return -errno;
	fcntl(errors[0], F_SETFL, O_NONBLOCK);

	pid = fork();
	if (pid < 0) {
		result = -errno;
		close(errors[1]);
		goto close_errors;
	}
	if (!pid)
		become(path, argv, errors[1], self);
	close(errors[1]);

	fds[0] = (struct pollfd){ .fd = syscall(SYS_pidfd_open, pid, 0), .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = errors[0], .events = POLLIN };
	if (fds[0].fd < 0)
		result = -errno;

	while (!result && !fds[0].revents) {
		result = job_poll(env, fds, 2, UINT64_MAX);
		result = result < 0 ? result : 0;
		if (!result && fds[1].revents && !read_errors(errors[0], child, &used))
			fds[1].fd = -1;
	}
	while (!result && read_errors(errors[0], child, &used) > 0)
		;
	if (result && !child_kill(pid, fds[0].fd))
		snprintf(child->errors, sizeof(child->errors), "left behind: process %d waits in the kernel",
			 pid);
	close(fds[0].fd);
	while (!result && waitid(P_PID, pid, &info, WEXITED) && errno == EINTR)
		;
	child->status = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
close_errors:
	close(errors[0]);
	return result;
}

const char *job_last_line(struct job_child *child)
{
	size_t end = strlen(child->errors);
	char *line;

	while (end && (child->errors[end - 1] == '\n' || child->errors[end - 1] == ' '))
		child->errors[--end] = '\0';
	line = strrchr(child->errors, '\n');
	return line ? line + 1 : child->errors;
}

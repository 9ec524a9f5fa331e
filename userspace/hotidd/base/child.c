// SPDX-License-Identifier: GPL-2.0
/* Child processes that may have to be left behind. */
#define _GNU_SOURCE
#include "base/child.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/file.h"

#define KILLED_MS	300		/* a process that can be killed is gone by then */
#define MAX_LEFT	64

static pthread_mutex_t left_lock = PTHREAD_MUTEX_INITIALIZER;
static pid_t left[MAX_LEFT];		/* left_lock */
static size_t n_left;			/* left_lock */

static bool reaped(pid_t pid, int options)
{
	siginfo_t info = { 0 };
	int result;

	do
		result = waitid(P_PID, (id_t)pid, &info, WEXITED | options);
	while (result && errno == EINTR);
	return result || info.si_pid;
}

void child_reap(void)
{
	pthread_mutex_lock(&left_lock);
	for (size_t i = n_left; i--;)
		if (reaped(left[i], WNOHANG))
			left[i] = left[--n_left];
	pthread_mutex_unlock(&left_lock);
}

bool child_kill(pid_t pid, int pidfd)
{
	struct pollfd fd = { .fd = pidfd, .events = POLLIN };
	int ready;

	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);		/* it may not have its own group yet */
	do
		ready = poll(&fd, 1, KILLED_MS);
	while (ready < 0 && errno == EINTR);
	if (ready > 0)
		return reaped(pid, 0);

	pthread_mutex_lock(&left_lock);
	if (n_left < MAX_LEFT)
		left[n_left++] = pid;
	pthread_mutex_unlock(&left_lock);
	return false;
}

unsigned long long child_started(pid_t pid)
{
	unsigned long long started = 0;
	char path[32], line[1024], state;
	const char *after;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file_read(path, line, sizeof(line));
	/* The name, which may hold anything, is in brackets. */
	after = strrchr(line, ')');
	if (!after || sscanf(after + 1, " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu",
			     &state, &started) != 2 || state == 'Z' || state == 'X')
		return 0;
	return started;
}

void child_waits_in(pid_t pid, char *text, size_t size)
{
	char path[32], name[64];

	*text = '\0';
	snprintf(path, sizeof(path), "/proc/%d/wchan", pid);
	if (!file_read_line(path, name, sizeof(name)) && *name && strcmp(name, "0"))
		snprintf(text, size, ", in %s", name);
}

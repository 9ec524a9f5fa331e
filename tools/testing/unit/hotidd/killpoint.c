// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include "killpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"

struct points {
	atomic_uint passed;
	unsigned int first, second;
};

static struct points *points;
static bool mortal;			/* this process is one that is killed */

void *killpoint_memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return memory;
}

void killpoint_life(unsigned int first, unsigned int second)
{
	if (!points)
		points = killpoint_memory(sizeof(*points));
	points->passed = 0;
	points->first = first;
	points->second = second;
}

unsigned int killpoint_passed(void)
{
	return points->passed;
}

pid_t killpoint_fork(void)
{
	pid_t pid, parent = getpid();

	fflush(NULL);
	pid = fork();
	if (pid < 0) {
		perror("fork");
		exit(1);
	}
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	mortal = true;
	if (!getenv("HOTID_TEST_LOG")) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, STDERR_FILENO);
		close(null);
	}
	return 0;
}

void killpoint(void)
{
	unsigned int now;

	if (!mortal)
		return;
	now = ++points->passed;
	if (now != points->first && now != points->second)
		return;
	kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

bool killpoint_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return true;
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		ktap_check(false, "the process ends by itself or is killed", __FILE__, __LINE__);
	return false;
}

static int remove_entry(const char *path, const struct stat *stat, int type, struct FTW *at)
{
	return remove(path);
}

void killpoint_remove(const char *directory)
{
	nftw(directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

unsigned int killpoint_seed(void)
{
	const char *given = getenv("HOTID_TEST_SEED");
	unsigned int seed;

	if (given)
		seed = (unsigned int)strtoul(given, NULL, 0);
	else if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		seed = (unsigned int)getpid();
	printf("# HOTID_TEST_SEED=%u\n", seed);
	return seed;
}

/* In the place of libc's, with a point on both sides. */
int open(const char *path, int flags, ...)
{
	bool creates = flags & O_CREAT;
	mode_t mode = 0;
	va_list args;
	int fd;

	if (creates) {
		va_start(args, flags);
		mode = va_arg(args, mode_t);
		va_end(args);
		killpoint();
	}
	fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
	if (creates)
		killpoint();
	return fd;
}

int rename(const char *from, const char *to)
{
	int result;

	killpoint();
	result = (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
	killpoint();
	return result;
}

int unlink(const char *path)
{
	int result;

	killpoint();
	result = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
	killpoint();
	return result;
}

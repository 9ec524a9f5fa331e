// SPDX-License-Identifier: GPL-2.0
/* Takes the lock of open-iscsi's records, and removes it when its owner is dead. */
#define _GNU_SOURCE
#include "storage/iscsi_lock.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/child.h"
#include "base/file.h"

/* One worker at a time, as all use the same name for their own file. */
static pthread_mutex_t iscsi_lock_mutex = PTHREAD_MUTEX_INITIALIZER;

#define GIVE_BACK_MS	1000		/* records are locked for a few milliseconds */
#define GIVE_BACK_POLL_MS	10

static unsigned long long ticks_now(void)
{
	unsigned long long hz = (unsigned long long)sysconf(_SC_CLK_TCK);
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (unsigned long long)now.tv_sec * hz + (unsigned long long)now.tv_nsec * hz / 1000000000;
}

static bool is_named(const char *pid, const char *program)
{
	char path[64], name[32];

	snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
	file_read_line(path, name, sizeof(name));	/* "" when it ended just now */
	return !strncmp(name, program, strlen(program));
}

/* Whether one of them runs that was there at @ticks; also when that cannot be seen. */
static bool may_run(const char *program, unsigned long long ticks)
{
	DIR *directory = opendir("/proc");
	struct dirent *entry;
	bool found = !directory;

	while (!found) {
		errno = 0;
		entry = readdir(directory);
		if (!entry) {
			found = errno;
			break;
		}
		found = isdigit((unsigned char)entry->d_name[0]) &&
			is_named(entry->d_name, program) &&
			child_started(atoi(entry->d_name)) <= ticks;
	}
	if (directory)
		closedir(directory);
	return found;
}

/* Puts an empty file in the place of what is at @path. False when it cannot. */
static bool replace(const char *path, struct stat *own)
{
	char fresh[PATH_MAX];
	bool good;
	int fd;

	if (snprintf(fresh, sizeof(fresh), "%s.hotid", path) >= (int)sizeof(fresh))
		return false;
	fd = open(fresh, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	good = !fstat(fd, own) && !rename(fresh, path);
	if (!good)
		unlink(fresh);
	close(fd);
	return good;
}

static bool is_own(const char *path, const struct stat *own)
{
	struct stat now;

	return !stat(path, &now) && now.st_dev == own->st_dev && now.st_ino == own->st_ino;
}

/*
 * To look who runs and then take the lock away would also take away one that
 * another process got in between. So a file of our own comes in its place first, in one
 * act: from then on nobody can get the lock. Whoever has it got it before, so it
 * runs and is seen, and gives it back soon by removing the file that is there.
 * Those that came later wait for the lock, and are not waited for. When there is
 * nobody who could have it the file is still ours, and goes.
 */
static void drop(const char *path, const char *program)
{
	unsigned long long replaced;
	struct stat own;

	if (!replace(path, &own))
		return;
	replaced = ticks_now();
	for (int ms = 0; is_own(path, &own) && ms < GIVE_BACK_MS; ms += GIVE_BACK_POLL_MS) {
		if (!may_run(program, replaced)) {
			if (is_own(path, &own))
				unlink(path);
			break;
		}
		usleep(GIVE_BACK_POLL_MS * 1000);
	}
}

void iscsi_lock_drop_stale(const char *path, const char *program)
{
	pthread_mutex_lock(&iscsi_lock_mutex);
	if (!access(path, F_OK) && !may_run(program, UINT64_MAX))
		drop(path, program);
	pthread_mutex_unlock(&iscsi_lock_mutex);
}

int iscsi_lock_take(const char *path)
{
	char own[PATH_MAX];
	int error, fd;

	if (snprintf(own, sizeof(own), "%s.hotid-%d", path, gettid()) >= (int)sizeof(own))
		return -ENAMETOOLONG;
	fd = open(own, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	close(fd);
	for (int ms = 0; ; ms += GIVE_BACK_POLL_MS) {
		error = link(own, path) ? errno : 0;
		if (error != EEXIST || ms >= GIVE_BACK_MS)
			break;
		usleep(GIVE_BACK_POLL_MS * 1000);
	}
	unlink(own);
	return error == EEXIST ? -EBUSY : -error;
}

// SPDX-License-Identifier: GPL-2.0
/* The run directory: copies of identity files, and marks of what is taken. */
#include "step/rundir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "config/checking.h"

const char *rundir_namespace(void)
{
	static char name[32];
	struct stat own, first;

	if (*name)
		return name;
	/* The first fails on a kernel without namespaces. */
	if (stat("/proc/self/ns/net", &own) ||
	    (!stat("/proc/1/ns/net", &first) && own.st_ino == first.st_ino))
		snprintf(name, sizeof(name), "default");
	else
		snprintf(name, sizeof(name), "net-%lu", (unsigned long)own.st_ino);
	return name;
}

/* Held as long as the process lives; its children do not inherit it. */
static bool lock_is_ours(const char *dir)
{
	char *path = must_printf("%s/lock", dir), owner[16] = "";
	bool ours = false;
	int fd;

	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		log_error("%s: %m", path);
		goto out;
	}
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		if (read(fd, owner, sizeof(owner) - 1) < 0)
			*owner = '\0';
		owner[strcspn(owner, "\n")] = '\0';
		log_error("another hotidd (process %s) runs in this network namespace; stop that one "
			  "first", *owner ? owner : "unknown");
		close(fd);
		goto out;
	}
	if (ftruncate(fd, 0) || dprintf(fd, "%d\n", getpid()) < 0)
		log_warning("%s: %m", path);
	ours = true;
out:
	free(path);
	return ours;
}

static bool directory_made(const char *path)
{
	if (!mkdir(path, 0700) || errno == EEXIST)
		return true;
	log_error("%s: %m", path);
	return false;
}

char *rundir_open(const char *base)
{
	char *dir = must_printf("%s/%s", base, rundir_namespace());

	if (directory_made(base) && directory_made(dir) && lock_is_ours(dir))
		return dir;
	free(dir);
	return NULL;
}

char *rundir_copy_path(const char *dir, const char *name)
{
	return must_printf("%s/%s.yaml", dir, name);
}

static char *mark_path(const char *dir, const char *name)
{
	return must_printf("%s/%s.taken", dir, name);
}

int rundir_keep(const char *dir, const char *name, const char *file)
{
	struct problems problems = { 0 };
	char *text, *path;
	size_t length;
	int error;

	text = config_read_file(file, &length, &problems);
	problems_clear(&problems);
	if (!text)
		return -EIO;
	path = rundir_copy_path(dir, name);
	error = file_replace(path, text, length, false);
	free(path);
	free(text);
	return error;
}

static bool exists(char *path)
{
	bool is = !access(path, F_OK);

	free(path);
	return is;
}

static void drop(char *path)
{
	unlink(path);
	free(path);
}

bool rundir_has_copy(const char *dir, const char *name)
{
	return exists(rundir_copy_path(dir, name));
}

int rundir_mark_taken(const char *dir, const char *name)
{
	char *path = mark_path(dir, name);
	int error = file_replace(path, "", 0, false);

	free(path);
	return error;
}

void rundir_unmark_taken(const char *dir, const char *name)
{
	drop(mark_path(dir, name));
}

bool rundir_is_taken(const char *dir, const char *name)
{
	return exists(mark_path(dir, name));
}

void rundir_forget(const char *dir, const char *name)
{
	/* The mark last: without its file it does no harm, and not the other way round. */
	drop(rundir_copy_path(dir, name));
	drop(mark_path(dir, name));
}

// SPDX-License-Identifier: GPL-2.0
/* Finds the processes that use a mount. */
#include "storage/mount_users.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define NAMED	3			/* processes; of the others only the number */

static bool link_is_on(int directory, const char *name, dev_t device)
{
	struct stat st;

	return !fstatat(directory, name, &st, 0) && st.st_dev == device;
}

static bool has_open(int process, dev_t device)
{
	int fd = openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	bool found = false;

	if (!directory)
		return false;
	while (!found && (entry = readdir(directory)))
		found = isdigit((unsigned char)entry->d_name[0]) &&
			link_is_on(fd, entry->d_name, device);
	closedir(directory);
	return found;
}

/* A mapping keeps a file after its descriptor was closed. */
static bool has_mapped(int process, dev_t device)
{
	int fd = openat(process, "maps", O_RDONLY | O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "re");
	unsigned int major, minor;
	char line[PATH_MAX + 128];
	bool found = false;

	if (!file)
		return false;
	while (!found && fgets(line, sizeof(line), file))
		found = sscanf(line, "%*s %*s %*s %x:%x", &major, &minor) == 2 &&
			makedev(major, minor) == device;
	fclose(file);
	return found;
}

static bool uses(int process, dev_t device)
{
	return link_is_on(process, "cwd", device) || link_is_on(process, "root", device) ||
	       link_is_on(process, "exe", device) || has_open(process, device) ||
	       has_mapped(process, device);
}

static void read_name(int process, char name[32])
{
	int fd = openat(process, "comm", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? 0 : read(fd, name, 31);

	if (fd >= 0)
		close(fd);
	name[got > 0 ? got : 0] = '\0';
	name[strcspn(name, "\n")] = '\0';
}

void mount_users_describe(const char *where, char *text, size_t size)
{
	DIR *directory = opendir("/proc");
	struct dirent *entry;
	size_t used = 0, n = 0;
	struct stat st;

	*text = '\0';
	if (!directory || stat(where, &st))
		goto close;
	while ((entry = readdir(directory))) {
		char name[32];
		int process;

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		process = openat(dirfd(directory), entry->d_name,
				 O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (process < 0)
			continue;
		if (uses(process, st.st_dev) && n++ < NAMED && used < size) {
			read_name(process, name);
			used += snprintf(text + used, size - used, "%s%s (%s)", n > 1 ? ", " : "",
					 name, entry->d_name);
		}
		close(process);
	}
	if (n > NAMED && used < size)
		snprintf(text + used, size - used, " and %zu more", n - NAMED);
close:
	if (directory)
		closedir(directory);
}

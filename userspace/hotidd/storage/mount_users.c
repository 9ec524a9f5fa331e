// SPDX-License-Identifier: GPL-2.0
/* Finds the processes that use a mount. */
#include "storage/mount_users.h"

#include <ctype.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"

#define NAMED	3			/* processes; of the others only the number */

/* A list that grows. */
struct users {
	dev_t device;
	char *text;
	size_t size, used, n;
};

/* By its directories, its program, what it has open, and what it has mapped and closed since. */
static bool uses(const char *process, dev_t device)
{
	static const char *const links[] = { "cwd", "root", "exe", "fd/*", "map_files/*" };
	bool found = false;

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]) && !found; i++) {
		char pattern[64];
		struct stat st;
		glob_t all;

		snprintf(pattern, sizeof(pattern), "/proc/%.20s/%s", process, links[i]);
		if (glob(pattern, GLOB_NOSORT, NULL, &all))
			continue;
		for (size_t j = 0; j < all.gl_pathc && !found; j++)
			found = !stat(all.gl_pathv[j], &st) && st.st_dev == device;
		globfree(&all);
	}
	return found;
}

static int add_user(const char *process, void *data)
{
	struct users *users = data;
	char path[64], name[32];

	if (!isdigit((unsigned char)*process) || !uses(process, users->device))
		return 0;
	if (users->n++ < NAMED && users->used < users->size) {
		snprintf(path, sizeof(path), "/proc/%.20s/comm", process);
		file_read_line(path, name, sizeof(name));
		users->used += snprintf(users->text + users->used, users->size - users->used,
					"%s%s (%s)", users->n > 1 ? ", " : "", name, process);
	}
	return 0;
}

void mount_users_describe(const char *where, char *text, size_t size)
{
	struct users users = { .text = text, .size = size };
	struct stat st;

	*text = '\0';
	if (stat(where, &st))
		return;
	users.device = st.st_dev;
	file_each_in("/proc", add_user, &users);
	if (users.n > NAMED && users.used < size)
		snprintf(text + users.used, size - users.used, " and %zu more", users.n - NAMED);
}

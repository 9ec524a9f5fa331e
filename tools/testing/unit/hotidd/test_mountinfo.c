// SPDX-License-Identifier: GPL-2.0
/* What is mounted is known, or it is said that it is not. */
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "ktap.h"
#include "storage/mountinfo.h"

static void read_it(void)
{
	struct libmnt_table *table = NULL;
	struct step_env env = { 0 };

	CHECK_INT(mountinfo_read(&table, &env), 0);
	if (!CHECK(table))
		return;
	CHECK(mountinfo_at(table, "/"));
	CHECK(mountinfo_at(table, "/proc"));
	CHECK(!mountinfo_at(table, "/proc/no/such/mount"));
	mnt_unref_table(table);
}

/* Whoever cannot open a file does not believe that nothing is mounted. */
static void no_descriptors(void)
{
	struct libmnt_table *table = NULL;
	struct step_env env = { 0 };
	struct rlimit all, few;
	int next = dup(0);

	CHECK(!getrlimit(RLIMIT_NOFILE, &all));
	close(next);
	few = (struct rlimit){ .rlim_cur = (rlim_t)next, .rlim_max = all.rlim_max };
	CHECK(!setrlimit(RLIMIT_NOFILE, &few));
	CHECK_INT(mountinfo_read(&table, &env), -EMFILE);
	CHECK(!setrlimit(RLIMIT_NOFILE, &all));
	CHECK(!table);
	CHECK_STR(env.message, "/proc/self/mountinfo cannot be read, so what is mounted is not known: Too many open files");
}

static const struct ktap_test tests[] = {
	{ "read_it", read_it },
	{ "no_descriptors", no_descriptors },
};

KTAP_MAIN(tests)

// SPDX-License-Identifier: GPL-2.0
/*
 * The run directory when the daemon is killed at any change that it makes there:
 * a copy is whole, what was acknowledged is still so, and the lock goes with
 * its process.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "killpoint.h"
#include "ktap.h"
#include "step/rundir.h"

#define ROUNDS		200
#define OPERATIONS	12

enum operation { KEEP_A, KEEP_B, MARK, UNMARK, FORGET, KINDS };

/* What is known of the directory: what was acknowledged, and what was begun after that. */
struct known {
	int copy, copy_begun;		/* 'a', 'b', 0 for none */
	bool mark, mark_begun;
};

static char base[] = "/tmp/hotid-test-rundir-XXXXXX";
static char *dir;
static struct known *known;

static const char *source(int which)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%c", base, which);
	return path;
}

/* Of the copy: 'a' or 'b', 0 when there is none, '?' when it is neither. */
static int copy_now(void)
{
	char *path = rundir_copy_path(dir, "web"), text[8192];
	FILE *file = fopen(path, "r");
	size_t n;

	free(path);
	if (!file)
		return 0;
	n = fread(text, 1, sizeof(text), file);
	fclose(file);
	if (n == 4000 && text[0] == 'a' && text[3999] == 'a')
		return 'a';
	return n == 5000 && text[0] == 'b' && text[4999] == 'b' ? 'b' : '?';
}

static int operate(enum operation operation)
{
	*known = (struct known){ known->copy, known->copy, known->mark, known->mark };
	switch (operation) {
	case KEEP_A:
	case KEEP_B:
		known->copy_begun = operation == KEEP_A ? 'a' : 'b';
		if (rundir_keep(dir, "web", source(known->copy_begun)))
			return 1;
		break;
	case MARK:
		known->mark_begun = true;
		if (rundir_mark_taken(dir, "web"))
			return 1;
		break;
	case UNMARK:
		known->mark_begun = false;
		rundir_unmark_taken(dir, "web");
		break;
	default:
		known->copy_begun = 0;
		known->mark_begun = false;
		rundir_forget(dir, "web");
	}
	known->copy = known->copy_begun;
	known->mark = known->mark_begun;
	return 0;
}

static void check_directory(void)
{
	int copy = copy_now();
	bool mark = rundir_is_taken(dir, "web");

	CHECK(copy == known->copy || copy == known->copy_begun);
	CHECK(mark == known->mark || mark == known->mark_begun);
	CHECK_INT(rundir_has_copy(dir, "web"), copy != 0);
	/* Forgetting must not leave a copy without the mark that it was taken. */
	if (known->mark && !known->mark_begun && known->copy && !known->copy_begun)
		CHECK(!copy || mark);
	*known = (struct known){ copy, copy, mark, mark };
}

static void live(unsigned int *random, unsigned int kill_at)
{
	enum operation operations[OPERATIONS];
	bool killed;
	pid_t pid;

	for (size_t i = 0; i < OPERATIONS; i++)
		operations[i] = (enum operation)(rand_r(random) % KINDS);
	killpoint_life(kill_at, 0);
	pid = killpoint_fork();
	if (!pid) {
		int failed = 0;

		for (size_t i = 0; i < OPERATIONS; i++)
			failed |= operate(operations[i]);
		_exit(failed);
	}
	killed = killpoint_wait(pid);
	CHECK_INT(killed, kill_at <= killpoint_passed());
	check_directory();
}

static void write_source(int which, size_t length)
{
	FILE *file = fopen(source(which), "w");

	for (size_t i = 0; i < length; i++)
		fputc(which, file);
	fclose(file);
}

static void begin(void)
{
	CHECK(mkdtemp(base));
	write_source('a', 4000);
	write_source('b', 5000);
	dir = rundir_open(base);
	if (!CHECK(dir))
		exit(1);
	known = killpoint_memory(sizeof(*known));
}

static void killed_at_every_change(void)
{
	unsigned int random = killpoint_seed();

	for (unsigned int round = 0; round < ROUNDS && !ktap_failed; round++) {
		unsigned int kill_at = 1 + (unsigned int)rand_r(&random) % (OPERATIONS * 4);

		live(&random, kill_at);
		if (ktap_failed)
			printf("# round %u, killed at point %u\n", round, kill_at);
	}
}

/* Another process is refused as long as one has it, however that one ends. */
static void one_daemon(void)
{
	char other[] = "/tmp/hotid-test-rundir-XXXXXX", *path;
	int ready[2];
	pid_t pid;
	char byte;

	CHECK(mkdtemp(other));
	CHECK(!pipe(ready));
	killpoint_life(0, 0);
	pid = killpoint_fork();
	if (!pid) {
		if (!rundir_open(other) || write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	CHECK_INT(read(ready[0], &byte, 1), 1);
	CHECK(!rundir_open(other));
	kill(pid, SIGKILL);
	CHECK(killpoint_wait(pid));
	path = rundir_open(other);
	CHECK(path);
	free(path);
	close(ready[0]);
	close(ready[1]);
	killpoint_remove(other);
}

static const struct ktap_test tests[] = {
	{ "killed_at_every_change", killed_at_every_change },
	{ "one_daemon", one_daemon },
};

int main(void)
{
	int status;

	begin();
	status = ktap_main(tests, sizeof(tests) / sizeof(tests[0]));
	free(dir);
	killpoint_remove(base);
	return status;
}

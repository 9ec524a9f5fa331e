// SPDX-License-Identifier: GPL-2.0
/* The lock that a killed process left goes; one that somebody has stays, whenever it was taken. */
#define _GNU_SOURCE
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "ktap.h"

#define PROGRAM	"hotid-locker"

/* Called when a look at all processes begins, and when it is over. */
static void (*before_look)(void), (*after_look)(void);
static int looks;

static DIR *telling_opendir(const char *path)
{
	if (before_look)
		before_look();
	return opendir(path);
}

static int telling_closedir(DIR *directory)
{
	int result = closedir(directory);

	looks++;
	if (after_look)
		after_look();
	return result;
}

#define opendir		telling_opendir
#define closedir	telling_closedir
#include "storage/iscsi_lock.c"
#undef opendir
#undef closedir

static char dir[64], file[96], lock[96];
static pid_t locker;
static int told[2], tells[2];

static void begin(void)
{
	strcpy(dir, "/tmp/hotid-test-XXXXXX");
	CHECK(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/lock", dir);
	snprintf(lock, sizeof(lock), "%s/lock.write", dir);
	close(open(file, O_CREAT | O_WRONLY, 0600));
	CHECK(!pipe(told) && !pipe(tells));
	locker = 0;
	looks = 0;
	before_look = after_look = NULL;
}

static void end(void)
{
	unlink(lock);
	unlink(file);
	CHECK(!rmdir(dir));
	for (int i = 0; i < 2; i++) {
		close(told[i]);
		close(tells[i]);
	}
}

/* A process that takes the lock as iscsiadm does, tells so, and gives it back when it is told to. */
static void start_locker(void)
{
	char byte = 0;

	locker = fork();
	if (locker)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, PROGRAM);
	if (write(tells[1], &byte, 1) != 1)	/* it can be seen */
		_exit(2);
	while (link(file, lock))
		usleep(1000);
	if (write(tells[1], &byte, 1) != 1 || read(told[0], &byte, 1) != 1)
		_exit(2);
	_exit(unlink(lock) ? 1 : 0);
}

static void locker_tells(void)
{
	struct pollfd fd = { .fd = tells[0], .events = POLLIN };
	char byte;

	if (CHECK(poll(&fd, 1, 30000) == 1))
		CHECK_INT(read(tells[0], &byte, 1), 1);
}

/* It gives the lock back; what it had was there until then. */
static void locker_ends(void)
{
	int status = -1;

	CHECK_INT(write(told[1], "", 1), 1);
	CHECK_INT(waitpid(locker, &status, 0), locker);
	CHECK_INT(status, 0);
}

static void stale_lock(void)
{
	begin();
	iscsi_lock_drop_stale(lock, PROGRAM);
	CHECK(access(lock, F_OK));
	CHECK(!link(file, lock));
	iscsi_lock_drop_stale(lock, PROGRAM);
	CHECK(access(lock, F_OK));
	CHECK(!access(file, F_OK));
	end();
}

static void lock_of_somebody(void)
{
	begin();
	start_locker();
	locker_tells();
	locker_tells();
	iscsi_lock_drop_stale(lock, PROGRAM);
	CHECK(!access(lock, F_OK));
	locker_ends();
	CHECK(access(lock, F_OK));
	end();
}

/* The one who had it gave it back while it was looked for, and the next one has it. */
static void taken_after_the_look(void)
{
	if (looks == 1) {
		CHECK(!unlink(lock));
		start_locker();
		locker_tells();
		locker_tells();
		return;
	}
	/* Somebody has it. */
	CHECK(!access(lock, F_OK));
	if (looks == 4)
		locker_ends();
}

static void taken_in_between(void)
{
	begin();
	CHECK(!link(file, lock));
	after_look = taken_after_the_look;
	iscsi_lock_drop_stale(lock, PROGRAM);
	if (looks < 4) {
		/* Not waited for; then it is there all the same. */
		CHECK(!access(lock, F_OK));
		locker_ends();
	}
	CHECK(access(lock, F_OK));
	end();
}

/* Somebody comes who has to wait for the file that stands in the lock's place. */
static void come_before_the_second_look(void)
{
	unsigned long long now = ticks_now();

	if (looks != 1 || locker)
		return;
	while (ticks_now() <= now + 1)
		usleep(1000);
	start_locker();
	locker_tells();
}

static void waiter_gets_it(void)
{
	begin();
	CHECK(!link(file, lock));
	before_look = come_before_the_second_look;
	iscsi_lock_drop_stale(lock, PROGRAM);
	if (CHECK(locker)) {
		locker_tells();		/* it has the lock: nothing is left in its way */
		locker_ends();
	}
	CHECK(access(lock, F_OK));
	end();
}

static const struct ktap_test tests[] = {
	{ "stale_lock", stale_lock },
	{ "lock_of_somebody", lock_of_somebody },
	{ "taken_in_between", taken_in_between },
	{ "waiter_gets_it", waiter_gets_it },
};

KTAP_MAIN(tests)

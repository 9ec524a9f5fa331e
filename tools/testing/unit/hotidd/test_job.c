// SPDX-License-Identifier: GPL-2.0
/* Waits and children end at the deadline and when cancelled, not before and not after. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "ktap.h"
#include "step/job.h"
#include "step/undo_state.h"

static struct identity_config identity = { .name = "web" };

static struct step_env env_with(unsigned int ms)
{
	return (struct step_env){
		.identity = &identity,
		.deadline_ns = clock_ns() + ms * JOB_MS,
		.cancel_fd = -1,
	};
}

static void pause_ends(void)
{
	struct step_env env = env_with(10000);
	uint64_t start = clock_ns();

	CHECK_INT(job_pause(&env, 30), 0);
	CHECK(clock_ns() - start >= 30 * JOB_MS);
}

static void deadline_ends_a_wait(void)
{
	struct step_env env = env_with(30);
	uint64_t start = clock_ns();

	CHECK_INT(job_pause(&env, 60000), -ETIMEDOUT);
	CHECK(clock_ns() - start >= 30 * JOB_MS);
	CHECK_INT(job_left(&env), 0);
	CHECK_INT(job_end(&env, -ETIMEDOUT, "the disk did not appear"), -ETIMEDOUT);
	CHECK_STR(env.message, "timed out: the disk did not appear");
}

static void cancel_ends_a_wait(void)
{
	struct step_env env = env_with(60000);
	struct job_child child;

	env.cancel_fd = eventfd(1, 0);
	CHECK_INT(job_pause(&env, 60000), -ECANCELED);
	CHECK_INT(job_run(&env, (const char *const[]){ "sleep", "60", NULL }, &child), -ECANCELED);
	CHECK_INT(job_end(&env, -ECANCELED, "no link"), -ECANCELED);
	CHECK_STR(env.message, "cancelled: no link");
	close(env.cancel_fd);
}

static void ready_descriptor(void)
{
	struct step_env env = env_with(60000);
	struct pollfd fds[2] = { { .fd = eventfd(0, 0), .events = POLLIN },
				 { .fd = eventfd(1, 0), .events = POLLIN } };

	CHECK_INT(job_poll(&env, fds, 2, UINT64_MAX), 1);
	CHECK_INT(fds[0].revents, 0);
	CHECK_INT(fds[1].revents, POLLIN);
	close(fds[0].fd);
	close(fds[1].fd);
}

static void child_status_and_last_line(void)
{
	struct step_env env = env_with(60000);
	struct job_child child;

	CHECK_INT(job_run(&env, (const char *const[]){ "true", NULL }, &child), 0);
	CHECK_INT(child.status, 0);
	CHECK_STR(job_last_line(&child), "");
	CHECK_INT(job_run(&env, (const char *const[]){
		"sh", "-c", "echo lost; echo first >&2; echo 'x: the cause' >&2; exit 7", NULL }, &child), 0);
	CHECK_INT(child.status, 7);
	CHECK_STR(job_last_line(&child), "x: the cause");
	CHECK_INT(job_run(&env, (const char *const[]){ "sh", "-c", "kill -9 $$", NULL }, &child), 0);
	CHECK_INT(child.status, 128 + 9);
	CHECK_INT(job_run(&env, (const char *const[]){ "no-such-program", NULL }, &child), -ENOENT);
}

static void long_errors_keep_their_end(void)
{
	struct step_env env = env_with(60000);
	struct job_child child;

	CHECK_INT(job_run(&env, (const char *const[]){
		"sh", "-c", "i=0; while [ $i -lt 3000 ]; do echo line $i >&2; i=$((i+1)); done",
		NULL }, &child), 0);
	CHECK_INT(strlen(child.errors), sizeof(child.errors) - 1);
	CHECK_STR(job_last_line(&child), "line 2999");
}

/* What the daemon asked for itself is not for what it runs. */
static void child_is_an_ordinary_process(void)
{
	struct step_env env = env_with(60000);
	struct job_child child;
	FILE *score = fopen("/proc/self/oom_score_adj", "w");
	bool lowered = score && fputs("-500\n", score) >= 0 && !fflush(score);
	unsigned long long is_blocked = 1, is_ignored = 1;
	sigset_t blocked;
	int value = 1;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	CHECK_INT(job_run(&env, (const char *const[]){ "sh", "-c",
		"echo $(grep -E 'Sig(Ign|Blk)' /proc/self/status) $(cat /proc/self/oom_score_adj) >&2",
		NULL }, &child), 0);
	CHECK_INT(sscanf(job_last_line(&child), "SigBlk: %llx SigIgn: %llx %d", &is_blocked, &is_ignored,
			 &value), 3);
	CHECK_INT(is_blocked, 0);
	/* Above the 31 there are two that are the C library's own affair. */
	CHECK_INT(is_ignored & 0x7fffffff, 0);
	CHECK_INT(value, 0);
	/* A pipe whose reader is gone ends the writer. */
	CHECK_INT(job_run(&env, (const char *const[]){ "sh", "-c",
		"(yes; echo $? >&2) | true", NULL }, &child), 0);
	CHECK_STR(job_last_line(&child), "141");
	sigprocmask(SIG_UNBLOCK, &blocked, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGUSR1, SIG_DFL);
	if (!lowered)
		printf("# this user may not lower its OOM score, so that half was not looked at\n");
	else
		CHECK(fputs("0\n", score) >= 0 && !fflush(score));
	if (score)
		fclose(score);
}

/* The child and what it started are gone, also when they ignore a polite end. */
static void deadline_ends_a_child(void)
{
	struct step_env env = env_with(300);
	struct job_child child;
	uint64_t start = clock_ns();
	char line[32] = "";
	FILE *file = tmpfile();
	char script[64];
	int pid = 0;

	snprintf(script, sizeof(script), "trap '' TERM; sleep 60 & echo $! >&2; wait");
	CHECK_INT(job_run(&env, (const char *const[]){ "sh", "-c", script, NULL }, &child),
		  -ETIMEDOUT);
	CHECK(clock_ns() - start < 30000 * JOB_MS);
	snprintf(line, sizeof(line), "%s", job_last_line(&child));
	pid = atoi(line);
	CHECK(pid > 1);
	for (int i = 0; i < 100 && !access((snprintf(script, sizeof(script), "/proc/%d/exe", pid),
					    script), F_OK); i++)
		job_pause(&(struct step_env){ .deadline_ns = UINT64_MAX, .cancel_fd = -1 }, 20);
	CHECK(access(script, F_OK));
	fclose(file);
}

static void kept_values(void)
{
	char directory[] = "/tmp/test_job.XXXXXX", value[16], path[64];
	struct step_env env = env_with(1000);
	struct undo_state keep = { 0 };

	if (!ktap_check(mkdtemp(directory), "mkdtemp", __FILE__, __LINE__))
		return;
	env.run_dir = directory;
	CHECK_INT(undo_state_load(&env, "net", 0, &keep), -ENOENT);
	CHECK(undo_state_put(&keep, "mac", "02:00:00:00:00:01"));
	CHECK(undo_state_put(&keep, "up", "1"));
	CHECK(undo_state_put(&keep, "empty", ""));
	CHECK_INT(undo_state_save(&env, "net", 0, &keep), 0);
	memset(&keep, 0, sizeof(keep));
	CHECK_INT(undo_state_load(&env, "net", 1, &keep), -ENOENT);
	CHECK_INT(undo_state_load(&env, "net", 0, &keep), 0);
	CHECK(undo_state_get(&keep, "up", value, sizeof(value)));
	CHECK_STR(value, "1");
	CHECK(undo_state_get(&keep, "empty", value, sizeof(value)));
	CHECK_STR(value, "");
	CHECK(!undo_state_get(&keep, "u", value, sizeof(value)));
	CHECK(!undo_state_get(&keep, "mac", value, sizeof(value)));	/* too long for it */
	undo_state_drop(&env, "net", 0);
	CHECK_INT(undo_state_load(&env, "net", 0, &keep), -ENOENT);
	rmdir(directory);

	/* Where nothing can be written, nothing may be begun. */
	snprintf(path, sizeof(path), "%s/gone/too", directory);
	env.run_dir = path;
	CHECK(undo_state_save(&env, "net", 0, &keep) < 0);
	CHECK(strstr(env.message, "nothing was changed"));
}

static void keep_is_full(void)
{
	struct undo_state keep = { 0 };
	char long_value[200];
	int n = 0;

	memset(long_value, 'x', sizeof(long_value) - 1);
	long_value[sizeof(long_value) - 1] = '\0';
	while (undo_state_put(&keep, "key", long_value) && n < 1000)
		n++;
	CHECK_INT(n, (UNDO_STATE_MAX - 1) / (4 + 199 + 1));
	CHECK_INT(strlen(keep.text), (size_t)n * (4 + 199 + 1));
}

static const struct ktap_test tests[] = {
	{ "pause_ends", pause_ends },
	{ "deadline_ends_a_wait", deadline_ends_a_wait },
	{ "cancel_ends_a_wait", cancel_ends_a_wait },
	{ "ready_descriptor", ready_descriptor },
	{ "child_status_and_last_line", child_status_and_last_line },
	{ "long_errors_keep_their_end", long_errors_keep_their_end },
	{ "child_is_an_ordinary_process", child_is_an_ordinary_process },
	{ "deadline_ends_a_child", deadline_ends_a_child },
	{ "kept_values", kept_values },
	{ "keep_is_full", keep_is_full },
};

KTAP_MAIN(tests)

// SPDX-License-Identifier: GPL-2.0
/*
 * Verbs in processes of their own: what they return comes back, and they end
 * at the deadline. That one which the kernel does not let go is left behind is
 * tested where there is a kernel that can be made to: vmtest/kinds.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "ktap.h"
#include "step/apart.h"
#include "step/job.h"
#include "step/undo_state.h"

static const struct kind kind = { .name = "mount" };
static struct step step = { .kind = &kind, .name = "mount /srv/web" };
static struct identity_config identity = { .name = "web" };
static char directory[] = "/tmp/test_apart.XXXXXX";

static struct step_env env_with(unsigned int ms)
{
	return (struct step_env){
		.identity = &identity,
		.deadline_ns = clock_ns() + ms * JOB_MS,
		.cancel_fd = -1,
		.run_dir = directory,
	};
}

static int in_child(struct step *step, struct step_env *env)
{
	env->epoch = 77;
	env->seen_epoch = 78;
	return job_fail(env, EBUSY, "process %d", getpid());
}

static void outcome_comes_back(void)
{
	struct step_env env = env_with(60000);
	char own[32];

	snprintf(own, sizeof(own), "process %d", getpid());
	CHECK_INT(apart_run(in_child, "take", &step, &env), -EBUSY);
	CHECK(!strncmp(env.message, "process ", 8));
	CHECK(strcmp(env.message, own));
	CHECK_INT(env.epoch, 0);
	CHECK_INT(env.seen_epoch, 78);	/* the one thing that it may tell beside its message */
}

static int kept_fd;

static int look_at_fds(struct step *step, struct step_env *env)
{
	if (fcntl(kept_fd, F_GETFD) >= 0)
		return job_fail(env, EEXIST, "another descriptor is open");
	return fcntl(env->cancel_fd, F_GETFD) < 0 ? job_fail(env, EBADF, "not the one to cancel") : 0;
}

/* A lock or a socket in a process that cannot be ended would outlive the daemon. */
static void holds_no_descriptors(void)
{
	struct step_env env = env_with(60000);
	int fds[3];

	for (int order = 0; order < 2; order++) {
		for (size_t i = 0; i < 3; i++)
			fds[i] = eventfd(0, EFD_CLOEXEC);
		env.cancel_fd = fds[order ? 2 : 0];
		kept_fd = fds[1];
		CHECK_INT(apart_run(look_at_fds, "take", &step, &env), 0);
		for (size_t i = 0; i < 3; i++)
			close(fds[i]);
	}
	env.cancel_fd = -1;
	kept_fd = eventfd(0, EFD_CLOEXEC);
	CHECK_INT(apart_run(look_at_fds, "take", &step, &env), -EBADF);
	CHECK_STR(env.message, "not the one to cancel");
	close(kept_fd);
}

static int sleeps(struct step *step, struct step_env *env)
{
	while (pause())
		;
	return 0;
}

static int dies(struct step *step, struct step_env *env)
{
	raise(SIGKILL);
	return 0;
}

static int waits(struct step *step, struct step_env *env)
{
	return job_end(env, job_pause(env, 600000), "the disk did not appear");
}

static void deadline_ends_it(void)
{
	struct step_env env = env_with(50);

	CHECK_INT(apart_run(sleeps, "take", &step, &env), -ETIMEDOUT);
	CHECK_STR(env.message, "timed out: take of \"mount /srv/web\" did not end");
	/* One that watches its time by itself words it better. */
	env = env_with(50);
	CHECK_INT(apart_run(waits, "take", &step, &env), -ETIMEDOUT);
	CHECK_STR(env.message, "timed out: the disk did not appear");
	CHECK_INT(waitpid(-1, NULL, WNOHANG), -1);
}

static void cancel_ends_it(void)
{
	struct step_env env = env_with(600000);

	env.cancel_fd = eventfd(1, EFD_CLOEXEC);
	CHECK_INT(apart_run(sleeps, "take", &step, &env), -ECANCELED);
	CHECK_INT(apart_run(waits, "take", &step, &env), -ECANCELED);
	CHECK_STR(env.message, "cancelled: the disk did not appear");
	close(env.cancel_fd);
}

static void death_is_told(void)
{
	struct step_env env = env_with(60000);

	CHECK_INT(apart_run(dies, "take", &step, &env), -EIO);
	CHECK(strstr(env.message, "ended without a word"));
}

/* As a daemon before left it: a process of that number and start. */
static pid_t leave_behind(const char *started)
{
	struct step_env env = env_with(1000);
	struct undo_state keep = { 0 };
	char text[32];
	pid_t pid = fork();

	if (!pid)
		sleeps(NULL, NULL);
	snprintf(text, sizeof(text), "%d", pid);
	undo_state_put(&keep, "process", text);
	snprintf(text, sizeof(text), "%llu", child_started(pid));
	undo_state_put(&keep, "started", started ? started : text);
	CHECK_INT(undo_state_save(&env, "left-mount", 0, &keep), 0);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void what_was_left_is_waited_for(void)
{
	struct step_env env = env_with(200);
	struct undo_state keep;
	char want[32];
	pid_t pid = leave_behind(NULL);

	CHECK_INT(apart_run(in_child, "undo", &step, &env), -ETIMEDOUT);
	snprintf(want, sizeof(want), "process %d", pid);
	CHECK(strstr(env.message, "timed out: left behind: an earlier verb of \"mount /srv/web\""));
	CHECK(strstr(env.message, want));
	/* Reading back does not wait, but says it. */
	env = env_with(600000);
	CHECK_INT(apart_run(in_child, "verify", &step, &env), -ETIMEDOUT);
	end(pid);
	CHECK_INT(apart_run(in_child, "undo", &step, &env), -EBUSY);
	CHECK_INT(undo_state_load(&env, "left-mount", 0, &keep), -ENOENT);

	/* Another process that has the number by now is none of ours. */
	pid = leave_behind("1");
	CHECK_INT(apart_run(in_child, "take", &step, &env), -EBUSY);
	CHECK_INT(undo_state_load(&env, "left-mount", 0, &keep), -ENOENT);
	end(pid);
	pid = leave_behind(NULL);
	apart_forget(&step, &env);
	CHECK_INT(apart_run(in_child, "take", &step, &env), -EBUSY);
	end(pid);
}

static void start_of_a_process(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	CHECK(child_started(getpid()) > 0);
	/* It ends, and is not reaped yet. */
	while (child_started(pid))
		usleep(1000);
	waitpid(pid, NULL, 0);
	CHECK_INT(child_started(pid), 0);
}

static void all_with_a_directory(void)
{
	if (!CHECK(mkdtemp(directory)))
		return;
	outcome_comes_back();
	holds_no_descriptors();
	deadline_ends_it();
	cancel_ends_it();
	death_is_told();
	what_was_left_is_waited_for();
	CHECK_INT(rmdir(directory), 0);
}

static const struct ktap_test tests[] = {
	{ "verbs_apart", all_with_a_directory },
	{ "start_of_a_process", start_of_a_process },
};

KTAP_MAIN(tests)

// SPDX-License-Identifier: GPL-2.0
/*
 * The example of an orchestrator that libhotid comes with, as a process of the observer's
 * namespace. The test is the daemon of that node: it reports what the takeover did. Runs
 * in virtual time.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/harness.h"
#include "lib/identities.h"
#include "lib/net.h"
#include "lib/pair.h"

#define WEB		"web"
#define ACTIVE		"active"
#define INTERVAL_US	10000

/* main() of the example. */
int orchestrator_main(int argc, char **argv);

FIXTURE(orchestrator) {
	struct pair pair;
	struct node sender, observer;
	pid_t program;
};

FIXTURE_SETUP(orchestrator)
{
	struct hotid_peer active;

	pair_make(&self->pair);
	node_start(&self->sender, self->pair.sender, 1, INTERVAL_US);
	node_start(&self->observer, self->pair.observer, 2, INTERVAL_US);
	peer_add(&self->sender, self->observer.id, TELL, OBSERVER);
	active = peer_with(self->sender.id, WATCH);
	strcpy(active.name, ACTIVE);
	peer_path(&active, SENDER);
	peer_set(&self->observer, &active);
	ASSERT_TRUE(WAIT_FOR(peer_state(&self->observer, self->sender.id) == HOTID_PEER_STATE_UP,
			     5 * SECOND));
	identity_bring(&self->observer, WEB, 0, ARMED, 0);
}

FIXTURE_TEARDOWN(orchestrator)
{
	if (self->program > 0) {
		kill(self->program, SIGKILL);
		waitpid(self->program, NULL, 0);
	}
	hotid_close(self->sender.h);
	hotid_close(self->observer.h);
}

#define THIS	struct __test_metadata *_metadata, struct _test_data_orchestrator *self

static void start(THIS)
{
	char *argv[] = { "orchestrator", ACTIVE, WEB, NULL };

	self->program = fork();
	ASSERT_LE(0, self->program);
	if (self->program)
		return;
	ns_enter(self->pair.observer);
	_exit(orchestrator_main(3, argv));
}

/* It has read all there is, and waits for what comes. */
static bool waits(pid_t program)
{
	char path[64], text[16] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/syscall", program);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	return atoi(text) == SYS_poll;
}

/* Nobody hears the sender any more. */
static void die(THIS)
{
	ns_lose(self->pair.sender, OBSERVER, true);
	ASSERT_TRUE(WAIT_FOR(peer_state(&self->observer, self->sender.id) == HOTID_PEER_STATE_DOWN,
			     5 * SECOND));
}

static void expect_end(THIS, int wanted)
{
	int status = -1;

	ASSERT_TRUE(WAIT_FOR(waitpid(self->program, &status, WNOHANG) == self->program,
			     10 * SECOND));
	self->program = 0;
	ASSERT_TRUE(WIFEXITED(status));
	EXPECT_EQ(wanted, WEXITSTATUS(status));
}

static void expect_takeover(THIS)
{
	ASSERT_TRUE(WAIT_FOR(identity_state(&self->observer, WEB) == TAKING, 5 * SECOND));
	identity_done(&self->observer, WEB);
	expect_end(_metadata, self, 0);
	EXPECT_EQ(HELD, identity_state(&self->observer, WEB));
}

TEST_F(orchestrator, takes_over_when_the_peer_dies)
{
	node_daemon_lives(&self->observer);
	start(_metadata, self);
	ASSERT_TRUE(WAIT_FOR(waits(self->program), 5 * SECOND));
	EXPECT_EQ(ARMED, identity_state(&self->observer, WEB));
	die(_metadata, self);
	expect_takeover(_metadata, self);
}

/* It was down before the program began: no event says so. */
TEST_F(orchestrator, takes_over_from_what_died_before)
{
	node_daemon_lives(&self->observer);
	die(_metadata, self);
	start(_metadata, self);
	expect_takeover(_metadata, self);
}

/* The takeover is refused, as nobody would carry it out, and the program says so and ends. */
TEST_F(orchestrator, ends_when_the_takeover_is_refused)
{
	node_daemon_dies(&self->observer);
	die(_metadata, self);
	start(_metadata, self);
	expect_end(_metadata, self, 1);
	EXPECT_EQ(ARMED, identity_state(&self->observer, WEB));
}

TEST_HARNESS_MAIN

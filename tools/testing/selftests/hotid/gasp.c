// SPDX-License-Identifier: GPL-2.0
/*
 * What is built ahead for a panic: nobody waits for its building, and nobody
 * waits for long while it is said.
 *
 *   ┌──────────────┐
 *   │ node         │ d0 ── 10.9.0.0/24 ─┐
 *   │ 10.9.N.1     │ d1 ── 10.9.1.0/24 ─┤ all neighbours known, nobody there
 *   │              │ ...                │
 *   └──────────────┘
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "lib/clock.h"
#include "lib/harness.h"
#include "lib/net.h"
#include "lib/node.h"

/* Each takes netpoll a tick when it is full; this is far more than the bound. */
#define DEVICES		60
/* What hotid.ko allows itself for all last words, and one packet that cannot be sent. */
#define MOST		(100 * MS)
#define ONE_MORE	(10 * MS)
/*
 * Far more than a keepalive takes, and for the framework, in seconds, to end a hang.
 * Virtual time leaps while a page of a program is read from the disk.
 */
#define RTNL_MS		"60000"
#define LIMIT		1800

#define THIS		struct __test_metadata *_metadata, struct _test_data_gasp *self

FIXTURE(gasp) {
	struct node node;
	uint8_t peer[HOTID_ID_LEN];
};

static void dummy(int ns, unsigned int n)
{
	char name[16], address[32];

	snprintf(name, sizeof(name), "d%u", n);
	snprintf(address, sizeof(address), "10.9.%u.1/24", n);
	link_dummy(ns, name);
	link_address(ns, name, address);
}

FIXTURE_SETUP(gasp)
{
	int ns = ns_new();

	dummy(ns, 0);
	node_start(&self->node, ns, 1, 10000);
	node_id(2, self->peer);
}

FIXTURE_TEARDOWN(gasp)
{
	hotid_close(self->node.h);
}

static void set(const char *parameter, const char *value)
{
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "/sys/module/%s", parameter);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, value, strlen(value) + 1) < 0)
		err(1, "%s", path);
	close(fd);
}

static void keep_alive(const struct node *node)
{
	MUST(node->h, hotid_keepalive(node->h, HOTID_HEALTH_USERSPACE));
}

static uint32_t gasp_state(const struct node *node, const uint8_t id[HOTID_ID_LEN])
{
	return peer_read(node, id).paths[0].gasp;
}

static char process_state(pid_t pid)
{
	char file[32], text[256] = {};
	int fd;

	snprintf(file, sizeof(file), "/proc/%d/stat", pid);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		err(1, "%s", file);
	close(fd);
	return strrchr(text, ')')[2];
}

/* Somebody keeps RTNL; this returns when he has it. */
static pid_t keep_rtnl(void)
{
	pid_t child = fork();

	if (child < 0)
		err(1, "fork");
	if (!child) {
		set("stall/parameters/rtnl_ms", RTNL_MS);
		_exit(0);
	}
	if (!WAIT_FOR(process_state(child) == 'D', 100 * SECOND))
		errx(1, "nobody keeps RTNL");
	return child;
}

static bool keeps_it(pid_t child)
{
	return !waitpid(child, NULL, WNOHANG);
}

/* A keepalive does not wait for RTNL, and what it could not do the next one does. */
TEST_F_TIMEOUT(gasp, keepalive_does_not_wait_for_rtnl, LIMIT)
{
	const struct node *node = &self->node;
	pid_t keeper;

	module_load_other("stall.ko");
	peer_add(node, self->peer, TELL, "10.9.0.2");
	keeper = keep_rtnl();
	/* A device that is new. */
	keep_alive(node);
	EXPECT_TRUE(keeps_it(keeper)) {
		TH_LOG("a keepalive waited for RTNL, to prepare a device");
	}
	EXPECT_EQ(HOTID_GASP_STATE_NONE, gasp_state(node, self->peer));
	waitpid(keeper, NULL, 0);
	keep_alive(node);
	EXPECT_EQ(HOTID_GASP_STATE_READY, gasp_state(node, self->peer));

	/* An address that is gone: then the socket and its last word are another's. */
	link_address_delete(node->ns, "d0", "10.9.0.1/24");
	link_address(node->ns, "d0", "10.9.0.3/24");
	keeper = keep_rtnl();
	keep_alive(node);
	EXPECT_TRUE(keeps_it(keeper)) {
		TH_LOG("a keepalive waited for RTNL, to let go of a device");
	}
	waitpid(keeper, NULL, 0);
	EXPECT_TRUE(WAIT_FOR((keep_alive(node), gasp_state(node, self->peer) ==
			      HOTID_GASP_STATE_READY), 100 * SECOND));
	/* It is held for nobody any more, so it can go. */
	MUST(node->h, hotid_peer_del(node->h, self->peer));
	link_delete(node->ns, "d0");
	EXPECT_FALSE(link_exists(node->ns, "d0"));
}

/* Devices that take nothing do not keep a panic waiting, however many there are. */
TEST_F_TIMEOUT(gasp, panic_is_not_kept_waiting, LIMIT)
{
	const struct node *node = &self->node;
	uint8_t id[HOTID_ID_LEN];
	char text[32] = {};
	unsigned int i;
	uint64_t took;
	int fd;

	module_load_other("rehearsal.ko");
	for (i = 0; i < DEVICES; i++) {
		char address[32];

		if (i)
			dummy(node->ns, i);
		node_id(2 + i, id);
		snprintf(address, sizeof(address), "10.9.%u.2", i);
		peer_add(node, id, TELL, address);
	}
	keep_alive(node);
	for (i = 0; i < DEVICES; i++) {
		node_id(2 + i, id);
		ASSERT_EQ(HOTID_GASP_STATE_READY, gasp_state(node, id));
	}
	ns_enter(node->ns);
	set("rehearsal/parameters/full", "1");
	set("rehearsal/parameters/panic", "now");
	set("rehearsal/parameters/full", "0");
	ns_home();
	fd = open("/sys/module/rehearsal/parameters/panic", O_RDONLY | O_CLOEXEC);
	ASSERT_LT(0, read(fd, text, sizeof(text) - 1));
	close(fd);
	took = strtoull(text, NULL, 10);
	/* If not, the queues were not full, or nothing was said. */
	EXPECT_GE(took, MOST);
	EXPECT_LT(took, MOST + ONE_MORE);
	/* For those that come after us this kernel has not panicked. */
	ASSERT_TRUE(module_unload());
	module_load();
}

TEST_HARNESS_MAIN

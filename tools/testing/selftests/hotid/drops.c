// SPDX-License-Identifier: GPL-2.0
/*
 * What counts as a drop for those who trace skb:kfree_skb: packets that are
 * refused, and no beat that is accepted.
 *
 *   ┌──────────────┐                        ┌──────────────┐
 *   │ sender       │ s0 ──────────────── o0 │ observer     │
 *   │ a fake peer  │                        │ watches it   │
 *   │              │ s1 ──────────────── o1 │              │
 *   └──────────────┘                        └──────────────┘
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/fake.h"
#include "lib/harness.h"
#include "lib/pair.h"

#define BOOT_ID		0x1122334455667788ULL
#define SLOW		10000000
#define BEATS		200
#define TRACING		"/sys/kernel/tracing/instances/hotid"

FIXTURE(drops) {
	struct pair pair;
	struct node observer;
	struct fake peer;
};

static void trace_set(const char *file, const char *value)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), TRACING "/%s", file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, value, strlen(value)) != (ssize_t)strlen(value))
		err(1, "%s", path);
	close(fd);
}

/* Drops since tracing began. */
static int traced(void)
{
	FILE *trace = fopen(TRACING "/trace", "r");
	char line[1024];
	int drops = 0;

	if (!trace)
		err(1, TRACING "/trace");
	while (fgets(line, sizeof(line), trace))
		drops += !!strstr(line, " kfree_skb: ");
	fclose(trace);
	return drops;
}

FIXTURE_SETUP(drops)
{
	pair_make(&self->pair);
	node_start(&self->observer, self->pair.observer, 2, 10000);
	fake_open(&self->peer, self->pair.sender, &self->observer, 1, BOOT_ID, SLOW);
	fake_come_up(&self->peer);
	if (mkdir(TRACING, 0700))
		err(1, TRACING);
	trace_set("events/skb/kfree_skb/enable", "1");
}

FIXTURE_TEARDOWN(drops)
{
	trace_set("events/skb/kfree_skb/enable", "0");
	rmdir(TRACING);
	hotid_close(self->observer.h);
}

TEST_F(drops, only_what_is_refused)
{
	struct hotid_counts before = node_read(&self->observer).counters;
	struct packet packet;
	int i, drops;

	for (i = 0; i < BEATS; i++)
		fake_beat(&self->peer, 0);
	ASSERT_TRUE(WAIT_FOR(node_read(&self->observer).counters.accepted >=
			     before.accepted + BEATS, 10 * SECOND));
	/* The kernel drops others' packets now and then. */
	drops = traced();
	EXPECT_GT(BEATS / 4, drops);
	packet = self->peer.beat;
	for (i = 0; i < BEATS; i++)
		fake_send(&self->peer, &packet);
	ASSERT_TRUE(WAIT_FOR(node_read(&self->observer).counters.replayed >=
			     before.replayed + BEATS, 10 * SECOND));
	EXPECT_TRUE(WAIT_FOR(traced() >= drops + BEATS, SECOND));
}

TEST_HARNESS_MAIN

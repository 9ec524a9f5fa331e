// SPDX-License-Identifier: GPL-2.0
/*
 * False alarms of detectors side by side, under load. Nobody dies here, so
 * every alarm is false.
 *
 *   target: hotid 10 ms,      ── t0 ──────── w0 ──  observer: hotid with the probe,
 *   keepalived x 2, bfdd,                           keepalived x 2, bfdd, loop
 *   loop                          ┌───────── w1 ──
 *                   ── u0 ────────┼────┐
 *   target1: hotid  ── t1 ────────┘    └──── p0 ──  plain: hotid without probe
 *   1 ms            ── u1 ────────────────── p1 ──
 *
 * usage: false_alarms ROW:SECONDS...
 *
 * Prints "begin ROW" when a row's load is on, and then "row ROW SECONDS
 * DETECTOR=ALARMS... fact...". A row is followed by a second of rest that
 * belongs to it, for what comes late.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/net.h"
#include "lib/node.h"
#include "load.h"
#include "loop.h"
#include "rival.h"
#include "run.h"
#include "watch.h"

enum detector {
	HOTID_10, HOTID_1, PLAIN_10, PLAIN_1, KEEPALIVED, KEEPALIVED_RT, BFDD, LOOP, DETECTORS
};

static const char *const names[DETECTORS] = {
	"hotid-10ms", "hotid-1ms", "hotid-10ms-no-probe", "hotid-1ms-no-probe",
	"keepalived", "keepalived-rt", "bfdd", "loop",
};

static struct node target, target1, observer, plain;
static struct loop *loop;
static struct rivals rivals;

/* A cable between a target, 10.NUMBER.0.2, and an observer, .1 and 02:00:00:00:NUMBER:01. */
static void connect_nodes(const struct node *from, const char *device, const struct node *to,
			  const char *other, int number)
{
	char address[32];

	link_veth(to->ns, other, from->ns, device);
	snprintf(address, sizeof(address), "02:00:00:00:%d:01", number);
	run_must(to->ns, (const char *const[]){ "ip", "link", "set", other, "address", address, NULL });
	snprintf(address, sizeof(address), "10.%d.0.1/24", number);
	link_address(to->ns, other, address);
	snprintf(address, sizeof(address), "10.%d.0.2/24", number);
	link_address(from->ns, device, address);
}

static void watch_node(const struct node *from, const struct node *to, int number)
{
	char address[32];

	snprintf(address, sizeof(address), "10.%d.0.2", number);
	peer_add(to, from->id, WATCH, address);
	snprintf(address, sizeof(address), "10.%d.0.1", number);
	peer_add(from, to->id, TELL, address);
}

static void stage_nodes(void)
{
	node_start(&target, ns_new(), 1, 10000);
	node_start(&target1, ns_new(), 2, 1000);
	node_start(&observer, ns_new(), 3, 10000);
	node_start(&plain, ns_new(), 4, 10000);
	connect_nodes(&target, "t0", &observer, "w0", 20);
	connect_nodes(&target1, "t1", &observer, "w1", 21);
	connect_nodes(&target, "u0", &plain, "p0", 22);
	connect_nodes(&target1, "u1", &plain, "p1", 23);
	/* Before there is a beat that attaching it could lose. */
	watch_natively(&observer, "w", 2, 64);
	watch_node(&target, &observer, 20);
	watch_node(&target1, &observer, 21);
	watch_node(&target, &plain, 22);
	watch_node(&target1, &plain, 23);
}

static bool up(const struct node *node, const struct node *peer)
{
	return WAIT_FOR(peer_state(node, peer->id) == HOTID_PEER_STATE_UP, 10 * SECOND);
}

static void stage_settle(void)
{
	if (!up(&observer, &target) || !up(&observer, &target1) || !up(&plain, &target) ||
	    !up(&plain, &target1))
		errx(1, "a node does not come up");
	if (!WAIT_FOR(loop->up, 10 * SECOND))
		errx(1, "the loop does not come up");
	rivals_settle(&rivals);
}

static void count(uint64_t alarms[DETECTORS])
{
	alarms[HOTID_10] = peer_read(&observer, target.id).downs;
	alarms[HOTID_1] = peer_read(&observer, target1.id).downs;
	alarms[PLAIN_10] = peer_read(&plain, target.id).downs;
	alarms[PLAIN_1] = peer_read(&plain, target1.id).downs;
	alarms[KEEPALIVED] = rival_keepalived(false);
	alarms[KEEPALIVED_RT] = rival_keepalived(true);
	alarms[BFDD] = rival_bfdd(&rivals);
	alarms[LOOP] = loop->alarms;
}

static void row(const char *name, double seconds)
{
	const struct load_place places[] = {
		{ target.ns, "t0", "10.20.0.1", { 2, 0, 0, 0, 0x20, 1 }, target.id, { 3784, LOOP_PORT } },
		{ target1.ns, "t1", "10.21.0.1", { 2, 0, 0, 0, 0x21, 1 }, target1.id },
		{ target.ns, "u0", "10.22.0.1", { 2, 0, 0, 0, 0x22, 1 }, target.id },
		{ target1.ns, "u1", "10.23.0.1", { 2, 0, 0, 0, 0x23, 1 }, target1.id },
	};
	const struct load *load = load_find(name);
	uint64_t before[DETECTORS], after[DETECTORS], start;
	char fact[LOAD_FACT] = "";
	int i;

	if (!load)
		errx(2, "there is no row %s", name);
	stage_settle();
	count(before);
	load->begin(places, 4);
	start = now_ns();
	printf("begin %s\n", name);
	fflush(stdout);
	sleep_ns(seconds * SECOND);
	seconds = (now_ns() - start) / 1e9;
	load->end(places, 4, seconds, fact);
	sleep_ns(SECOND);
	count(after);
	printf("row %s %.1f", name, seconds);
	for (i = 0; i < DETECTORS; i++)
		printf(" %s=%llu", names[i], (unsigned long long)(after[i] - before[i]));
	printf(" %s\n", fact);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	int i;

	if (argc < 2)
		errx(2, "usage: false_alarms ROW:SECONDS...");
	stage_nodes();
	loop = loop_start(target.ns, observer.ns, "10.20.0.1");
	rivals = (struct rivals) {
		.active = target.ns, .active_device = "t0", .active_address = "10.20.0.2",
		.observer = observer.ns, .observer_device = "w0", .observer_address = "10.20.0.1",
	};
	rivals_start(&rivals);
	for (i = 1; i < argc; i++) {
		char *colon = strchr(argv[i], ':');

		if (!colon)
			errx(2, "%s: write ROW:SECONDS", argv[i]);
		*colon = '\0';
		row(argv[i], atof(colon + 1));
	}
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Detectors side by side, under load: how often each is wrong while nobody
 * dies, and then, with the load still on, how soon each sees a death. Without
 * the second one that receives nothing would win the first.
 *
 *   target: hotid 10 ms,      ── t0 ──────── w0 ──  observer: hotid with the probe,
 *   keepalived x 2, bfdd,                           keepalived x 2, bfdd, loop
 *   loop                          ┌───────── w1 ──
 *                   ── u0 ────────┼────┐
 *   target1: hotid  ── t1 ────────┘    └──── p0 ──  plain: hotid without probe
 *   1 ms            ── u1 ────────────────── p1 ──
 *
 * usage: false_alarms [--alone US:MULTIPLIER] ROW:SECONDS:DEATHS...
 *
 * With --alone, target1 beats at that interval, both observers judge it by that
 * multiplier, and nobody else is there: no 10 ms, no loop and no rivals.
 *
 * Prints "begin ROW" when a row's load is on, "quiet ROW" when the time without
 * deaths is over, "death ROW DETECTOR NS GRACES" for each detector and death,
 * in ns since everything that the targets send was cut, -1 for one that was not
 * seen in SILENT_S and -2 where it was down already, and then "row ROW SECONDS DETECTOR=ALARMS... fact...".
 */
#include <err.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cable.h"
#include "chance.h"
#include "lib/clock.h"
#include "lib/net.h"
#include "lib/node.h"
#include "load.h"
#include "loop.h"
#include "rival.h"
#include "run.h"
#include "watch.h"

enum detector {
	HOTID_10, HOTID_1, PLAIN_10, PLAIN_1, QUICK, PATIENT, BFDD, LOOP, DETECTORS
};

#define SILENT_S	5
#define REST_S	5	/* to come to rest after a death, with the load on */
#define CABLES	4

static const char *names[DETECTORS] = {
	"hotid-10ms", "hotid-1ms", "hotid-10ms-no-probe", "hotid-1ms-no-probe",
	"keepalived-253", "keepalived-100", "bfdd", "loop",
};

static struct beats {
	bool alone;
	uint32_t interval_us, multiplier;
} fast = { false, 1000, 3 };

/* Whether a detector takes part. */
static bool here(enum detector detector)
{
	return !fast.alone || detector == HOTID_1 || detector == PLAIN_1;
}

static struct node target, target1, observer, plain;
static struct loop *loop;
static struct rivals rivals;
static struct cable cables[CABLES];
static uint64_t seed = 1;

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

static void watch_node(const struct node *from, const struct node *to, int number,
		       uint32_t multiplier)
{
	struct hotid_peer peer = peer_with(from->id, WATCH);
	char address[32];

	peer.multiplier = multiplier;
	snprintf(address, sizeof(address), "10.%d.0.2", number);
	peer_path(&peer, address);
	peer_set(to, &peer);
	snprintf(address, sizeof(address), "10.%d.0.1", number);
	peer_add(from, to->id, TELL, address);
}

static void stage_nodes(void)
{
	node_start(&target, ns_new(), 1, 10000);
	node_start(&target1, ns_new(), 2, fast.interval_us);
	node_start(&observer, ns_new(), 3, 10000);
	node_start(&plain, ns_new(), 4, 10000);
	connect_nodes(&target, "t0", &observer, "w0", 20);
	connect_nodes(&target1, "t1", &observer, "w1", 21);
	connect_nodes(&target, "u0", &plain, "p0", 22);
	connect_nodes(&target1, "u1", &plain, "p1", 23);
	/* Before there is a beat that attaching it could lose. */
	watch_natively(&observer, "w", 2, 64);
	watch_node(&target1, &observer, 21, fast.multiplier);
	watch_node(&target1, &plain, 23, fast.multiplier);
	if (fast.alone)
		return;
	watch_node(&target, &observer, 20, 3);
	watch_node(&target, &plain, 22, 3);
}

static bool up(const struct node *node, const struct node *peer)
{
	return WAIT_FOR(peer_state(node, peer->id) == HOTID_PEER_STATE_UP, 10 * SECOND);
}

static void stage_settle(void)
{
	if (!up(&observer, &target1) || !up(&plain, &target1))
		errx(1, "a node does not come up");
	if (fast.alone)
		return;
	if (!up(&observer, &target) || !up(&plain, &target))
		errx(1, "a node does not come up");
	if (!WAIT_FOR(loop->up, 10 * SECOND))
		errx(1, "the loop does not come up");
	rivals_settle(&rivals);
}

static const struct {
	const struct node *watcher, *watched;
} ours[] = {
	[HOTID_10] = { &observer, &target }, [HOTID_1] = { &observer, &target1 },
	[PLAIN_10] = { &plain, &target }, [PLAIN_1] = { &plain, &target1 },
};

#define OURS	(sizeof(ours) / sizeof(ours[0]))

static void count(uint64_t alarms[DETECTORS])
{
	size_t i;

	for (i = 0; i < OURS; i++)
		if (here(i))
			alarms[i] = peer_read(ours[i].watcher, ours[i].watched->id).downs;
	if (fast.alone)
		return;
	alarms[QUICK] = rival_keepalived(KEEPALIVED_QUICK);
	alarms[PATIENT] = rival_keepalived(KEEPALIVED_PATIENT);
	alarms[BFDD] = rival_bfdd(&rivals);
	alarms[LOOP] = loop->alarms;
}

/*
 * Which of them think that the targets are dead, while these live; whether none
 * does. Under a load some may never come to rest, so nobody waits for that.
 */
static bool calm(bool wrong[DETECTORS])
{
	bool none = true;
	size_t i;

	for (i = 0; i < OURS; i++)
		wrong[i] = here(i) && peer_state(ours[i].watcher, ours[i].watched->id) !=
				      HOTID_PEER_STATE_UP;
	if (fast.alone)
		return !wrong[HOTID_1] && !wrong[PLAIN_1];
	wrong[QUICK] = !rival_keepalived_calm(&rivals, KEEPALIVED_QUICK);
	wrong[PATIENT] = !rival_keepalived_calm(&rivals, KEEPALIVED_PATIENT);
	wrong[BFDD] = !rival_bfdd_calm(&rivals);
	wrong[LOOP] = !loop->up;
	for (i = 0; i < DETECTORS; i++)
		none &= !wrong[i];
	return none;
}

/* When each saw that it is cut off; whether all did who were not wrong before. */
static bool seen(const struct rival_ear *ear, const bool wrong[DETECTORS], uint64_t at[DETECTORS],
		 uint32_t graces[DETECTORS])
{
	bool all = true;
	size_t i;

	for (i = 0; i < OURS; i++) {
		struct hotid_peer peer;

		if (!here(i))
			continue;
		peer = peer_read(ours[i].watcher, ours[i].watched->id);
		at[i] = peer.state == HOTID_PEER_STATE_DOWN ? peer.changed_ns : 0;
		graces[i] = peer.graces;
	}
	if (ear) {
		at[QUICK] = ear->keepalived[KEEPALIVED_QUICK];
		at[PATIENT] = ear->keepalived[KEEPALIVED_PATIENT];
		at[BFDD] = ear->bfdd;
		at[LOOP] = loop->up ? 0 : loop->down_ns;
	}
	for (i = 0; i < DETECTORS; i++)
		all &= !here(i) || at[i] || wrong[i];
	return all;
}

/* Whoever was wrong a moment before has not seen this death. */
static long long took(uint64_t cut, uint64_t at, bool wrong)
{
	if (wrong || (at && at < cut))
		return -2;
	return at ? (long long)(at - cut) : -1;
}

/* Whatever the targets send vanishes, at random phase. */
static void death(const char *name)
{
	uint64_t at[DETECTORS] = {}, cut;
	uint32_t before[DETECTORS] = {}, graces[DETECTORS] = {};
	bool wrong[DETECTORS] = {};
	struct rival_ear *ear = NULL;
	size_t i;

	WAIT_FOR(calm(wrong), REST_S * SECOND);
	if (!fast.alone)
		ear = rival_ear_open(&rivals);
	sleep_ns(100 * MS + chance_below(&seed, 10 * MS));
	for (i = 0; i < OURS; i++)
		if (here(i))
			before[i] = peer_read(ours[i].watcher, ours[i].watched->id).graces;
	for (i = 0; ear && i < KEEPALIVEDS; i++) {
		wrong[QUICK + i] |= ear->keepalived[i] != 0;
		ear->keepalived[i] = 0;
	}
	cut = cable_cut(&cables[0]);
	for (i = 1; i < CABLES; i++)
		cable_cut(&cables[i]);
	WAIT_FOR(seen(ear, wrong, at, graces), SILENT_S * SECOND);
	for (i = 0; i < DETECTORS; i++)
		if (here(i))
			printf("death %s %s %lld %u\n", name, names[i],
			       took(cut, at[i], wrong[i]), graces[i] - before[i]);
	fflush(stdout);
	for (i = 0; i < CABLES; i++)
		cable_heal(&cables[i]);
	if (ear)
		rival_ear_close(ear);
}

static void row(const char *name, double seconds, unsigned int deaths)
{
	const struct load_place places[] = {
		{ target.ns, "t0", "10.20.0.1", { 2, 0, 0, 0, 0x20, 1 }, target.id, { 3784, LOOP_PORT } },
		{ target1.ns, "t1", "10.21.0.1", { 2, 0, 0, 0, 0x21, 1 }, target1.id },
		{ target.ns, "u0", "10.22.0.1", { 2, 0, 0, 0, 0x22, 1 }, target.id },
		{ target1.ns, "u1", "10.23.0.1", { 2, 0, 0, 0, 0x23, 1 }, target1.id },
	};
	const struct load *load = load_find(name);
	uint64_t before[DETECTORS] = {}, after[DETECTORS] = {}, start;
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
	/* What comes late belongs to it. */
	sleep_ns(SECOND);
	count(after);
	printf("quiet %s\n", name);
	fflush(stdout);
	while (deaths--)
		death(name);
	load->end(places, 4, (now_ns() - start) / 1e9, fact);
	printf("row %s %.1f", name, seconds);
	for (i = 0; i < DETECTORS; i++)
		if (here(i))
			printf(" %s=%llu", names[i], (unsigned long long)(after[i] - before[i]));
	printf(" %s\n", fact);
	fflush(stdout);
}

static void stage_alone(const char *beats)
{
	static char with[32], without[48];

	if (sscanf(beats, "%u:%u", &fast.interval_us, &fast.multiplier) != 2)
		errx(2, "%s: write US:MULTIPLIER", beats);
	fast.alone = true;
	snprintf(with, sizeof(with), "hotid-%gms", fast.interval_us / 1e3);
	snprintf(without, sizeof(without), "%s-no-probe", with);
	names[HOTID_1] = with;
	names[PLAIN_1] = without;
}

static void stage_others(void)
{
	loop = loop_start(target.ns, observer.ns, "10.20.0.1");
	rivals = (struct rivals) {
		.active = target.ns, .active_device = "t0", .active_address = "10.20.0.2",
		.observer = observer.ns, .observer_device = "w0", .observer_address = "10.20.0.1",
	};
	rivals_start(&rivals);
}

int main(int argc, char **argv)
{
	int i, first = 1;

	if (argc > 2 && !strcmp(argv[1], "--alone")) {
		stage_alone(argv[2]);
		first = 3;
	}
	if (argc <= first)
		errx(2, "usage: false_alarms [--alone US:MULTIPLIER] ROW:SECONDS:DEATHS...");
	stage_nodes();
	if (!fast.alone)
		stage_others();
	cable_init(&cables[0], target.ns, "t0");
	cable_init(&cables[1], target1.ns, "t1");
	cable_init(&cables[2], target.ns, "u0");
	cable_init(&cables[3], target1.ns, "u1");
	for (i = first; i < argc; i++) {
		char name[32];
		double seconds;
		unsigned int deaths;

		if (sscanf(argv[i], "%31[^:]:%lf:%u", name, &seconds, &deaths) != 3)
			errx(2, "%s: write ROW:SECONDS:DEATHS", argv[i]);
		row(name, seconds, deaths);
	}
	return 0;
}

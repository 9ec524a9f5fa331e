// SPDX-License-Identifier: GPL-2.0
/*
 * Ends that one kernel can watch from the other side, in virtual time.
 *
 *   observer ── o0 ──────── s0 ── sender
 *
 * usage: gasp_times namespace TIMES SEED
 *        gasp_times daemon TIMES SEED
 *
 * namespace: the sender's namespace ends. Prints "gasp CLOSED WIRE DECIDED
 * TOLD": the last reference to it is closed, its first gasp is on the
 * observer's device, the module decides, a listener has the event.
 *
 * daemon: the sender's daemon sends no more keepalives. Prints "hung SENT LIMIT
 * DECIDED TOLD": the last keepalive, the limit in ns, and as above.
 */
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "chance.h"
#include "lib/capture.h"
#include "lib/clock.h"
#include "lib/listener.h"
#include "lib/net.h"
#include "lib/node.h"
#include "lib/packet.h"

#define INTERVAL_US	10000
#define LIMIT_MS	100

static struct node observer, sender;
static struct listener listener;
static uint64_t seed;

static void sender_begin(unsigned int number)
{
	node_start(&sender, ns_new(), number, INTERVAL_US);
	link_veth(observer.ns, "o0", sender.ns, "s0");
	link_address(observer.ns, "o0", "10.1.0.1/24");
	link_address(sender.ns, "s0", "10.1.0.2/24");
	peer_add(&observer, sender.id, WATCH, "10.1.0.2");
	peer_add(&sender, observer.id, TELL, "10.1.0.1");
}

static const struct note *wait_state(uint32_t state)
{
	const struct note *note;

	do {
		note = listener_peer(&listener, sender.id, 60 * SECOND);
		if (!note)
			errx(1, "the sender does not get %s", hotid_peer_state_name(state));
	} while (note->peer.state != state);
	return note;
}

/* CLOCK_REALTIME, as captures have it, less CLOCK_MONOTONIC. */
static uint64_t real_offset(void)
{
	struct timespec real;
	uint64_t before = now_ns();

	clock_gettime(CLOCK_REALTIME, &real);
	return real.tv_sec * SECOND + real.tv_nsec - (before + now_ns()) / 2;
}

/* When the first gasp in the capture came. */
static uint64_t gasp_time(int capture)
{
	struct datagram datagram;
	struct packet packet;
	struct frame frame;

	while (capture_datagram(capture, HOTID_DEFAULT_PORT, &frame, &datagram, SECOND))
		if (packet_read(datagram.payload, datagram.length, &packet) && packet.type == GASP)
			return frame.ns - real_offset();
	errx(1, "no gasp was on the wire");
}

/* The cable goes with the namespace, some time after it. */
static bool cable_gone(void)
{
	bool gone;

	ns_enter(observer.ns);
	gone = !if_nametoindex("o0");
	ns_home();
	return gone;
}

static void namespace_ends(unsigned int number)
{
	const struct note *note;
	uint64_t closed, told;
	int capture;

	sender_begin(number);
	wait_state(HOTID_PEER_STATE_UP);
	sleep_ns((1 + chance_below(&seed, 3000)) * INTERVAL_US);
	capture = capture_open(observer.ns, "o0");
	hotid_close(sender.h);
	closed = now_ns();
	close(sender.ns);
	note = wait_state(HOTID_PEER_STATE_DOWN);
	told = now_ns();
	if (note->peer.reason != HOTID_REASON_PEER_GASP)
		errx(1, "it went down by %s and not by its gasp",
		     hotid_reason_name(note->peer.reason));
	printf("gasp %llu %llu %llu %llu\n", (unsigned long long)closed,
	       (unsigned long long)gasp_time(capture),
	       (unsigned long long)note->peer.changed_ns, (unsigned long long)told);
	close(capture);
	MUST(observer.h, hotid_peer_del(observer.h, sender.id));
	if (!WAIT_FOR(cable_gone(), 60 * SECOND))
		errx(1, "the cable of a namespace that ended stays");
}

static void daemon_dies(void)
{
	uint64_t alive = now_ns() + (1 + chance_below(&seed, 1000)) * LIMIT_MS * US, sent, told;
	const struct note *note;

	do {
		sent = now_ns();
		MUST(sender.h, hotid_keepalive(sender.h, 0));
		sleep_ns(LIMIT_MS * MS / 4);
	} while (now_ns() < alive || peer_state(&observer, sender.id) != HOTID_PEER_STATE_UP);
	note = wait_state(HOTID_PEER_STATE_HUNG);
	told = now_ns();
	printf("hung %llu %llu %llu %llu\n", (unsigned long long)sent, LIMIT_MS * MS,
	       (unsigned long long)note->peer.changed_ns, (unsigned long long)told);
}

int main(int argc, char **argv)
{
	struct hotid_node limit = { .user_limit_ms = LIMIT_MS };
	unsigned int i, times;

	if (argc != 4)
		errx(2, "usage: gasp_times namespace|daemon TIMES SEED");
	times = strtoul(argv[2], NULL, 0);
	seed = strtoull(argv[3], NULL, 0);
	prctl(PR_SET_TIMERSLACK, 1);
	/* Virtual time leaps while a page comes from the disk. */
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		err(1, "mlockall");
	node_start(&observer, ns_new(), 1, INTERVAL_US);
	listener_open(&listener, observer.ns);
	if (!strcmp(argv[1], "namespace")) {
		for (i = 0; i < times; i++)
			namespace_ends(i + 2);
		return 0;
	}
	sender_begin(2);
	MUST(sender.h, hotid_node_set(sender.h, &limit, HOTID_SET_USER_LIMIT));
	for (i = 0; i < times; i++)
		daemon_dies();
	return 0;
}

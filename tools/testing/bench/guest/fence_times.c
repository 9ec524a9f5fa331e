// SPDX-License-Identifier: GPL-2.0
/*
 * The fence by lease: when a holder whose beats vanish is silent, and what the check of
 * each frame costs.
 *
 *   spare ── o0 ──── s0 ── holder ── lan0 ──── c0 ── client
 *            beats                   its frames
 *
 * usage: fence_times silence INTERVAL_US MULTIPLIER DEATHS SEED
 *        fence_times cost FRAMES
 *
 * silence: the holder sends a frame to its client every 50 us. At random phase all that
 * it sends to the spare vanishes, from one instruction on. Prints "silence CUT LAST DECIDED":
 * the cut, when the client got the last frame, and when the spare's module decided that
 * the holder is down, all in ns on CLOCK_MONOTONIC.
 *
 * cost: frames into a device that drops them, by turns without a guard and with one that
 * lets them pass. Prints "cost none|open NS", for all of them.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cable.h"
#include "chance.h"
#include "lib/capture.h"
#include "lib/clock.h"
#include "lib/identities.h"
#include "lib/net.h"
#include "lib/node.h"

#define EVERY		(50 * US)
#define WEB		"web"
#define FRAME_SIZE	60
#define TURNS		3

static struct node holder, spare;
static struct cable cable;
static int talking, listening;
static bool stop;

static void tell_each_other(uint32_t multiplier)
{
	struct hotid_peer peer = peer_with(holder.id, WATCH | TELL);

	peer.multiplier = multiplier;
	peer_path(&peer, "10.1.0.2");
	peer_set(&spare, &peer);
	peer = peer_with(spare.id, WATCH | TELL);
	peer.multiplier = multiplier;
	peer_path(&peer, "10.1.0.1");
	peer_set(&holder, &peer);
}

static void nodes_init(uint32_t interval_us, uint32_t multiplier)
{
	node_start(&holder, ns_new(), 1, interval_us);
	node_start(&spare, ns_new(), 2, interval_us);
	link_veth(spare.ns, "o0", holder.ns, "s0");
	link_address(spare.ns, "o0", "10.1.0.1/24");
	link_address(holder.ns, "s0", "10.1.0.2/24");
	cable_init(&cable, holder.ns, "s0");
	tell_each_other(multiplier);
	identity_bring(&holder, WEB, 0, HELD, 1);
}

/* Its voters are both nodes, so it needs the spare's lease. */
static void guard(const char *device)
{
	struct hotid_guard guard = { .n_voters = 2, .n_ports = 1 };

	memcpy(guard.voters[0].id, holder.id, HOTID_ID_LEN);
	memcpy(guard.voters[1].id, spare.id, HOTID_ID_LEN);
	guard.ports[0].ifindex = link_index(holder.ns, device);
	MUST(holder.h, hotid_identity_guard(holder.h, WEB, &guard));
}

static bool is_open(void)
{
	return identity_read(&holder, WEB).egress == HOTID_EGRESS_OPEN;
}

static void wait_open(void)
{
	if (!WAIT_FOR(is_open(), 10 * SECOND))
		errx(1, "the holder gets no lease");
}

static void frame_make(uint8_t frame[FRAME_SIZE])
{
	static const uint8_t head[] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xb5 };

	memset(frame, 0, FRAME_SIZE);
	memcpy(frame, head, sizeof(head));
}

static void *talk(void *unused)
{
	uint8_t frame[FRAME_SIZE];

	frame_make(frame);
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		send(talking, frame, sizeof(frame), 0);		/* fails when it is blocked */
		sleep_ns(EVERY);
	}
	return NULL;
}

/* From CLOCK_REALTIME, which nobody sets here. */
static uint64_t monotonic(uint64_t real)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return real - (now.tv_sec * SECOND + now.tv_nsec - now_ns());
}

static uint64_t last_frame(void)
{
	uint64_t last = 0;
	struct frame frame;

	while (capture_next(listening, &frame, 0))
		last = frame.ns;
	return last ? monotonic(last) : 0;
}

static bool is_down(void)
{
	return peer_state(&spare, holder.id) == HOTID_PEER_STATE_DOWN;
}

static void die_once(uint64_t deadline, uint64_t *state)
{
	uint64_t cut, decided;

	wait_open();
	sleep_ns(20 * MS + chance_below(state, 10 * MS));
	last_frame();
	cut = cable_cut(&cable);
	if (!WAIT_FOR(is_down(), deadline + 10 * SECOND))
		errx(1, "the spare does not see it");
	decided = peer_read(&spare, holder.id).changed_ns;
	sleep_ns(50 * MS);
	printf("silence %llu %llu %llu\n", (unsigned long long)cut,
	       (unsigned long long)last_frame(), (unsigned long long)decided);
	cable_heal(&cable);
}

static void silence(uint32_t interval_us, uint32_t multiplier, uint32_t deaths, uint64_t seed)
{
	int client = ns_new();
	pthread_t thread;

	nodes_init(interval_us, multiplier);
	link_veth(holder.ns, "lan0", client, "c0");
	talking = capture_open(holder.ns, "lan0");
	listening = capture_open(client, "c0");
	guard("lan0");
	if (pthread_create(&thread, NULL, talk, NULL))
		errx(1, "no thread");
	while (deaths--)
		die_once((uint64_t)interval_us * US * multiplier, &seed);
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
}

static uint64_t send_all(uint32_t frames)
{
	uint8_t frame[FRAME_SIZE];
	uint64_t begin;

	frame_make(frame);
	begin = now_ns();
	while (frames--)
		send(talking, frame, sizeof(frame), 0);
	return now_ns() - begin;
}

static void cost(uint32_t frames)
{
	static const struct hotid_guard none;

	nodes_init(100000, 100);	/* beats take next to nothing, and a lease lasts */
	link_dummy(holder.ns, "d0");
	talking = capture_open(holder.ns, "d0");
	send_all(frames / 10);
	for (int turn = 0; turn < TURNS; turn++) {
		MUST(holder.h, hotid_identity_guard(holder.h, WEB, &none));
		printf("cost none %llu\n", (unsigned long long)send_all(frames));
		guard("d0");
		wait_open();
		printf("cost open %llu\n", (unsigned long long)send_all(frames));
	}
}

int main(int argc, char **argv)
{
	module_load();
	if (argc == 6 && !strcmp(argv[1], "silence"))
		silence(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]), atoi(argv[5]));
	else if (argc == 3 && !strcmp(argv[1], "cost"))
		cost(atoi(argv[2]));
	else
		errx(2, "usage: fence_times silence INTERVAL_US MULTIPLIER DEATHS SEED | cost FRAMES");
	return 0;
}

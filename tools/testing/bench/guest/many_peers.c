// SPDX-License-Identifier: GPL-2.0
/*
 * What the detector's timers cost with very many peers.
 *
 *   observer ── o0 ──────── f0 ── crowd: one socket that speaks for all peers
 *
 * usage: many_peers PEERS INTERVAL_US SECONDS
 *
 * The crowd proves each peer once, the probe's slots are stamped by a BPF
 * program from then on, a part of them each millisecond. With that going on,
 * the processor is measured twice: with peers that are not watched, and then
 * watched. Prints "bulk N NS", the time that adding them all by one call
 * takes, "memory N BYTES", of the kernel per peer, and "peers N SHARE", the part
 * of the processor that watching takes. Nobody may go down.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench_stamp.skel.h"
#include "chance.h"
#include "lib/clock.h"
#include "lib/net.h"
#include "lib/node.h"
#include "lib/packet.h"
#include "soak.h"
#include "watch.h"

#define FIRST	2		/* number of the first peer's id */
#define BOOT_ID	0x5eed

static struct node observer;
static struct bench_stamp *stamper;
static uint32_t n_peers, interval_us;

/*
 * The first half of an id is random, as that of real ones; the second says its
 * home in the slot table, so that no two share one.
 */
static void crowd_id(unsigned int number, uint8_t id[HOTID_ID_LEN])
{
	uint64_t seed = number, random = chance(&seed);

	node_id(number, id);
	memcpy(id, &random, sizeof(random));
}

static int crowd_open(int ns)
{
	struct sockaddr_in near = { .sin_family = AF_INET, .sin_port = htons(HOTID_DEFAULT_PORT) };
	struct sockaddr_in far = near;
	int crowd;

	inet_pton(AF_INET, "10.1.0.2", &near.sin_addr);
	inet_pton(AF_INET, "10.1.0.1", &far.sin_addr);
	ns_enter(ns);
	crowd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ns_home();
	if (crowd < 0 || bind(crowd, (struct sockaddr *)&near, sizeof(near)))
		err(1, "crowd");
	/* Not connected: the observer asks from another port than it listens on. */
	if (connect(crowd, &(struct sockaddr) { .sa_family = AF_UNSPEC }, sizeof(far)))
		err(1, "crowd");
	return crowd;
}

static void crowd_send(int crowd, const struct packet *packet)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(HOTID_DEFAULT_PORT) };
	uint8_t bytes[PACKET_MAX];
	size_t length = packet_write(packet, cluster_key, bytes);

	inet_pton(AF_INET, "10.1.0.1", &to.sin_addr);
	if (sendto(crowd, bytes, length, 0, (struct sockaddr *)&to, sizeof(to)) != (ssize_t)length)
		err(1, "crowd");
}

/* One peer's first beat, the challenge that it brings, and its answer. */
static void prove(int crowd, const uint8_t id[HOTID_ID_LEN])
{
	struct packet beat = packet_beat(id, BOOT_ID, 1, interval_us), heard;
	struct pollfd readable = { .fd = crowd, .events = POLLIN };
	uint8_t bytes[PACKET_MAX];
	ssize_t length;

	crowd_send(crowd, &beat);
	do {
		if (poll(&readable, 1, 10000) != 1)
			errx(1, "a peer is not asked for proof");
		length = recv(crowd, bytes, sizeof(bytes), 0);
	} while (length < 0 || !packet_read(bytes, length, &heard) || heard.type != CHALLENGE);
	beat.type = ANSWER;
	beat.nonce = heard.nonce;
	crowd_send(crowd, &beat);
}

static void stamper_load(const struct watch *watch)
{
	stamper = bench_stamp__open();
	if (!stamper || bpf_map__reuse_fd(stamper->maps.slots, watch->slots) ||
	    bench_stamp__load(stamper))
		err(1, "loading the stamper");
}

/* Stamp whom it is due by now: everyone once per interval, in order. */
static void stamp_due(void)
{
	static uint64_t begun, stamped;
	static char packet[64];
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = packet,
		    .data_size_in = sizeof(packet), .repeat = 1);
	uint64_t due;

	if (!begun)
		begun = now_ns();
	due = (now_ns() - begun) * n_peers / (interval_us * US);
	while (stamped < due) {
		uint32_t first = stamped % n_peers, count = due - stamped;

		if (count > n_peers - first)
			count = n_peers - first;
		if (count > 1024)
			count = 1024;
		stamper->bss->first = FIRST + first;
		stamper->bss->count = count;
		if (bpf_prog_test_run_opts(bpf_program__fd(stamper->progs.stamp), &options))
			err(1, "stamping");
		stamped += count;
	}
}

/* A thread of its own, ahead of all others: nothing else may look like silence. */
static void *stamp_always(void *data)
{
	struct sched_param priority = { .sched_priority = 50 };

	if (sched_setscheduler(0, SCHED_FIFO, &priority))
		err(1, "SCHED_FIFO");
	for (;;) {
		stamp_due();
		sleep_ns(MS);
	}
	return NULL;
}

/* All of them, as the observer is to know them. */
static struct hotid_peer *crowd_peers(void)
{
	struct hotid_peer *peers = calloc(n_peers, sizeof(*peers));
	uint8_t id[HOTID_ID_LEN];
	uint32_t i;

	if (!peers)
		err(1, "peers");
	for (i = 0; i < n_peers; i++) {
		crowd_id(FIRST + i, id);
		peers[i] = peer_with(id, 0);
		peer_path(&peers[i], "10.1.0.2");
	}
	return peers;
}

static void peer_flags(uint32_t number, uint32_t flags)
{
	uint8_t id[HOTID_ID_LEN];

	crowd_id(FIRST + number, id);
	peer_add(&observer, id, flags, "10.1.0.2");
}

static unsigned long available_kib(void)
{
	FILE *file = fopen("/proc/meminfo", "r");
	unsigned long kib = 0;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "MemFree: %lu", &kib) == 1)
			break;
	if (!kib)
		err(1, "/proc/meminfo");
	fclose(file);
	return kib;
}

static double turns(const struct soak *soak, uint64_t ns)
{
	uint64_t begin, start;

	sleep_ns(SECOND / 2);
	begin = soak_turns(soak);
	start = now_ns();
	sleep_ns(ns);
	return (soak_turns(soak) - begin) * 1e9 / (now_ns() - start);
}

static int note_down(const struct hotid_peer *peer, void *data)
{
	uint32_t *up = data;

	if (peer->downs)
		errx(1, "peer %s went down", peer->name);
	*up += peer->state == HOTID_PEER_STATE_UP;
	return 0;
}

static uint32_t count_up(void)
{
	uint32_t up = 0;

	MUST(observer.h, hotid_peer_dump(observer.h, note_down, &up));
	return up;
}

int main(int argc, char **argv)
{
	struct hotid_peer *peers;
	unsigned long before;
	pthread_t stamping;
	size_t refused;
	struct watch watch;
	double idle, busy;
	struct soak *soak;
	uint64_t span, bulk;
	uint32_t i;
	int crowd;

	if (argc != 4)
		errx(2, "usage: many_peers PEERS INTERVAL_US SECONDS");
	n_peers = strtoul(argv[1], NULL, 0);
	interval_us = strtoul(argv[2], NULL, 0);
	span = atof(argv[3]) * SECOND;
	crowd = ns_new();
	node_start(&observer, ns_new(), 1, interval_us);
	link_veth(observer.ns, "o0", crowd, "f0");
	link_address(observer.ns, "o0", "10.1.0.1/24");
	link_address(crowd, "f0", "10.1.0.2/24");
	watch = watch_natively(&observer, "o", 1, 16384);
	stamper_load(&watch);
	crowd = crowd_open(crowd);

	peers = crowd_peers();
	before = available_kib();
	bulk = now_ns();
	MUST(observer.h, hotid_peer_new_many(observer.h, peers, n_peers, &refused));
	bulk = now_ns() - bulk;
	printf("bulk %u %llu\n", n_peers, (unsigned long long)bulk);
	printf("memory %u %.0f\n", n_peers, (before - available_kib()) * 1024.0 / n_peers);
	free(peers);
	for (i = 0; i < n_peers; i++) {
		uint8_t id[HOTID_ID_LEN];

		crowd_id(FIRST + i, id);
		prove(crowd, id);
	}
	if (!WAIT_FOR(count_up() == n_peers, 10 * SECOND))
		errx(1, "%u of %u peers are up", count_up(), n_peers);
	soak = soak_start();
	if (pthread_create(&stamping, NULL, stamp_always, NULL))
		errx(1, "no thread");
	idle = turns(soak, span);
	for (i = 0; i < n_peers; i++)
		peer_flags(i, WATCH);
	busy = turns(soak, span);
	if (count_up() != n_peers)
		errx(1, "%u of %u peers are up", count_up(), n_peers);
	printf("peers %u %.6f\n", n_peers, (idle - busy) / idle);
	return 0;
}

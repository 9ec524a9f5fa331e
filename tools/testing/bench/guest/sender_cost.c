// SPDX-License-Identifier: GPL-2.0
/*
 * What beating costs the sender, down to a device that throws everything away.
 *
 * usage: sender_cost INTERVAL_US SECONDS OBSERVERS...
 *
 * For each number of observers, prints "sender OBSERVERS SHARE BEATS": the
 * part of the processor that is missing while it beats, against a node that
 * has no one to tell, and the packets sent meanwhile.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lib/clock.h"
#include "lib/net.h"
#include "lib/node.h"
#include "run.h"
#include "soak.h"

static struct node sender;
static struct soak *soak;

static void observers_add(unsigned int from, unsigned int to)
{
	uint8_t id[HOTID_ID_LEN];
	char address[32];
	unsigned int i;

	for (i = from; i < to; i++) {
		node_id(i + 2, id);
		snprintf(address, sizeof(address), "10.1.%u.%u", 1 + i / 250, 2 + i % 250);
		run_must(sender.ns, (const char *const[]){
			"ip", "neigh", "add", address, "lladdr", "02:00:00:00:00:01", "dev", "nul0",
			"nud", "permanent", NULL });
		peer_add(&sender, id, TELL, address);
	}
}

/* Turns in a second of the time given, after a pause for what was begun. */
static double turns(uint64_t ns)
{
	uint64_t begin, start;

	sleep_ns(SECOND);
	begin = soak_turns(soak);
	start = now_ns();
	sleep_ns(ns);
	return (soak_turns(soak) - begin) * 1e9 / (now_ns() - start);
}

int main(int argc, char **argv)
{
	unsigned int now = 0;
	double idle, busy;
	uint64_t span;
	int i;

	if (argc < 4)
		errx(2, "usage: sender_cost INTERVAL_US SECONDS OBSERVERS...");
	span = atof(argv[2]) * SECOND;
	node_start(&sender, ns_new(), 1, strtoul(argv[1], NULL, 0));
	run_must(sender.ns, (const char *const[]){
		"ip", "link", "add", "nul0", "type", "dummy", NULL });
	link_set_up(sender.ns, "nul0", true);
	link_address(sender.ns, "nul0", "10.1.0.1/16");
	soak = soak_start();
	idle = turns(span);
	for (i = 3; i < argc; i++) {
		unsigned int wanted = strtoul(argv[i], NULL, 0);
		uint64_t sent;

		observers_add(now, wanted);
		now = wanted;
		sent = node_read(&sender).beats_sent;
		busy = turns(span);
		sent = node_read(&sender).beats_sent - sent;
		printf("sender %u %.6f %llu\n", now, (idle - busy) / idle,
		       (unsigned long long)(sent * (span / 1e9) / (span / 1e9 + 1)));
		if (node_read(&sender).send_errors)
			errx(1, "beats could not be sent");
	}
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Silent deaths at random phase, and how long the observer takes to see them.
 *
 *              ┌─ o0 ──── s0 ─┐ sender 0
 *   observer ──┼─ o1 ──── s1 ─┼ sender 1      each a namespace, all in one
 *              └─ ..      ..  ┘ ...           kernel, so all on one clock
 *
 * usage: silent_death INTERVAL_US MULTIPLIER DEATHS none|native SEED
 *
 * One sender at a time dies: whatever it sends vanishes from one instruction
 * on. When the observer has told so, the cable is healed, and when the sender
 * is up again, the next one dies. Prints "death CUT DECIDED TOLD LAST GRACES":
 * the cut, the module's decision, its event in the hands of a listener, and the
 * last beat, all in ns on CLOCK_MONOTONIC, and how often the module suspected
 * itself first; and "false DECIDED LAST" for each time that a peer went down
 * that nobody had cut.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>

#include "cable.h"
#include "chance.h"
#include "lib/clock.h"
#include "lib/listener.h"
#include "lib/net.h"
#include "lib/node.h"
#include "lib/probe.h"
#include "watch.h"

#define SENDERS	8

struct sender {
	struct node node;
	struct cable cable;
};

static struct node observer;
static struct listener listener;
static struct sender senders[SENDERS];
static uint64_t *decided;
static uint32_t n_decided;

static void sender_init(struct sender *sender, unsigned int i, uint32_t interval_us)
{
	char near[16], far[16], address[32];

	snprintf(near, sizeof(near), "o%u", i);
	snprintf(far, sizeof(far), "s%u", i);
	node_start(&sender->node, ns_new(), i + 2, interval_us);
	link_veth(observer.ns, near, sender->node.ns, far);
	snprintf(address, sizeof(address), "10.1.%u.1/24", i);
	link_address(observer.ns, near, address);
	snprintf(address, sizeof(address), "10.1.%u.2/24", i);
	link_address(sender->node.ns, far, address);
	cable_init(&sender->cable, sender->node.ns, far);
}

static void sender_begin(struct sender *sender, unsigned int i, uint32_t multiplier)
{
	struct hotid_peer peer = peer_with(sender->node.id, WATCH);
	char address[32];

	peer.multiplier = multiplier;
	snprintf(address, sizeof(address), "10.1.%u.2", i);
	peer_path(&peer, address);
	peer_set(&observer, &peer);
	snprintf(address, sizeof(address), "10.1.%u.1", i);
	peer_add(&sender->node, observer.id, TELL, address);
}

static void death(struct sender *sender, uint64_t phase_ns)
{
	const struct note *note;
	uint32_t graces = peer_read(&observer, sender->node.id).graces;
	uint64_t cut, told;

	sleep_ns(phase_ns);
	cut = cable_cut(&sender->cable);
	note = listener_peer(&listener, sender->node.id, 60 * SECOND);
	told = now_ns();
	if (!note || note->peer.state != HOTID_PEER_STATE_DOWN)
		errx(1, "the observer does not see that a sender died: %s",
		     note ? hotid_reason_name(note->peer.reason) : "no event");
	decided[n_decided++] = note->peer.changed_ns;
	printf("death %llu %llu %llu %llu %u\n", (unsigned long long)cut,
	       (unsigned long long)note->peer.changed_ns, (unsigned long long)told,
	       (unsigned long long)peer_last_ns(&note->peer), note->peer.graces - graces);
	cable_heal(&sender->cable);
	note = listener_peer(&listener, sender->node.id, 60 * SECOND);
	if (!note || note->peer.state != HOTID_PEER_STATE_UP)
		errx(1, "a healed sender does not come up");
}

static bool is_death(uint64_t changed_ns)
{
	uint32_t i;

	for (i = 0; i < n_decided; i++)
		if (decided[i] == changed_ns)
			return true;
	return false;
}

/* Those that went down and that nobody had cut. */
static void print_false(void)
{
	const struct note *note;

	for (note = listener.notes; note < listener.notes + listener.n; note++)
		if (note->type == HOTID_EVENT_PEER && note->peer.state == HOTID_PEER_STATE_DOWN &&
		    !is_death(note->peer.changed_ns))
			printf("false %llu %llu\n", (unsigned long long)note->peer.changed_ns,
			       (unsigned long long)peer_last_ns(&note->peer));
}

int main(int argc, char **argv)
{
	uint32_t interval_us, multiplier, deaths, i, downs = 0;
	uint64_t seed;

	if (argc != 6)
		errx(2, "usage: silent_death INTERVAL_US MULTIPLIER DEATHS none|native SEED");
	interval_us = strtoul(argv[1], NULL, 0);
	multiplier = strtoul(argv[2], NULL, 0);
	deaths = strtoul(argv[3], NULL, 0);
	seed = strtoull(argv[5], NULL, 0);
	/* The phase is to be random, not rounded to the 50 us of a fair task. */
	prctl(PR_SET_TIMERSLACK, 1);
	/* Virtual time leaps while a page comes from the disk. */
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		err(1, "mlockall");

	node_start(&observer, ns_new(), 1, interval_us);
	listener_open(&listener, observer.ns);
	for (i = 0; i < SENDERS; i++)
		sender_init(&senders[i], i, interval_us);
	/* Before there is a beat that attaching it could lose. */
	if (!strcmp(argv[4], "native"))
		watch_natively(&observer, "o", SENDERS, 64);
	for (i = 0; i < SENDERS; i++)
		sender_begin(&senders[i], i, multiplier);
	for (i = 0; i < SENDERS; i++)
		if (!WAIT_FOR(peer_state(&observer, senders[i].node.id) == HOTID_PEER_STATE_UP,
			      60 * SECOND))
			errx(1, "sender %u does not come up", i);
	while (listener_next(&listener, MS))
		;
	decided = calloc(deaths, sizeof(*decided));
	if (!decided)
		err(1, "decided");
	for (i = 0; i < deaths; i++)
		death(&senders[chance_below(&seed, SENDERS)],
		      (1 + chance_below(&seed, 4000)) * interval_us * US / 1000);
	for (i = 0; i < SENDERS; i++)
		downs += peer_read(&observer, senders[i].node.id).downs;
	if (downs < deaths)
		errx(1, "%u deaths, and the observer counts %u", deaths, downs);
	print_false();
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Silent deaths at random phase, and how long the observer takes to see them.
 *
 *                ┌─ o0 ──── s0 ─┐ sender 0
 *   observer 0 ──┼─ o1 ──── s1 ─┼ sender 1      each a namespace, all in one
 *                └─ ..      ..  ┘ ...           kernel, so all on one clock
 *   observer 1 ...
 *
 * usage: silent_death INTERVAL_US MULTIPLIER DEATHS none|native SEED [SENDERS OBSERVERS]
 *
 * Every sender beats to every observer, over a cable for each two; there are
 * eight senders and one observer unless other numbers are given.
 *
 * One sender at a time dies: whatever it sends vanishes from one instruction
 * on. When the observers have told so, its cables are healed, and when the
 * sender is up again, the next one dies. Prints "death CUT DECIDED TOLD LAST
 * GRACES": the cut, the module's decision, its event in the hands of a listener,
 * and the last beat, all in ns on CLOCK_MONOTONIC, of the observer that decided
 * last, and how often it suspected itself first; "false DECIDED LAST" for each
 * time that a peer went down that nobody had cut; and "again TIMES", how often a
 * cut was taken back because its time was not known well enough.
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

#define MOST_SENDERS	8
#define MOST_OBSERVERS	2

/*
 * The cut lies between two looks at the clock. If this process was kept from
 * running between them, its time is a guess: nothing that the detector did.
 */
#define KNOWN_NS	(20 * US)

struct sender {
	struct node node;
	struct cable cables[MOST_OBSERVERS];
};

struct observer {
	struct node node;
	struct listener listener;
};

static struct observer observers[MOST_OBSERVERS];
static struct sender senders[MOST_SENDERS];
static uint32_t n_senders = MOST_SENDERS, n_observers = 1;
static uint64_t *decided;
static uint32_t n_decided, n_again;

static void cable_lay(struct sender *sender, unsigned int i, struct observer *observer,
		      unsigned int j)
{
	char near[16], far[16], address[32];

	snprintf(near, sizeof(near), "o%u", i);
	snprintf(far, sizeof(far), "s%u", j);
	link_veth(observer->node.ns, near, sender->node.ns, far);
	snprintf(address, sizeof(address), "10.%u.%u.1/24", j + 1, i);
	link_address(observer->node.ns, near, address);
	snprintf(address, sizeof(address), "10.%u.%u.2/24", j + 1, i);
	link_address(sender->node.ns, far, address);
	cable_init(&sender->cables[j], sender->node.ns, far);
}

static void sender_init(struct sender *sender, unsigned int i, uint32_t interval_us)
{
	unsigned int j;

	node_start(&sender->node, ns_new(), i + 1 + MOST_OBSERVERS, interval_us);
	for (j = 0; j < n_observers; j++)
		cable_lay(sender, i, &observers[j], j);
}

static void sender_begin(struct sender *sender, unsigned int i, uint32_t multiplier)
{
	unsigned int j;

	for (j = 0; j < n_observers; j++) {
		struct hotid_peer peer = peer_with(sender->node.id, WATCH);
		char address[32];

		peer.multiplier = multiplier;
		snprintf(address, sizeof(address), "10.%u.%u.2", j + 1, i);
		peer_path(&peer, address);
		peer_set(&observers[j].node, &peer);
		snprintf(address, sizeof(address), "10.%u.%u.1", j + 1, i);
		peer_add(&sender->node, observers[j].node.id, TELL, address);
	}
}

static void heal(struct sender *sender)
{
	unsigned int j;

	for (j = 0; j < n_observers; j++)
		cable_heal(&sender->cables[j]);
}

/* Cut all cables of a sender; returns when, or 0 when that is not known well enough. */
static uint64_t cut(struct sender *sender)
{
	uint64_t when = cable_cut(&sender->cables[0]);
	unsigned int j;

	for (j = 1; j < n_observers; j++)
		cable_cut(&sender->cables[j]);
	return now_ns() - when <= KNOWN_NS ? when : 0;
}

/* The next event of a sender that is of more than its settings. */
static const struct note *next_change(struct observer *observer, const struct sender *sender)
{
	const struct note *note;

	do
		note = listener_peer(&observer->listener, sender->node.id, 60 * SECOND);
	while (note && note->peer.event == HOTID_REASON_NONE);
	return note;
}

static void wait_up(struct sender *sender)
{
	unsigned int j;

	for (j = 0; j < n_observers; j++)
		if (!WAIT_FOR(peer_state(&observers[j].node, sender->node.id) ==
			      HOTID_PEER_STATE_UP, 60 * SECOND))
			errx(1, "a sender does not come up");
}

static void death(struct sender *sender, uint64_t phase_ns)
{
	uint32_t graces[MOST_OBSERVERS];
	struct hotid_peer last = {};
	uint64_t when, told = 0;
	uint32_t grace = 0;
	unsigned int j;

	for (j = 0; j < n_observers; j++)
		graces[j] = peer_read(&observers[j].node, sender->node.id).graces;
	sleep_ns(phase_ns);
	when = cut(sender);
	for (j = 0; j < n_observers; j++) {
		const struct note *note = next_change(&observers[j], sender);

		if (!note || note->peer.state != HOTID_PEER_STATE_DOWN)
			errx(1, "the observer does not see that a sender died: %s",
			     note ? hotid_reason_name(note->peer.reason) : "no event");
		if (note->peer.changed_ns >= last.changed_ns) {
			last = note->peer;
			grace = last.graces - graces[j];
		}
		told = now_ns();
		decided[n_decided++] = note->peer.changed_ns;
	}
	if (when)
		printf("death %llu %llu %llu %llu %u\n", (unsigned long long)when,
		       (unsigned long long)last.changed_ns, (unsigned long long)told,
		       (unsigned long long)peer_last_ns(&last), grace);
	else
		n_again++;
	heal(sender);
	for (j = 0; j < n_observers; j++) {
		const struct note *note = next_change(&observers[j], sender);

		if (!note || note->peer.state != HOTID_PEER_STATE_UP)
			errx(1, "a healed sender does not come up");
	}
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
static void print_false(const struct listener *listener)
{
	const struct note *note;

	for (note = listener->notes; note < listener->notes + listener->n; note++)
		if (note->type == HOTID_EVENT_PEER && note->peer.state == HOTID_PEER_STATE_DOWN &&
		    !is_death(note->peer.changed_ns))
			printf("false %llu %llu\n", (unsigned long long)note->peer.changed_ns,
			       (unsigned long long)peer_last_ns(&note->peer));
}

int main(int argc, char **argv)
{
	uint32_t interval_us, multiplier, deaths, i, j;
	uint64_t seed;

	if (argc != 6 && argc != 8)
		errx(2, "usage: silent_death INTERVAL_US MULTIPLIER DEATHS none|native SEED [SENDERS OBSERVERS]");
	interval_us = strtoul(argv[1], NULL, 0);
	multiplier = strtoul(argv[2], NULL, 0);
	deaths = strtoul(argv[3], NULL, 0);
	seed = strtoull(argv[5], NULL, 0);
	if (argc == 8) {
		n_senders = strtoul(argv[6], NULL, 0);
		n_observers = strtoul(argv[7], NULL, 0);
	}
	if (!n_senders || n_senders > MOST_SENDERS || !n_observers || n_observers > MOST_OBSERVERS)
		errx(2, "give 1 to %d senders and 1 to %d observers", MOST_SENDERS, MOST_OBSERVERS);
	/* The phase is to be random, not rounded to the 50 us of a fair task. */
	prctl(PR_SET_TIMERSLACK, 1);
	/* Virtual time leaps while a page comes from the disk. */
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		err(1, "mlockall");

	for (j = 0; j < n_observers; j++) {
		node_start(&observers[j].node, ns_new(), 1 + j, interval_us);
		listener_open(&observers[j].listener, observers[j].node.ns);
	}
	for (i = 0; i < n_senders; i++)
		sender_init(&senders[i], i, interval_us);
	/* Before there is a beat that attaching it could lose. */
	for (j = 0; j < n_observers && !strcmp(argv[4], "native"); j++)
		watch_natively(&observers[j].node, "o", n_senders, 64);
	for (i = 0; i < n_senders; i++)
		sender_begin(&senders[i], i, multiplier);
	for (i = 0; i < n_senders; i++)
		wait_up(&senders[i]);
	for (j = 0; j < n_observers; j++)
		while (listener_next(&observers[j].listener, MS))
			;
	/* Each death is decided by all observers; one of uncertain time is not counted. */
	decided = calloc((uint64_t)deaths * n_observers * 2, sizeof(*decided));
	if (!decided)
		err(1, "decided");
	for (i = 0; i - n_again < deaths; i++) {
		if (n_again > deaths)
			errx(1, "the time of no cut is known well enough");
		death(&senders[chance_below(&seed, n_senders)],
		      (1 + chance_below(&seed, 4000)) * interval_us * US / 1000);
	}
	for (j = 0; j < n_observers; j++)
		print_false(&observers[j].listener);
	printf("again %u\n", n_again);
	return 0;
}

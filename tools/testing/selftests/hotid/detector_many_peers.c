// SPDX-License-Identifier: GPL-2.0
/*
 * Many peers at once. Runs in virtual time.
 *
 *                            ┌───────────────┐
 *   ┌──────────┐          p0 │ observer      │
 *   │ sender 0 │ s0 ─────────┤               │
 *   └──────────┘             │    bridge     │
 *   ┌──────────┐          p1 │   10.4.0.1    │
 *   │ sender 1 │ s0 ─────────┤               │
 *   └──────────┘             │               │
 *        ...                 └───────────────┘
 *
 * Sender n has address 10.4.1.n. It dies by losing what it sends.
 */
#include "lib/clock.h"
#include "lib/harness.h"
#include "lib/listener.h"
#include "lib/net.h"
#include "lib/node.h"
#include "lib/stall.h"

#define THIS		struct __test_metadata *_metadata, struct _test_data_many *self
#define MOST		200
#define OBSERVER	"10.4.0.1"
/* How long before the first deadline this node stalls: threads of a real-time kernel come first. */
#define STALL_AHEAD	(100 * MS)

FIXTURE(many) {
	struct node observer, senders[MOST];
	struct listener events;
	uint64_t allowed, interval;
	int n;
};

FIXTURE_VARIANT(many) {
	int n;
	uint32_t interval_us;
};

FIXTURE_VARIANT_ADD(many, eight) { 8, 10000 };
FIXTURE_VARIANT_ADD(many, two_hundred) { MOST, 100000 };

/* Without IPv6, whose multicasts each of so many would send to all others. */
static int quiet_ns(void)
{
	int ns = ns_new();

	ns_sysctl(ns, "net/ipv6/conf/all/disable_ipv6", "1");
	ns_sysctl(ns, "net/ipv6/conf/default/disable_ipv6", "1");
	return ns;
}

static void sender_start(struct _test_data_many *self, int n, uint32_t interval_us)
{
	struct node *sender = &self->senders[n];
	char port[16], address[24];

	snprintf(port, sizeof(port), "p%d", n);
	snprintf(address, sizeof(address), "10.4.1.%d/16", n);
	sender->ns = quiet_ns();
	link_veth(self->observer.ns, port, sender->ns, "s0");
	link_enslave(self->observer.ns, port, "bridge");
	link_address(sender->ns, "s0", address);
	*strchr(address, '/') = '\0';
	node_start(sender, sender->ns, 100 + n, interval_us);
	peer_add(&self->observer, sender->id, WATCH, address);
	peer_add(sender, self->observer.id, TELL, OBSERVER);
}

static struct node *sender_of(struct _test_data_many *self, const uint8_t id[HOTID_ID_LEN])
{
	int n;

	for (n = 0; n < self->n; n++)
		if (!memcmp(self->senders[n].id, id, HOTID_ID_LEN))
			return &self->senders[n];
	errx(1, "an event of nobody");
}

FIXTURE_SETUP(many)
{
	int n, ns = quiet_ns();

	self->n = variant->n;
	self->interval = variant->interval_us * US;
	self->allowed = 3 * self->interval;
	module_load_other("stall.ko");
	link_bridge(ns, "bridge");
	link_address(ns, "bridge", OBSERVER "/16");
	node_start(&self->observer, ns, 1, 100000);
	listener_open(&self->events, ns);
	for (n = 0; n < self->n; n++)
		sender_start(self, n, variant->interval_us);
}

/* Waits until so many namespaces have ended, which would take the next test's time. */
FIXTURE_TEARDOWN(many)
{
	char port[16];
	int n;

	for (n = 0; n < self->n; n++) {
		hotid_close(self->senders[n].h);
		close(self->senders[n].ns);
	}
	for (n = 0; n < self->n; n++) {
		snprintf(port, sizeof(port), "p%d", n);
		EXPECT_TRUE(WAIT_FOR(!link_exists(self->observer.ns, port), 60 * SECOND));
	}
	hotid_close(self->observer.h);
}

static int count_state(struct _test_data_many *self, uint32_t state)
{
	int n, count = 0;

	for (n = 0; n < self->n; n++)
		count += peer_state(&self->observer, self->senders[n].id) == state;
	return count;
}

static void all_up(THIS)
{
	int n;

	for (n = 0; n < self->n; n++) {
		const struct note *note = listener_next(&self->events, 10 * SECOND);

		ASSERT_NE(NULL, note);
		EXPECT_EQ(HOTID_PEER_STATE_UP, note->peer.state);
	}
	EXPECT_EQ(self->n, count_state(self, HOTID_PEER_STATE_UP));
	EXPECT_EQ(NULL, listener_next(&self->events, 10 * self->allowed));
}

/* The next one that goes down does so in time; returns it. */
static struct node *one_down(THIS, uint64_t grace)
{
	const struct note *note = listener_next(&self->events, self->allowed + 5 * SECOND);
	uint64_t took;

	ASSERT_NE(NULL, note);
	EXPECT_EQ(HOTID_PEER_STATE_DOWN, note->peer.state);
	EXPECT_EQ(HOTID_REASON_PEER_SILENT, note->peer.event);
	EXPECT_LE(note->peer.graces, grace ? 1 : 0);
	took = note->peer.changed_ns - peer_last_ns(&note->peer);
	EXPECT_GE(took, self->allowed);
	EXPECT_LE(took, self->allowed + self->allowed / 32 + grace +
			(virtual_time() ? 500 * US : 300 * MS)) {
		TH_LOG("down %llu us after its last beat", took / US);
	}
	return sender_of(self, note->peer.id);
}

static void one_dies(THIS)
{
	struct node *dead = &self->senders[self->n / 2];

	ns_lose(dead->ns, OBSERVER, true);
	EXPECT_EQ(dead, one_down(_metadata, self, 0));
	EXPECT_EQ(NULL, listener_next(&self->events, 10 * self->allowed));
	EXPECT_EQ(self->n - 1, count_state(self, HOTID_PEER_STATE_UP));
	ns_lose(dead->ns, OBSERVER, false);
	ASSERT_NE(NULL, listener_next(&self->events, 10 * SECOND));
	EXPECT_EQ(self->n, count_state(self, HOTID_PEER_STATE_UP));
}

/* What is lost for less than is allowed does not matter. */
static void none_dies(THIS)
{
	uint64_t began = now_ns();
	int n;

	for (n = 0; n < 8; n++)
		ns_lose(self->senders[n].ns, OBSERVER, true);
	sleep_ns(self->interval);
	for (n = 0; n < 8; n++)
		ns_lose(self->senders[n].ns, OBSERVER, false);
	EXPECT_LT(now_ns() - began, self->allowed - self->interval);
	EXPECT_EQ(NULL, listener_next(&self->events, 10 * self->allowed));
	EXPECT_EQ(self->n, count_state(self, HOTID_PEER_STATE_UP));
}

/* Each is found dead, none twice, and none too early. */
static void all_die(THIS)
{
	int n;

	for (n = 0; n < self->n; n++)
		ns_lose(self->senders[n].ns, OBSERVER, true);
	/* Where most die at once, this node suspects itself for an interval. */
	for (n = 0; n < self->n; n++)
		one_down(_metadata, self, self->interval);
	EXPECT_EQ(NULL, listener_next(&self->events, 10 * self->allowed));
	EXPECT_EQ(self->n, count_state(self, HOTID_PEER_STATE_DOWN));
	for (n = 0; n < self->n; n++)
		ns_lose(self->senders[n].ns, OBSERVER, false);
	for (n = 0; n < self->n; n++) {
		ASSERT_NE(NULL, listener_next(&self->events, 10 * SECOND));
	}
	EXPECT_EQ(self->n, count_state(self, HOTID_PEER_STATE_UP));
}

/* The observer watches this many of the senders; the rest are peers still. */
static void watch(struct _test_data_many *self, int watched)
{
	char address[24];
	int n;

	for (n = 0; n < self->n; n++) {
		snprintf(address, sizeof(address), "10.4.1.%d", n);
		peer_add(&self->observer, self->senders[n].id, n < watched ? WATCH : 0, address);
	}
}

/* The next event that is of more than settings. */
static const struct note *next_change(struct _test_data_many *self, uint64_t limit_ns)
{
	const struct note *note;

	do
		note = listener_next(&self->events, limit_ns);
	while (note && note->peer.event == HOTID_REASON_NONE);
	return note;
}

static uint64_t peer_last_ns_of(struct _test_data_many *self, int n)
{
	struct hotid_peer peer = peer_read(&self->observer, self->senders[n].id);

	return peer_last_ns(&peer);
}

/*
 * "Most" is of those that are watched: when all three are silent, it is this
 * node's fault first. That is said of those that are judged in one round, so this
 * node is stalled, for less than proves a fault by itself, while they are due.
 */
static void most_of_the_watched_die(THIS)
{
	struct hotid_node same = { .interval_us = self->interval / US };
	uint64_t last, first_last = UINT64_MAX, last_last = 0;
	uint32_t graces[3];
	int n;

	watch(self, 3);
	/* Beats begin anew when the interval is set: these three go in step from here on. */
	for (n = 0; n < 3; n++)
		MUST(self->senders[n].h,
		     hotid_node_set(self->senders[n].h, &same, HOTID_SET_INTERVAL));
	for (n = 0; n < 3; n++)
		graces[n] = peer_read(&self->observer, self->senders[n].id).graces;
	/* Between two beats, so that all three miss the same one first. */
	last = peer_last_ns_of(self, 0);
	EXPECT_TRUE(WAIT_FOR(peer_last_ns_of(self, 0) != last, 5 * SECOND));
	sleep_ns(self->interval / 4);
	for (n = 0; n < 3; n++)
		ns_lose(self->senders[n].ns, OBSERVER, true);
	for (n = 0; n < 3; n++) {
		last = peer_last_ns_of(self, n);
		first_last = last < first_last ? last : first_last;
		last_last = last > last_last ? last : last_last;
	}
	ASSERT_LT(last_last - first_last, self->interval / 4);
	sleep_ns(first_last + self->allowed - STALL_AHEAD - now_ns());
	ASSERT_LT(now_ns(), first_last + self->allowed);
	stall_cpu(last_last + self->allowed + MS - now_ns());
	for (n = 0; n < 3; n++) {
		const struct note *note = next_change(self, self->allowed + 5 * SECOND);

		ASSERT_NE(NULL, note);
		EXPECT_EQ(HOTID_PEER_STATE_DOWN, note->peer.state);
	}
	for (n = 0; n < 3; n++) {
		EXPECT_EQ(graces[n] + 1,
			  peer_read(&self->observer, self->senders[n].id).graces);
		ns_lose(self->senders[n].ns, OBSERVER, false);
	}
	watch(self, self->n);
	for (n = 0; n < 3; n++)
		ASSERT_NE(NULL, next_change(self, 10 * SECOND));
	EXPECT_EQ(self->n, count_state(self, HOTID_PEER_STATE_UP));
}

/* In one test, because two hundred namespaces take their time. */
TEST_F(many, die_and_come_back)
{
	all_up(_metadata, self);
	one_dies(_metadata, self);
	none_dies(_metadata, self);
	/* At 10 ms the three are not set in step before their deadlines are over. */
	if (self->interval >= 100 * MS)
		most_of_the_watched_die(_metadata, self);
	all_die(_metadata, self);
}

TEST_HARNESS_MAIN

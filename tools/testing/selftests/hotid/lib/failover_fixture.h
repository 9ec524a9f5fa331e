/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fixture of the tests of identities that move by themselves. For one source of
 * a program.
 *
 *   ┌────────────┐        ┌────────┐        ┌────────────┐
 *   │ HOLDER     │        │        │        │ SPARE      │
 *   │ 10.5.0.1   ├────────┤ bridge ├────────┤ 10.5.0.2   │
 *   └────────────┘        │        │        └────────────┘
 *                         └───┬────┘
 *                       ┌─────┴──────┐
 *                       │ OTHER      │
 *                       │ 10.5.0.3   │
 *                       └────────────┘
 *
 * Each tells and watches the two others.
 */
#ifndef SELFTEST_FAILOVER_FIXTURE_H
#define SELFTEST_FAILOVER_FIXTURE_H

#include "clock.h"
#include "harness.h"
#include "identities.h"
#include "listener.h"
#include "net.h"

#define WEB		"web"
#define EPOCH		10
#define INTERVAL_US	10000
#define AUTO		HOTID_IDENTITY_FLAGS_AUTO

enum { HOLDER, SPARE, OTHER, NODES };

static const char *const addresses[NODES] = { "10.5.0.1", "10.5.0.2", "10.5.0.3" };

FIXTURE(automatic) {
	struct node nodes[NODES];
	struct listener events[NODES];
};

static inline void plug(struct _test_data_automatic *self, int bridge, int n)
{
	char port[8], address[24];

	snprintf(port, sizeof(port), "p%d", n);
	snprintf(address, sizeof(address), "%s/24", addresses[n]);
	self->nodes[n].ns = ns_new();
	link_veth(bridge, port, self->nodes[n].ns, "eth0");
	link_enslave(bridge, port, "bridge");
	link_address(self->nodes[n].ns, "eth0", address);
}

/* Tell and watch all others. */
static inline void introduce(struct _test_data_automatic *self, int n)
{
	int m;

	for (m = 0; m < NODES; m++) {
		struct hotid_peer peer = peer_with(self->nodes[m].id, WATCH | TELL);

		if (m == n)
			continue;
		strcpy(peer.name, addresses[m]);
		peer_path(&peer, addresses[m]);
		peer_set(&self->nodes[n], &peer);
	}
}

static inline bool all_up(struct _test_data_automatic *self, int n)
{
	int m, up = 0;

	for (m = 0; m < NODES; m++)
		up += m != n &&
		      peer_state(&self->nodes[n], self->nodes[m].id) == HOTID_PEER_STATE_UP;
	return up == NODES - 1;
}

FIXTURE_SETUP(automatic)
{
	int n, bridge = ns_new();

	link_bridge(bridge, "bridge");
	for (n = 0; n < NODES; n++) {
		plug(self, bridge, n);
		/* The holder has the lowest id, the spare the next one. */
		node_start(&self->nodes[n], self->nodes[n].ns, n + 1, INTERVAL_US);
	}
	for (n = 0; n < NODES; n++) {
		introduce(self, n);
		node_daemon_lives(&self->nodes[n]);
	}
	for (n = 0; n < NODES; n++) {
		ASSERT_TRUE(WAIT_FOR(all_up(self, n), 5 * SECOND));
		listener_open(&self->events[n], self->nodes[n].ns);
	}
}

FIXTURE_TEARDOWN(automatic)
{
	int n;

	for (n = 0; n < NODES; n++)
		hotid_close(self->nodes[n].h);
}

#define THIS	struct __test_metadata *_metadata, struct _test_data_automatic *self

/* From now on nobody hears this node, or it nobody, or neither. */
static inline void cut_off(struct _test_data_automatic *self, int n, bool mute, bool deaf, bool cut)
{
	int m;

	for (m = 0; m < NODES; m++) {
		if (m == n)
			continue;
		if (mute)
			ns_lose(self->nodes[n].ns, addresses[m], cut);
		if (deaf)
			ns_lose(self->nodes[m].ns, addresses[n], cut);
	}
}

static inline void die(struct _test_data_automatic *self, int n)
{
	cut_off(self, n, true, false, true);
}

/* The node knows that the holder has the identity, for this epoch. */
static inline bool knows(struct _test_data_automatic *self, int n, int holder, uint64_t epoch)
{
	struct hotid_identity identity = identity_read(&self->nodes[n], WEB);

	return identity.has_holder && identity.epoch == epoch &&
	       !memcmp(identity.holder, self->nodes[holder].id, HOTID_ID_LEN);
}

/* HOLDER holds it, SPARE is armed, and knows who the holder is. */
static inline void usual_state(THIS, uint32_t flags)
{
	identity_bring(&self->nodes[SPARE], WEB, flags, ARMED, 0);
	identity_bring(&self->nodes[HOLDER], WEB, 0, HELD, EPOCH);
	ASSERT_TRUE(WAIT_FOR(knows(self, SPARE, HOLDER, EPOCH), SECOND));
	/* Two claims later there is nothing new. */
	while (listener_next(&self->events[SPARE], 600 * MS))
		;
}

/* The next event of a change is that to this state. */
static inline struct hotid_identity expect_change(THIS, int n, uint32_t state, uint32_t reason)
{
	const struct note *note;

	do
		note = listener_identity(&self->events[n], WEB, 2 * SECOND);
	while (note && note->identity.previous == note->identity.state);
	ASSERT_NE(NULL, note);
	EXPECT_EQ(state, note->identity.state);
	EXPECT_EQ(reason, note->identity.reason);
	return note->identity;
}

static inline void expect_no_change(THIS, int n, uint32_t state, uint64_t for_ns)
{
	EXPECT_EQ(NULL, listener_identity(&self->events[n], WEB, for_ns));
	EXPECT_EQ(state, identity_state(&self->nodes[n], WEB));
}

#endif /* SELFTEST_FAILOVER_FIXTURE_H */

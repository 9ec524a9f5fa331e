/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fixture of the tests that look at a node's beats on the wire, and the
 * packets that it captured. For one source of a program.
 *
 *   ┌──────────────┐                        ┌──────────────┐
 *   │ sender       │ s0 ──────────────── o0 │ observer     │
 *   │ a node       │                        │ captures; is │
 *   │              │ s1 ──────────────── o1 │ no node      │
 *   └──────────────┘                        └──────────────┘
 *
 * The observer has no socket on the port, so each beat is answered by an ICMP
 * error, which must not disturb the sender.
 */
#ifndef SELFTEST_BEATS_FIXTURE_H
#define SELFTEST_BEATS_FIXTURE_H

#include "capture.h"
#include "clock.h"
#include "harness.h"
#include "node.h"
#include "packet.h"
#include "pair.h"

#define THIS	struct __test_metadata *_metadata

/* The observer's id; the sender's is that of number 1. */
static uint8_t observer_id[HOTID_ID_LEN];

FIXTURE(beats) {
	struct pair pair;
	struct node sender;
	int captures[2];
};

FIXTURE_SETUP(beats)
{
	node_id(2, observer_id);
	pair_make(&self->pair);
	self->captures[0] = capture_open(self->pair.observer, "o0");
	self->captures[1] = capture_open(self->pair.observer, "o1");
	node_start(&self->sender, self->pair.sender, 1, 10000);
}

FIXTURE_TEARDOWN(beats)
{
	hotid_close(self->sender.h);
}

/* The next packet on a path, with a MAC that is right. */
static inline struct packet next_packet(THIS, int capture, struct frame *frame,
					struct datagram *datagram, uint64_t limit_ns)
{
	struct packet packet = {};
	uint8_t id[HOTID_ID_LEN];

	ASSERT_TRUE(capture_datagram(capture, HOTID_DEFAULT_PORT, frame, datagram, limit_ns)) {
		TH_LOG("no packet within %llu ms", limit_ns / MS);
	}
	ASSERT_TRUE(packet_read(datagram->payload, datagram->length, &packet)) {
		TH_LOG("a packet of %zu bytes", datagram->length);
	}
	node_id(1, id);
	EXPECT_EQ(packet_mac(datagram->payload, datagram->length, cluster_key, id), packet.mac);
	return packet;
}

static inline void tell_observer(struct node *sender, const char *address)
{
	peer_add(sender, observer_id, TELL, address);
}

/* Whether no packet comes for so long. */
static inline bool silent(int capture, uint64_t for_ns)
{
	struct datagram datagram;
	struct frame frame;

	return !capture_datagram(capture, HOTID_DEFAULT_PORT, &frame, &datagram, for_ns);
}

/* Throw away what was captured until now. */
static inline void flush(int capture)
{
	struct frame frame;

	while (capture_next(capture, &frame, 0))
		;
}

#endif /* SELFTEST_BEATS_FIXTURE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A peer that is no node: the test writes its packets, so that it knows each
 * of them, and can write wrong ones.
 */
#ifndef SELFTEST_FAKE_H
#define SELFTEST_FAKE_H

#include "node.h"
#include "packet.h"

#define FAKE_PORT	7999	/* where it is asked for proof */

/**
 * struct fake - a peer of @observer
 * @socket: to the observer's port
 * @ear: where challenges come in
 * @beat: the last beat that it sent
 */
struct fake {
	const struct node *observer;
	int socket, ear;
	struct packet beat;
};

/* Be the n-th node, in the sender's namespace of a pair, watched by observer. */
void fake_open(struct fake *fake, int ns, const struct node *observer, unsigned int n,
	       uint64_t boot_id, uint32_t interval_us);

/* Send a packet as it is, but signed. */
void fake_send(struct fake *fake, const struct packet *packet);

/* Send the next beat, on a path. */
void fake_beat(struct fake *fake, uint8_t path);

/* Wait for a packet of the observer; false when none comes within limit_ns. */
bool fake_hear(struct fake *fake, struct packet *packet, uint64_t limit_ns);

/* Wait for a challenge and return its nonce; 0 when none comes within limit_ns. */
uint64_t fake_challenged(struct fake *fake, uint64_t limit_ns);
void fake_answer(struct fake *fake, uint64_t nonce);

/* Beat, be challenged, answer, and be believed. */
void fake_come_up(struct fake *fake);

#endif /* SELFTEST_FAKE_H */

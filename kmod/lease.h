/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Leases: how long a node that holds something may go on, without asking anyone.
 *
 * A beat to a peer carries an echo, the newest sequence that was received from that
 * peer, and a promise P: "I will not act on your silence before P has passed since I
 * received it". P is the time that the sender of the beat allows, interval times
 * multiplier. So of every beat that was echoed both ends know a moment:
 *
 *	the holder      when it sent it, S, by its own clock
 *	the observer    when it received it, R, by its own clock
 *
 * Receive is never before send. The holder's lease from that observer runs until
 * S + P - P / HOTID_LEASE_MARGIN, and the observer acts at R + P at the earliest.
 * Clocks of the two may run at different speeds, by 1 / HOTID_LEASE_MARGIN of the time
 * at most together (3900 ppm; the kernel corrects a clock by 500 ppm, and a quartz is
 * off by 100). So the lease is over when the observer acts, without a common clock,
 * and nobody has to wait for that.
 *
 * An observer that comes to wait for a shorter time keeps what it promised before: see
 * hotid_peer.promised_ns.
 */
#ifndef HOTID_LEASE_H
#define HOTID_LEASE_H

#include <linux/types.h>

#define HOTID_LEASE_MARGIN	256	/* part of the promise that is not used */
#define HOTID_SENT		512	/* packets whose time of sending is known */

struct hotid_node;
struct hotid_peer;
struct hotid_slot;

/**
 * struct hotid_echo - what a beat says to the peer that gets it
 * @seq: the newest sequence received from it; 0 for none
 * @promise_us: how long after that this node will not act on its silence
 */
struct hotid_echo {
	u64 seq;
	u32 promise_us;
};

/* What the next beat to a peer says. Nothing, unless it is watched and in time. Needs RCU. */
struct hotid_echo hotid_lease_grant(const struct hotid_peer *peer);

/*
 * The sequence of a packet that is about to be sent. It is this moment, not a later
 * one, that its lease is counted from. All that a peer may echo has its sequence from
 * here: else a lease would lapse while the newest that the peer received is something
 * other than a beat. Gasps have not: nothing follows them.
 */
u64 hotid_lease_sequence(struct hotid_node *node);

/*
 * The time allowed to a peer may be shorter now than @allowed_ns, which beats to it have
 * promised, if there were any. It is not found down by silence before that has passed.
 * Needs node->lock.
 */
void hotid_lease_keep_promise(struct hotid_peer *peer, u64 allowed_ns);

/* An incarnation that was accepted just now promised nothing yet. Needs node->lock. */
void hotid_lease_forget(struct hotid_slot *slot);

/**
 * hotid_lease_end() - until when a peer's echo lets this node go on
 * @peer: an observer of this node; needs RCU or node->lock
 *
 * Costs no timer and nothing per beat: it follows from what the last echo left in the
 * peer's slot.
 *
 * Return: CLOCK_MONOTONIC in ns; 0 when there is no lease. A moment in the past is that
 * of a lease that is over.
 */
u64 hotid_lease_end(const struct hotid_peer *peer);

#endif /* HOTID_LEASE_H */

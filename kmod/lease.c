// SPDX-License-Identifier: GPL-2.0
/* Leases by echo: see lease.h for why they hold. */
#include "lease.h"

#include <linux/bits.h>
#include <linux/math64.h>

#include "node.h"
#include "peer.h"

struct hotid_echo hotid_lease_grant(const struct hotid_peer *peer)
{
	const struct hotid_slot *slot = hotid_peer_slot(peer);
	struct hotid_echo echo = { 0 };

	if (!(READ_ONCE(peer->flags) & HOTID_PEER_FLAGS_WATCH) ||
	    READ_ONCE(peer->state) != HOTID_PEER_STATE_UP || !READ_ONCE(slot->boot_id))
		return echo;
	echo.seq = hotid_slot_newest(slot);
	/*
	 * Pairs with the barrier in hotid_lease_keep_promise(): a promise that is read
	 * here is kept there from a later moment on than that of the packet read before.
	 */
	smp_rmb();
	echo.promise_us = div_u64(hotid_path_allowance(peer, slot), NSEC_PER_USEC);
	return echo;
}

void hotid_lease_keep_promise(struct hotid_peer *peer, u64 allowed_ns)
{
	lockdep_assert_held(&peer->node->lock);
	if (!peer->told || hotid_path_allowance(peer, hotid_peer_slot(peer)) >= allowed_ns)
		return;
	smp_mb(); /* the shorter time is to be seen before the clock is read */
	peer->promised_ns = max(peer->promised_ns, ktime_get_ns() + allowed_ns);
}

void hotid_lease_forget(struct hotid_slot *slot)
{
	WRITE_ONCE(slot->grant, 0);
}

/*
 * The clock is read first: whoever is held up here does not give the time of now to a
 * packet that another CPU has sent meanwhile, in the same place.
 */
u64 hotid_lease_sequence(struct hotid_node *node)
{
	u64 now = ktime_get_ns(), seq = atomic64_inc_return(&node->sequence);

	WRITE_ONCE(node->sent_ns[seq % HOTID_SENT], now);
	return seq;
}

/*
 * A place whose packet was a gasp, or is being sent, has the time of an earlier one:
 * then the lease is shorter than it could be.
 */
u64 hotid_lease_end(const struct hotid_peer *peer)
{
	u64 grant = READ_ONCE(hotid_peer_slot(peer)->grant), echo = grant >> HOTID_GRANT_SHIFT;
	u64 promise = (grant & GENMASK(HOTID_GRANT_SHIFT - 1, 0)) * NSEC_PER_USEC;
	struct hotid_node *node = peer->node;
	u64 sent = READ_ONCE(node->sent_ns[echo % HOTID_SENT]), since;

	/* Read after it: if the place was given to a later packet before, the echo is too old. */
	smp_rmb();
	since = (atomic64_read(&node->sequence) - echo) & (U64_MAX >> HOTID_GRANT_SHIFT);
	if (!promise || !sent || since >= HOTID_SENT)
		return 0;
	return sent + promise - promise / HOTID_LEASE_MARGIN;
}

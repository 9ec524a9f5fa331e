// SPDX-License-Identifier: GPL-2.0
/*
 * Which paths of a peer are up. The stamps are read without a lock, in hard irq, too;
 * what follows from them changes under node->lock.
 */
#include "path.h"

#include "netlink_event.h"
#include "node.h"
#include "peer.h"

u64 hotid_path_allowance(const struct hotid_peer *peer, const struct hotid_slot *slot)
{
	return (u64)READ_ONCE(slot->interval_us) * NSEC_PER_USEC * READ_ONCE(peer->multiplier);
}

struct hotid_paths hotid_paths_look(const struct hotid_peer *peer,
				    const struct hotid_slot *slot, u64 now)
{
	struct hotid_paths seen = { .up = READ_ONCE(peer->paths_up) };
	u64 allowed = hotid_path_allowance(peer, slot);
	int index;

	for (index = 0; index < HOTID_SLOT_PATHS; index++) {
		u64 ns = READ_ONCE(slot->path[index].ns);

		if (!ns)
			continue;
		seen.last_ns = max(seen.last_ns, ns);
		if (ns + allowed <= now) {
			if (seen.up & BIT(index))
				seen.missed_ns = max(seen.missed_ns, ns);
			continue;
		}
		seen.fresh |= BIT(index);
		if (!seen.next_ns || ns + allowed < seen.next_ns)
			seen.next_ns = ns + allowed;
	}
	return seen;
}

void hotid_paths_update(struct hotid_peer *peer, const struct hotid_paths *seen)
{
	u32 died = peer->paths_up & ~seen->fresh, came = seen->fresh & ~peer->paths_up;
	int index;

	lockdep_assert_held(&peer->node->lock);
	WRITE_ONCE(peer->paths_up, seen->fresh);
	if (!died && !came)
		return;
	for (index = 0; index < HOTID_MAX_PATHS; index++)
		if (died & BIT(index))
			peer->path_downs[index]++;
	/* The first path of a peer that comes up is an event of the peer, sent there. */
	if (!died && !(seen->up | died))
		return;
	hotid_netlink_peer_event(peer, died ? HOTID_REASON_PATH_SILENT : HOTID_REASON_PATH_BEAT);
}

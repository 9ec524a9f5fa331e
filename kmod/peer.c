// SPDX-License-Identifier: GPL-2.0
/*
 * Peers: the remote nodes, as this one knows them. Commands add and remove them
 * (peer_config.c); packets (incarnation.c) and the detector change their states,
 * through dispatch.c.
 */
#include "peer.h"

#include <linux/rculist.h>

#include "compat.h"
#include "node.h"
#include "slot_keys.h"

u32 hotid_peer_bucket(const u8 *id)
{
	/* Ids are random; any part of one will do. */
	return get_unaligned((const u32 *)id);
}

struct hotid_peer *hotid_peer_find(struct hotid_node *node, const u8 *id)
{
	struct hotid_peer *peer;

	hash_for_each_possible_rcu(node->peers, peer, hash, hotid_peer_bucket(id),
				   lockdep_is_held(&node->commands) || lockdep_is_held(&node->lock))
		if (!memcmp(peer->id, id, HOTID_ID_LEN))
			return peer;
	return NULL;
}

struct hotid_slot *hotid_peer_slot(const struct hotid_peer *peer)
{
	return rcu_dereference_check(peer->slot, lockdep_is_held(&peer->node->lock) ||
				     lockdep_is_held(&peer->node->commands));
}

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

void hotid_peer_set_state(struct hotid_peer *peer, u32 state)
{
	peer->node->expected -= hotid_peer_expected(peer);
	peer->node->conflicts -= peer->state == HOTID_PEER_STATE_CONFLICT;
	peer->state = state;
	peer->node->expected += hotid_peer_expected(peer);
	peer->node->conflicts += peer->state == HOTID_PEER_STATE_CONFLICT;
}

void hotid_peer_change(struct hotid_peer *peer, u32 state, u32 reason)
{
	lockdep_assert_held(&peer->node->lock);
	hotid_peer_set_state(peer, state);
	peer->reason = reason;
	peer->changed_ns = ktime_get_ns();
	if (state != HOTID_PEER_STATE_DOWN)
		return;
	peer->rival.boot_id = 0;
	peer->downs++;
	/* So are all its paths, without an event of each. */
	WRITE_ONCE(peer->paths_up, 0);
	hotid_slot_set_boot_id(hotid_peer_slot(peer), 0);
}

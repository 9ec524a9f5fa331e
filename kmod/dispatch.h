/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTID_DISPATCH_H
#define HOTID_DISPATCH_H

#include <linux/types.h>

struct hotid_node;
struct hotid_peer;
struct hotid_slot;
struct hotid_wire_advert;

/**
 * hotid_dispatch_peer() - a peer's state changes
 * @peer: needs node->lock
 * @state: enum hotid_peer_state
 * @reason: enum hotid_reason
 * @last: time of its last beat
 */
void hotid_dispatch_peer(struct hotid_peer *peer, u32 state, u32 reason, u64 last);

/* An authentic advertisement came. In softirq, under RCU. */
void hotid_dispatch_advertised(struct hotid_node *node, struct hotid_slot *slot,
			       const struct hotid_wire_advert *advert, u64 now);

/* Report what changed of identities since the last call. Needs node->lock. */
void hotid_dispatch_identities(struct hotid_node *node);

#endif /* HOTID_DISPATCH_H */

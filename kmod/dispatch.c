// SPDX-License-Identifier: GPL-2.0
/*
 * What happened, and who has to know. Whatever finds out something (the detector,
 * a packet, a command) reports it here; nothing that is called from here reports
 * back. The order is always the same: the identities decide, other nodes get
 * the advertisements that follow, then listeners of netlink get the events.
 *
 * All of it runs under node->lock, so listeners see changes in their order.
 */
#include "dispatch.h"

#include "identity.h"
#include "netlink_event.h"
#include "node.h"
#include "peer.h"

/* An identity without news costs a look at it. */
static void advertise(struct hotid_node *node)
{
	struct hotid_identity *identity;

	list_for_each_entry(identity, &node->identities, entry)
		if (identity->news & HOTID_NEWS_ADVERTISE)
			mod_timer(&node->advertisement_timer, jiffies);
}

static void send_events(struct hotid_node *node)
{
	struct hotid_identity *identity;

	list_for_each_entry(identity, &node->identities, entry) {
		if (identity->news & HOTID_NEWS_STATE)
			hotid_netlink_identity_event(node, identity,
						     HOTID_CMD_IDENTITY_NTF);
		if (identity->news & HOTID_NEWS_STEP)
			hotid_netlink_step_event(node, identity, identity->news_step);
		identity->news = 0;
	}
}

void hotid_dispatch_identities(struct hotid_node *node)
{
	lockdep_assert_held(&node->lock);
	advertise(node);
	send_events(node);
}

void hotid_dispatch_peer(struct hotid_peer *peer, u32 state, u32 reason, u64 last)
{
	struct hotid_node *node = peer->node;

	lockdep_assert_held(&node->lock);
	hotid_peer_change(peer, state, reason);
	if (state == HOTID_PEER_STATE_DOWN || state == HOTID_PEER_STATE_HUNG ||
	    reason == HOTID_REASON_PEER_REBOOTED)
		hotid_identity_holder_lost(node, peer, last, peer->changed_ns);
	advertise(node);
	hotid_netlink_peer_event(peer, HOTID_CMD_PEER_NTF, reason);
	send_events(node);
}

void hotid_dispatch_advertised(struct hotid_node *node, struct hotid_slot *slot,
			       const struct hotid_wire_advert *advert, u64 now)
{
	static const struct hotid_wire_tail none;

	spin_lock(&node->lock);
	/* Only the incarnation whose beats are accepted may advertise, and once. */
	if (hotid_slot_stamp(slot, &advert->head, &none, now) == HOTID_VERDICT_CONTROL) {
		struct hotid_advertiser advertiser = {
			.known = true,
			.boot_id = slot->boot_id,
			.epoch = be64_to_cpu(advert->epoch),
			.heard_ns = now,
		};

		hotid_slot_heard(slot, &advert->head, now);
		memcpy(advertiser.id, advert->head.node_id, HOTID_ID_LEN);
		hotid_identity_advertised(node, &advertiser, be64_to_cpu(advert->identity),
					  advert->head.reason == HOTID_IDENTITY_STATE_HELD);
		hotid_dispatch_identities(node);
	}
	spin_unlock(&node->lock);
}

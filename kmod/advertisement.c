// SPDX-License-Identifier: GPL-2.0
/*
 * Advertisements: each node sends to all it beats to which identities it takes or
 * holds, and for which epoch. So a spare knows who the holder is, and a node that
 * comes back from being unreachable learns at once that it was superseded.
 *
 * An advertisement says "held" from the moment at which the fence of a takeover is
 * proven: only that makes a holder that lives let go. A node whose daemon gives
 * no sign of life does not get on with what it takes, so it does not advertise that.
 *
 * Timer: one timer per node, in softirq. It runs while something is taken or
 * held here: at once after a change, then every ADVERTISEMENT_PERIOD.
 */
#include "advertisement.h"

#include <linux/rculist.h>

#include "identity.h"
#include "lease.h"
#include "node.h"
#include "packet.h"
#include "target.h"

#define ADVERTISEMENT_PERIOD	(HZ / 4)

static void advertisement_send(struct hotid_node *node,
			       const struct hotid_packet_template *template,
			       u64 identity, u32 state, u64 epoch)
{
	u64 seq = hotid_lease_sequence(node);
	struct hotid_target *target;

	list_for_each_entry_rcu(target, &node->targets, entry) {
		struct hotid_wire_advert advert;

		hotid_packet_advert(template, seq, target->path, state, identity, epoch, &advert);
		hotid_target_send(node, target, &advert, sizeof(advert));
	}
}

static void advertisements_due(struct timer_list *timer)
{
	struct hotid_node *node = container_of(timer, struct hotid_node, advertisement_timer);
	struct hotid_identity *identity;
	struct hotid_packet_template template;
	bool any = false, ready, daemon;

	spin_lock(&node->lock);
	ready = hotid_packet_begin(node, &template);
	daemon = hotid_node_health(node) & HOTID_HEALTH_USERSPACE;
	spin_unlock(&node->lock);

	rcu_read_lock();
	list_for_each_entry_rcu(identity, &node->identities, entry) {
		struct hotid_machine now;

		spin_lock(&node->lock);
		now = identity->machine;
		spin_unlock(&node->lock);
		if (now.state != HOTID_IDENTITY_STATE_TAKING &&
		    now.state != HOTID_IDENTITY_STATE_HELD)
			continue;
		any = true;
		if (ready && (daemon || hotid_machine_proven(&now)))
			advertisement_send(node, &template, identity->hash,
					   hotid_machine_proven(&now) ? HOTID_IDENTITY_STATE_HELD :
					   HOTID_IDENTITY_STATE_TAKING, now.epoch);
	}
	rcu_read_unlock();
	if (any)
		mod_timer(&node->advertisement_timer, jiffies + ADVERTISEMENT_PERIOD);
}

void hotid_advertisement_init(struct hotid_node *node)
{
	timer_setup(&node->advertisement_timer, advertisements_due, 0);
}

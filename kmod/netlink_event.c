// SPDX-License-Identifier: GPL-2.0
/*
 * Events are sent under node->lock, with bottom halves off, in whatever context the
 * change was found: they wait for nothing.
 */
#include "netlink_event.h"

#include "netlink_gen.h"
#include "node.h"

static bool events_stopped;

/* Listeners read all again, as after a buffer of theirs that overflowed. */
static void event_lost(struct hotid_node *node)
{
	if (!READ_ONCE(events_stopped))
		genl_set_err(&hotid_nl_family, node->net, 0, HOTID_NLGRP_EVENTS, -ENOBUFS);
}

struct sk_buff *hotid_netlink_event(struct hotid_node *node, u8 command, void **header)
{
	struct sk_buff *skb = genlmsg_new(NLMSG_GOODSIZE, GFP_ATOMIC);

	lockdep_assert_held(&node->lock);
	if (skb)
		*header = genlmsg_put(skb, 0, 0, &hotid_nl_family, 0, command);
	else
		event_lost(node);
	return skb;
}

void hotid_netlink_multicast(struct hotid_node *node, struct sk_buff *skb, void *header,
			     int error)
{
	lockdep_assert_held(&node->lock);
	if (error || READ_ONCE(events_stopped)) {
		nlmsg_free(skb);
		if (error)
			event_lost(node);
		return;
	}
	genlmsg_end(skb, header);
	genlmsg_multicast_netns(&hotid_nl_family, node->net, skb, 0, HOTID_NLGRP_EVENTS,
				GFP_ATOMIC);
}

void hotid_netlink_event_stop(void)
{
	WRITE_ONCE(events_stopped, true);
	/* Events are sent with bottom halves off: after this none is on its way. */
	synchronize_rcu();
}

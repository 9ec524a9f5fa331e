/* SPDX-License-Identifier: GPL-2.0 */
/* Events of the netlink family, and the attributes that answers share with them. */
#ifndef HOTID_NETLINK_EVENT_H
#define HOTID_NETLINK_EVENT_H

#include <linux/types.h>

struct hotid_identity;
struct hotid_node;
struct hotid_peer;
struct hotid_step;
struct sk_buff;

/*
 * Each needs node->lock; events are best effort, as netlink is. Listeners of one
 * that could not be made get ENOBUFS, as those that read too slowly.
 */
void hotid_netlink_node_event(struct hotid_node *node);
void hotid_netlink_peer_event(struct hotid_peer *peer, u8 command, u32 event);
void hotid_netlink_identity_event(struct hotid_node *node, const struct hotid_identity *identity,
				  u8 command);
void hotid_netlink_step_event(struct hotid_node *node, const struct hotid_identity *identity,
			      u32 index);

/* Begin an event. NULL without memory. Needs node->lock. */
struct sk_buff *hotid_netlink_event(struct hotid_node *node, u8 command);

/*
 * The family goes. Events may still be made after that; they are dropped from here
 * on, because the group may be another family's.
 */
void hotid_netlink_event_stop(void);

/*
 * Attributes of each, for an event or an answer. Each returns 0 or -EMSGSIZE and
 * needs node->lock.
 */
int hotid_netlink_put_node(struct sk_buff *skb, struct hotid_node *node);
int hotid_netlink_put_peer(struct sk_buff *skb, const struct hotid_peer *peer);
int hotid_netlink_put_identity(struct sk_buff *skb, const struct hotid_identity *identity);
int hotid_netlink_put_step(struct sk_buff *skb, const struct hotid_step *step, u32 index,
			   bool words);

#endif /* HOTID_NETLINK_EVENT_H */

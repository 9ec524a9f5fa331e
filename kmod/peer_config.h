/* SPDX-License-Identifier: GPL-2.0 */
/* All in command context. */
#ifndef HOTID_PEER_CONFIG_H
#define HOTID_PEER_CONFIG_H

struct hotid_node;
struct hotid_peer;
struct netlink_ext_ack;

/**
 * hotid_peer_set() - add a peer, or give the one of this id new settings
 * @node: whose peer
 * @wanted: id, name, flags, multiplier and paths of it
 * @extack: why it was refused
 *
 * Return: 0, or a negative errno; then nothing has changed.
 */
int hotid_peer_set(struct hotid_node *node, const struct hotid_peer *wanted,
		   struct netlink_ext_ack *extack);
void hotid_peer_remove(struct hotid_peer *peer);
void hotid_peer_remove_all(struct hotid_node *node);

/* Count the gaps of its paths anew. */
void hotid_peer_reset_gaps(struct hotid_peer *peer);

/* The cluster key or the node's id changed: derive all keys anew. */
void hotid_peer_rekey_all(struct hotid_node *node);

#endif /* HOTID_PEER_CONFIG_H */

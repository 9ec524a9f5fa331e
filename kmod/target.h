/* SPDX-License-Identifier: GPL-2.0 */
/* Where this node's packets go: one connected socket per path of a peer. */
#ifndef HOTID_TARGET_H
#define HOTID_TARGET_H

#include <linux/list.h>
#include <linux/types.h>

#include "gasp_frame.h"

struct hotid_node;
struct hotid_path;
struct hotid_peer;
struct netlink_ext_ack;

/**
 * struct hotid_target - one path to a peer that gets beats
 * @entry: in node->targets (RCU)
 * @closing: in the list of those that are about to be freed
 * @peer: whose path it is
 * @path: its index, as the wire carries it
 * @connected: @socket has a destination
 * @socket: UDP
 * @frames: for a panic
 */
struct hotid_target {
	struct list_head entry;
	struct list_head closing;
	const struct hotid_peer *peer;
	u8 path;
	bool connected;
	struct socket *socket;
	struct hotid_gasp_frames frames;
};

/**
 * hotid_target_open() - make the sockets for all paths of a peer
 * @node: command context
 * @peer: whose paths
 * @opened: list that gets the targets; not in use yet
 * @extack: why it failed
 *
 * A path whose network is not up yet is not an error: it is connected when
 * the network comes.
 *
 * Return: 0, or a negative errno; then @opened is empty.
 */
int hotid_target_open(struct hotid_node *node, const struct hotid_peer *peer,
		      struct list_head *opened, struct netlink_ext_ack *extack);

/* Send to @opened, in place of whatever @peer had, or all had; either may be none. */
void hotid_target_replace(struct hotid_node *node, const struct hotid_peer *peer,
			  struct list_head *opened);

/* Close targets that are not in use. */
void hotid_target_close(struct list_head *targets);

/*
 * Try the paths again whose network was not up, or whose own address is gone.
 * Command context.
 */
void hotid_target_reconnect(struct hotid_node *node);

/*
 * Send one packet, from process context or softirq. Needs RCU for a target in
 * use.
 */
void hotid_target_send(struct hotid_node *node, struct hotid_target *target,
		       void *packet, size_t length);

/**
 * hotid_target_send_unconnected() - send one packet to whoever is no target
 * @node: this node; one such call at a time, in process context
 * @path: where to, from which address and through which device
 * @packet: not kept
 * @length: of it
 *
 * It goes out as from a target of this path, but for the source port.
 */
void hotid_target_send_unconnected(struct hotid_node *node, const struct hotid_path *path,
				   void *packet, size_t length);

/* Nobody sends so any more; at the end of the node. */
void hotid_target_close_control(struct hotid_node *node);

#endif /* HOTID_TARGET_H */

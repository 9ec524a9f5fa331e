/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guard of an identity: a check of every frame that is about to leave one of its
 * ports, in netfilter's egress hook. A frame passes while
 *
 *   - this node holds the identity, or takes it and has proven its fence, or releases it
 *     because it was told to; not once another node superseded it, and
 *   - the clock is before the end of the lease that a majority of the voters gave.
 *
 * The lease's end is compared frame by frame. So silence depends on no timer, no thread
 * and no daemon: a node that is not heard any more is silent before any observer may act
 * on that, see lease.h. What the check lets pass may be under way for as long as the
 * queue of the port lasts.
 *
 * The end is kept from one frame to the next, and computed anew when it has passed. Beats
 * do not touch it, so a lease costs no more for many identities than for one.
 *
 * Frames that do not come by the hook: of packet sockets with PACKET_QDISC_BYPASS, of
 * AF_XDP, XDP_TX and XDP_REDIRECT, of netpoll, of VFs and other functions of the device
 * below, and what tc redirects from the ingress of another port.
 */
#ifndef HOTID_GUARD_H
#define HOTID_GUARD_H

#include <linux/types.h>

#include "uapi/linux/hotid.h"

struct hotid_guard;
struct hotid_node;
struct netlink_ext_ack;

/**
 * struct hotid_guard_config - what a guard is to do
 * @n_voters: of @voters; 0 when no lease is needed
 * @voters: node ids
 * @n_ports: of @ports
 * @ports: ifindexes
 */
struct hotid_guard_config {
	u32 n_voters;
	u8 voters[HOTID_MAX_VOTERS][HOTID_ID_LEN];
	u32 n_ports;
	u32 ports[HOTID_MAX_GUARDED_PORTS];
};

/**
 * hotid_guard_new() - guard ports
 * @node: of the identity
 * @config: with at least one port
 * @allowed: as in hotid_guard_allow()
 * @extack: gets the reason of a failure
 *
 * A port that is deleted is not guarded any more, and does not come back by itself.
 *
 * Context: command; takes rtnl
 *
 * Return: the guard; or an ERR_PTR: -ENODEV for a port that is not there, -EOPNOTSUPP where
 * the kernel has no egress hook, -ENOMEM.
 */
struct hotid_guard *hotid_guard_new(struct hotid_node *node,
				    const struct hotid_guard_config *config, bool allowed,
				    struct netlink_ext_ack *extack);

/* Nothing is guarded any more. NULL is fine. Context: as above */
void hotid_guard_free(struct hotid_guard *guard);

/* Whether this node's state lets it speak; frames obey at once. Bottom halves are off. */
void hotid_guard_allow(struct hotid_guard *guard, bool allowed);

/**
 * hotid_guard_egress() - what becomes of a frame now
 * @guard: NULL for none
 *
 * Context: any in which bottom halves are off
 *
 * Return: enum hotid_egress
 */
u32 hotid_guard_egress(struct hotid_guard *guard);

/* End of the lease of the majority; 0 when there is none. Context: as above */
u64 hotid_guard_lease_end(struct hotid_guard *guard);

const struct hotid_guard_config *hotid_guard_config(const struct hotid_guard *guard);
u64 hotid_guard_blocked(const struct hotid_guard *guard);

/* Once for the module: ports that are deleted are let go. */
int hotid_guard_init(void);
void hotid_guard_exit(void);

#endif /* HOTID_GUARD_H */

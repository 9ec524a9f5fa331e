/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTID_RECEIVE_H
#define HOTID_RECEIVE_H

#include <linux/types.h>

struct hotid_node;

/**
 * hotid_receive_open() - receive beats on a UDP port, IPv4 and IPv6
 * @node: command context
 * @port: the port; replaces the one that was open
 *
 * Return: 0 or a negative errno (-EADDRINUSE); then the old port stays.
 */
int hotid_receive_open(struct hotid_node *node, u16 port);
void hotid_receive_close(struct hotid_node *node);

#endif /* HOTID_RECEIVE_H */

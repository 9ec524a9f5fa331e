/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HOTID_NODE_H
#define HOTID_NODE_H

#include <netlink/attr.h>
#include "hotid.h"

/*
 * A node from the attributes of an answer or event. 0 or negative errno;
 * hotid_node_clear() in either case.
 */
int node_parse(struct nlattr *attrs, int len, struct hotid_node *node);

#endif /* HOTID_NODE_H */

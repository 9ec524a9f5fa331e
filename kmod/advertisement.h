/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTID_ADVERTISEMENT_H
#define HOTID_ADVERTISEMENT_H

struct hotid_node;

/*
 * Set node->advertisement_timer up. It is due when something is taken or held here, or not
 * any more.
 */
void hotid_advertisement_init(struct hotid_node *node);

#endif /* HOTID_ADVERTISEMENT_H */

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTID_ADVERTISEMENT_H
#define HOTID_ADVERTISEMENT_H

struct hotid_node;

void hotid_advertisement_init(struct hotid_node *node);

/* Something is taken or held here, or not any more: send it now. */
void hotid_advertisement_update(struct hotid_node *node);

void hotid_advertisement_exit(struct hotid_node *node);

#endif /* HOTID_ADVERTISEMENT_H */

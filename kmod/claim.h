/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTID_CLAIM_H
#define HOTID_CLAIM_H

struct hotid_node;

void hotid_claim_init(struct hotid_node *node);

/* Something is taken or held here, or not any more: tell it now. */
void hotid_claim_update(struct hotid_node *node);

void hotid_claim_exit(struct hotid_node *node);

#endif /* HOTID_CLAIM_H */

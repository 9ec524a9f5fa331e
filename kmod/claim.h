/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTID_CLAIM_H
#define HOTID_CLAIM_H

#include <linux/types.h>

struct hotid_node;
struct hotid_slot;
struct hotid_wire_claim;

void hotid_claim_init(struct hotid_node *node);

/* Something is taken or held here, or not any more: tell it now. */
void hotid_claim_update(struct hotid_node *node);

/* An authentic claim came. In softirq, under RCU. */
void hotid_claim_receive(struct hotid_node *node, struct hotid_slot *slot,
			 const struct hotid_wire_claim *claim, u64 now);

void hotid_claim_exit(struct hotid_node *node);

#endif /* HOTID_CLAIM_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* The last changes of state of all identities of a node, with their steps. */
#ifndef HOTID_HISTORY_H
#define HOTID_HISTORY_H

#include "identity.h"

/**
 * struct hotid_record - one change of state
 * @identity: as it was then; its steps are @steps, its entry is void
 * @steps: the plan as far as it had come
 */
struct hotid_record {
	struct hotid_identity identity;
	struct hotid_step steps[];
};

/* Note the change that identity just made. Needs node->lock. */
void hotid_history_add(struct hotid_node *node, const struct hotid_identity *identity);

/* The record that is @nth from the oldest, or NULL. Needs node->lock. */
const struct hotid_record *hotid_history_get(struct hotid_node *node, u32 nth);

void hotid_history_clear(struct hotid_node *node);

#endif /* HOTID_HISTORY_H */

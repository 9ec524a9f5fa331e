// SPDX-License-Identifier: GPL-2.0
/* The ring of the last changes of state, all under node->lock. */
#include "history.h"

#include <linux/overflow.h>
#include <linux/slab.h>

#include "node.h"

void hotid_history_add(struct hotid_node *node, const struct hotid_identity *identity)
{
	struct hotid_record **place = &node->history[node->history_next % HOTID_HISTORY];
	struct hotid_record *record;

	lockdep_assert_held(&node->lock);
	record = kmalloc(struct_size(record, steps, identity->n_steps), GFP_ATOMIC);
	/* History is a convenience: without memory the change itself must go on. */
	if (!record)
		return;
	record->identity = *identity;
	record->identity.steps = record->steps;
	memcpy(record->steps, identity->steps, identity->n_steps * sizeof(*record->steps));
	kfree(*place);
	*place = record;
	node->history_next++;
	node->identities_seq++;
}

const struct hotid_record *hotid_history_get(struct hotid_node *node, u32 nth)
{
	u32 kept = min_t(u32, node->history_next, HOTID_HISTORY);

	lockdep_assert_held(&node->lock);
	if (nth >= kept)
		return NULL;
	return node->history[(node->history_next - kept + nth) % HOTID_HISTORY];
}

void hotid_history_clear(struct hotid_node *node)
{
	int i;

	for (i = 0; i < HOTID_HISTORY; i++)
		kfree(node->history[i]);
}

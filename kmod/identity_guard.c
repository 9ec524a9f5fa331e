// SPDX-License-Identifier: GPL-2.0
/* What an identity's guard is told, and what is told of it. All of it needs node->lock. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/list.h>

#include "guard.h"
#include "identity.h"
#include "node.h"

bool hotid_identity_may_speak(const struct hotid_identity *identity)
{
	const struct hotid_machine *machine = &identity->machine;

	/* What it held, it may end in good order, unless somebody else holds it already. */
	return hotid_machine_proven(machine) ||
	       (machine->state == HOTID_IDENTITY_STATE_RELEASING &&
		machine->reason == HOTID_REASON_ADMIN &&
		identity->previous == HOTID_IDENTITY_STATE_HELD);
}

void hotid_identity_update_guard(struct hotid_node *node, struct hotid_identity *identity)
{
	lockdep_assert_held(&node->lock);
	if (identity->guard)
		hotid_guard_allow(identity->guard, hotid_identity_may_speak(identity));
	identity->egress = hotid_guard_egress(identity->guard);
}

struct hotid_guard *hotid_identity_set_guard(struct hotid_node *node,
					     struct hotid_identity *identity,
					     struct hotid_guard *guard)
{
	struct hotid_guard *old = identity->guard;

	identity->guard = guard;
	hotid_identity_update_guard(node, identity);
	identity->news |= HOTID_NEWS_STATE;
	return old;
}

bool hotid_identity_look_at_guards(struct hotid_node *node)
{
	struct hotid_identity *identity;
	bool any = false;

	lockdep_assert_held(&node->lock);
	list_for_each_entry(identity, &node->identities, entry) {
		u32 egress;

		if (!identity->guard)
			continue;
		egress = hotid_guard_egress(identity->guard);
		if (egress == identity->egress)
			continue;
		identity->egress = egress;
		identity->news |= HOTID_NEWS_STATE;
		any = true;
		pr_notice_ratelimited("identity %s: %s\n", identity->name,
				      egress == HOTID_EGRESS_OPEN ?
				      "has a lease; its ports are open" :
				      "its lease is over; its ports are blocked");
	}
	return any;
}

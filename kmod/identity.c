// SPDX-License-Identifier: GPL-2.0
/*
 * Identities on this node: the machine of each with what surrounds it, namely
 * who holds it, the steps of its plan, and who is told.
 *
 * The epoch and the state outlive the daemon, which only does what a state
 * asks for and reports.
 */
#include "identity.h"

#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "claim.h"
#include "history.h"
#include "netlink.h"
#include "node.h"
#include "packet.h"
#include "peer.h"

struct hotid_identity *hotid_identity_find(struct hotid_node *node, const char *name)
{
	struct hotid_identity *identity;

	list_for_each_entry_rcu(identity, &node->identities, entry, true)
		if (!strcmp(identity->name, name))
			return identity;
	return NULL;
}

/* The machine changed from what @before says: note it and tell it. */
static void changed(struct hotid_node *node, struct hotid_identity *identity,
		    const struct hotid_machine *before)
{
	u32 state = identity->machine.state;

	lockdep_assert_held(&node->lock);
	identity->previous = before->state;
	identity->changed_ns = ktime_get_ns();
	identity->changed_real_ns = ktime_get_real_ns();
	if (state == HOTID_IDENTITY_STATE_ARMING || state == HOTID_IDENTITY_STATE_TAKING) {
		identity->error = 0;
		identity->message[0] = '\0';
	}
	if (state == HOTID_IDENTITY_STATE_TAKING || state == HOTID_IDENTITY_STATE_HELD) {
		identity->has_holder = true;
		memcpy(identity->holder, node->id, HOTID_ID_LEN);
	} else if (identity->has_holder && !memcmp(identity->holder, node->id, HOTID_ID_LEN) &&
		   state != HOTID_IDENTITY_STATE_RELEASING) {
		identity->has_holder = false;
	}
	hotid_history_add(node, identity);
	hotid_netlink_identity_event(node, identity);
	hotid_claim_update(node);
	/* The record has what the plan did; the next plan begins empty. */
	if (state == HOTID_IDENTITY_STATE_ARMING)
		identity->n_steps = 0;
}

int hotid_identity_arm(struct hotid_node *node, struct hotid_identity *identity,
		       const char **why)
{
	struct hotid_machine before = identity->machine;
	int error = hotid_machine_arm(&identity->machine, why);

	if (!error)
		changed(node, identity, &before);
	return error;
}

int hotid_identity_disarm(struct hotid_node *node, struct hotid_identity *identity,
			  const char **why)
{
	struct hotid_machine before = identity->machine;
	int error = hotid_machine_disarm(&identity->machine, why);

	if (!error)
		changed(node, identity, &before);
	return error;
}

/* Step 0: from the last beat, or from the command, to the decision. */
static void detected(struct hotid_identity *identity, u64 from, u64 now, const char *whom)
{
	struct hotid_step *step = &identity->steps[0];

	memset(step, 0, sizeof(*step));
	step->stage = HOTID_STAGE_DETECT;
	step->verb = HOTID_VERB_TAKE;
	step->status = HOTID_STEP_STATUS_DONE;
	step->start_ns = from;
	step->end_ns = now;
	strscpy(step->kind, "detect", sizeof(step->kind));
	strscpy(step->name, "detect", sizeof(step->name));
	strscpy(step->message, whom, sizeof(step->message));
	identity->n_steps = 1;
}

static int take_over(struct hotid_node *node, struct hotid_identity *identity, u64 epoch,
		     u32 reason, u64 from, u64 now, const char *whom, const char **why)
{
	struct hotid_machine before = identity->machine;
	int error = hotid_machine_takeover(&identity->machine, epoch, reason, why);

	if (error)
		return error;
	detected(identity, from, now, whom);
	changed(node, identity, &before);
	hotid_netlink_step_event(node, identity, 0);
	return 0;
}

int hotid_identity_takeover(struct hotid_node *node, struct hotid_identity *identity,
			    u64 epoch, const char **why)
{
	u64 now = ktime_get_ns();

	return take_over(node, identity, epoch, HOTID_REASON_ADMIN, now, now,
			 "asked for by a command", why);
}

int hotid_identity_release(struct hotid_node *node, struct hotid_identity *identity,
			   u64 epoch, const char **why)
{
	struct hotid_machine before = identity->machine;
	int error = hotid_machine_release(&identity->machine, epoch, why);

	if (!error)
		changed(node, identity, &before);
	return error;
}

int hotid_identity_report(struct hotid_node *node, struct hotid_identity *identity, u32 state,
			  u64 epoch, u32 failure, bool clean, const char *message,
			  const char **why)
{
	struct hotid_machine before = identity->machine;
	int error = hotid_machine_report(&identity->machine, state, epoch, !failure, clean, why);

	if (error)
		return error;
	identity->error = failure;
	strscpy(identity->message, message, sizeof(identity->message));
	changed(node, identity, &before);
	return 0;
}

int hotid_identity_step(struct hotid_node *node, struct hotid_identity *identity, u32 state,
			u64 epoch, u32 index, const struct hotid_step *step, const char **why)
{
	int error = hotid_machine_current(&identity->machine, state, epoch, why);

	lockdep_assert_held(&node->lock);
	if (error)
		return error;
	if (!index || index > max(identity->n_steps, 1U)) {
		*why = "steps are reported in order, from index 1 on";
		return -ERANGE;
	}
	if (!identity->n_steps)
		/* No takeover ran yet: the place of the detect step stays empty. */
		memset(&identity->steps[0], 0, sizeof(identity->steps[0]));
	identity->steps[index] = *step;
	identity->n_steps = max(identity->n_steps, index + 1);
	hotid_netlink_step_event(node, identity, index);
	return 0;
}

void hotid_identity_holder_lost(struct hotid_node *node, struct hotid_peer *peer, u32 reason,
				u64 last, u64 now)
{
	struct hotid_identity *identity;
	const char *why;

	lockdep_assert_held(&node->lock);
	list_for_each_entry(identity, &node->identities, entry) {
		if (!(identity->flags & HOTID_IDENTITY_FLAGS_AUTO) ||
		    (reason == HOTID_REASON_USER_SILENT &&
		     !(identity->flags & HOTID_IDENTITY_FLAGS_AUTO_HUNG)) || !identity->has_holder ||
		    memcmp(identity->holder, peer->id, HOTID_ID_LEN))
			continue;
		/* Not armed here: nothing to do, and nobody to tell. */
		take_over(node, identity, 0, reason, last, now, peer->name, &why);
	}
}

void hotid_identity_claimed(struct hotid_node *node, const u8 *holder, u64 hash, u64 epoch,
			    bool held)
{
	struct hotid_identity *identity;

	lockdep_assert_held(&node->lock);
	list_for_each_entry(identity, &node->identities, entry) {
		struct hotid_machine before = identity->machine;
		bool senior = memcmp(holder, node->id, HOTID_ID_LEN) < 0;
		bool news;

		if (identity->hash != hash)
			continue;
		switch (hotid_machine_claim(&identity->machine, epoch, held, senior)) {
		case HOTID_CLAIM_OLD:
			break;
		case HOTID_CLAIM_SUPERSEDED:
			identity->has_holder = true;
			memcpy(identity->holder, holder, HOTID_ID_LEN);
			changed(node, identity, &before);
			break;
		case HOTID_CLAIM_KNOWN:
			if (before.state == HOTID_IDENTITY_STATE_TAKING ||
			    before.state == HOTID_IDENTITY_STATE_HELD)
				break;
			fallthrough;
		case HOTID_CLAIM_NEWER:
			news = before.epoch != epoch || !identity->has_holder ||
			       memcmp(identity->holder, holder, HOTID_ID_LEN);
			identity->has_holder = true;
			memcpy(identity->holder, holder, HOTID_ID_LEN);
			if (news)
				hotid_netlink_identity_event(node, identity);
			break;
		}
	}
}

int hotid_identity_set(struct hotid_node *node, const char *name, u32 flags, const char **why)
{
	struct hotid_identity *identity = hotid_identity_find(node, name), *other;

	if (identity) {
		spin_lock_bh(&node->lock);
		identity->flags = flags;
		spin_unlock_bh(&node->lock);
		return 0;
	}
	identity = kzalloc(sizeof(*identity), GFP_KERNEL);
	if (!identity)
		return -ENOMEM;
	identity->steps = kvcalloc(HOTID_MAX_STEPS, sizeof(*identity->steps), GFP_KERNEL);
	if (!identity->steps) {
		kfree(identity);
		return -ENOMEM;
	}
	strscpy(identity->name, name, sizeof(identity->name));
	identity->hash = hotid_packet_identity(name);
	identity->flags = flags;
	hotid_machine_init(&identity->machine);
	list_for_each_entry(other, &node->identities, entry) {
		if (other->hash == identity->hash) {
			*why = "another identity's name has the same hash; give a different name";
			kvfree(identity->steps);
			kfree(identity);
			return -EEXIST;
		}
	}
	spin_lock_bh(&node->lock);
	list_add_tail_rcu(&identity->entry, &node->identities);
	node->identities_seq++;
	hotid_netlink_identity_event(node, identity);
	spin_unlock_bh(&node->lock);
	return 0;
}

/* The end of the module or its namespace takes listeners along, so that is not told. */
static void free_identity(struct hotid_node *node, struct hotid_identity *identity, bool told)
{
	spin_lock_bh(&node->lock);
	list_del_rcu(&identity->entry);
	node->identities_seq++;
	if (told)
		hotid_netlink_identity_gone(node, identity);
	spin_unlock_bh(&node->lock);
	synchronize_rcu();
	kvfree(identity->steps);
	kfree(identity);
}

int hotid_identity_remove(struct hotid_node *node, struct hotid_identity *identity,
			  const char **why)
{
	u32 state = identity->machine.state;

	if (state != HOTID_IDENTITY_STATE_OFFLINE &&
	    !(state == HOTID_IDENTITY_STATE_FAILED && identity->machine.clean)) {
		*why = "the identity is in use on this node; release or disarm it first";
		return -EBUSY;
	}
	free_identity(node, identity, true);
	return 0;
}

void hotid_identity_remove_all(struct hotid_node *node)
{
	struct hotid_identity *identity, *next;

	list_for_each_entry_safe(identity, next, &node->identities, entry)
		free_identity(node, identity, false);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Identities on this node: the machine of each with what surrounds it, namely
 * who holds it and the steps of its plan. What changes is noted in hotid_identity.news,
 * and reported by dispatch.c.
 *
 * The epoch and the state outlive the daemon, which only does what a state
 * asks for and reports.
 *
 * An identity of which something may be on this node keeps the module loaded:
 * from arming on until it is offline again, or failed with nothing left behind.
 * It does not keep its namespace. Nobody could enter one whose last process and
 * mount are gone to release what is held there, so it would beat for ever. That
 * a namespace ends is the death of a node: it gasps, and the node
 * that takes over fences it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "identity.h"

#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "guard.h"
#include "node.h"
#include "packet.h"
#include "peer.h"

/* A node that takes or holds an identity advertises it four times in this time. */
#define TAKER_PATIENCE_NS	NSEC_PER_SEC

struct hotid_identity *hotid_identity_find(struct hotid_node *node, const char *name)
{
	struct hotid_identity *identity;

	list_for_each_entry_rcu(identity, &node->identities, entry, true)
		if (!strcmp(identity->name, name))
			return identity;
	return NULL;
}

struct hotid_identity *hotid_identity_in_use(struct hotid_node *node)
{
	struct hotid_identity *identity;

	list_for_each_entry_rcu(identity, &node->identities, entry, true)
		if (hotid_machine_in_use(&identity->machine))
			return identity;
	return NULL;
}

static bool is_self(const struct hotid_node *node, const struct hotid_advertiser *advertiser)
{
	return advertiser->known && !memcmp(advertiser->id, node->id, HOTID_ID_LEN);
}

const struct hotid_advertiser *hotid_identity_advertiser(const struct hotid_identity *identity)
{
	return identity->taker.known ? &identity->taker :
	       identity->holder.known ? &identity->holder : NULL;
}

static void set_holder(struct hotid_identity *identity, const struct hotid_advertiser *advertiser)
{
	identity->holder = *advertiser;
	if (identity->taker.epoch <= advertiser->epoch)
		identity->taker.known = false;
}

/* What this node itself is of the two, after its machine changed. */
static void note_self(struct hotid_node *node, struct hotid_identity *identity)
{
	const struct hotid_machine *machine = &identity->machine;
	struct hotid_advertiser self = { .known = true, .boot_id = node->boot_id,
				       .epoch = machine->epoch };

	memcpy(self.id, node->id, HOTID_ID_LEN);
	if (hotid_machine_proven(machine)) {
		set_holder(identity, &self);
	} else if (machine->state == HOTID_IDENTITY_STATE_TAKING) {
		identity->taker = self;
	} else if (machine->state != HOTID_IDENTITY_STATE_RELEASING) {
		if (is_self(node, &identity->holder))
			identity->holder.known = false;
		if (is_self(node, &identity->taker))
			identity->taker.known = false;
	}
}

/* A copy of what it just became. History is a convenience: without memory the change goes on. */
static void history_add(struct hotid_node *node, const struct hotid_identity *identity)
{
	struct hotid_identity **place = &node->history[node->history_next % HOTID_HISTORY];
	struct hotid_identity *record = kmemdup(identity, struct_size(identity, steps,
								      identity->n_steps),
						GFP_ATOMIC);

	if (!record)
		return;
	record->guard = NULL;
	kfree(*place);
	*place = record;
	node->history_next++;
	node->identities_seq++;
}

const struct hotid_identity *hotid_identity_record(struct hotid_node *node, u32 nth)
{
	u32 kept = min_t(u32, node->history_next, HOTID_HISTORY);

	lockdep_assert_held(&node->lock);
	if (nth >= kept)
		return NULL;
	return node->history[(node->history_next - kept + nth) % HOTID_HISTORY];
}

/* The machine changed from what @before says: note it, to be reported. */
static void identity_changed(struct hotid_node *node, struct hotid_identity *identity,
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
	if (state != HOTID_IDENTITY_STATE_ARMED)
		identity->due = false;
	note_self(node, identity);
	hotid_identity_update_guard(node, identity);
	history_add(node, identity);
	identity->news |= HOTID_NEWS_STATE | HOTID_NEWS_ADVERTISE;
	/* The record has what the plan did; the next plan begins empty. */
	if (state == HOTID_IDENTITY_STATE_ARMING)
		identity->n_steps = 0;
	if (hotid_machine_in_use(before) && !hotid_machine_in_use(&identity->machine))
		module_put(THIS_MODULE);
}

int hotid_identity_prepare(struct hotid_node *node, struct hotid_identity *identity,
			   int (*input)(struct hotid_machine *machine, const char **why),
			   const char **why)
{
	struct hotid_machine before = identity->machine;
	bool idle = !hotid_machine_in_use(&before);
	int error;

	if (idle && !try_module_get(THIS_MODULE)) {
		*why = "the module is being unloaded; load it again";
		return -ENODEV;
	}
	error = input(&identity->machine, why);
	if (!error)
		identity_changed(node, identity, &before);
	else if (idle)
		module_put(THIS_MODULE);
	return error;
}

/* Step 0: from the last beat, or from the command, to the decision. */
static void identity_detected(struct hotid_identity *identity, u64 from, u64 now, const char *whom)
{
	struct hotid_step *step = &identity->steps[0];

	*step = (struct hotid_step) {
		.kind = "detect",
		.name = "detect",
		.stage = HOTID_STAGE_DETECT,
		.verb = HOTID_VERB_TAKE,
		.status = HOTID_STEP_STATUS_DONE,
		.start_ns = from,
		.end_ns = now,
	};
	strscpy(step->message, whom, sizeof(step->message));
	identity->n_steps = 1;
}

static void step_changed(struct hotid_identity *identity, u32 index)
{
	identity->news |= HOTID_NEWS_STEP;
	identity->news_step = index;
}

static int take_over(struct hotid_node *node, struct hotid_identity *identity, u64 epoch,
		     u32 reason, u64 from, u64 now, const char *whom, const char **why)
{
	struct hotid_machine before = identity->machine;
	int error = hotid_machine_takeover(&identity->machine, epoch, reason, why);

	if (error)
		return error;
	identity_detected(identity, from, now, whom);
	identity_changed(node, identity, &before);
	step_changed(identity, 0);
	return 0;
}

/*
 * Whether a takeover would be carried out here. Nobody does without the daemon,
 * and a node that gasped must not begin anything.
 */
static bool fit_to_take(struct hotid_node *node)
{
	return !node->ended && (hotid_node_health(node) & HOTID_HEALTH_USERSPACE);
}

int hotid_identity_takeover(struct hotid_node *node, struct hotid_identity *identity,
			    u64 epoch, const char **why)
{
	u64 now = ktime_get_ns();

	if (identity->machine.state == HOTID_IDENTITY_STATE_ARMED && !fit_to_take(node)) {
		*why = "nobody would carry it out, since hotidd gives no sign of life or this node ends; start hotidd, or take over on another node";
		return -EHOSTDOWN;
	}
	return take_over(node, identity, epoch, HOTID_REASON_ADMIN, now, now,
			 "asked for by a command", why);
}

int hotid_identity_release(struct hotid_node *node, struct hotid_identity *identity,
			   u64 epoch, const char **why)
{
	struct hotid_machine before = identity->machine;
	int error = hotid_machine_release(&identity->machine, epoch, why);

	if (!error)
		identity_changed(node, identity, &before);
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
	identity_changed(node, identity, &before);
	/*
	 * Its holder may be lost already. The next keepalive checks that: it comes within a
	 * fraction of the daemon's keepalive-limit, and only a keepalive shows that the daemon
	 * can carry out a takeover. A report comes from one of its threads.
	 */
	identity->due = identity->machine.state == HOTID_IDENTITY_STATE_ARMED;
	return 0;
}

/*
 * The daemon takes no step of a later stage before all steps of the fence were
 * taken and read back, or the identity needs none. One that it refused for want
 * of that is reported as failed.
 */
static bool proves_fence(const struct hotid_step *step)
{
	return step->stage > HOTID_STAGE_FENCE && step->verb == HOTID_VERB_TAKE &&
	       step->status != HOTID_STEP_STATUS_PENDING &&
	       step->status != HOTID_STEP_STATUS_FAILED;
}

int hotid_identity_step(struct hotid_node *node, struct hotid_identity *identity, u32 state,
			u64 epoch, u32 index, const struct hotid_step *step, const char **why)
{
	int error = hotid_machine_current(&identity->machine, state, epoch, why);

	lockdep_assert_held(&node->lock);
	if (error)
		return error;
	if ((state == HOTID_IDENTITY_STATE_ARMED && step->verb != HOTID_VERB_VALIDATE) ||
	    (state == HOTID_IDENTITY_STATE_HELD && step->verb != HOTID_VERB_VERIFY)) {
		*why = "no plan runs, so a step can only be audited: with validate while armed, with verify while held";
		return -EINVAL;
	}
	if (!index || index > max(identity->n_steps, 1U)) {
		*why = "steps are reported in order, from index 1 on";
		return -ERANGE;
	}
	if (!identity->n_steps)
		/* No takeover ran yet: the place of the detect step stays empty. */
		memset(&identity->steps[0], 0, sizeof(identity->steps[0]));
	identity->steps[index] = *step;
	identity->n_steps = max(identity->n_steps, index + 1);
	step_changed(identity, index);
	if (proves_fence(step) && hotid_machine_fenced(&identity->machine)) {
		note_self(node, identity);
		hotid_identity_update_guard(node, identity);
		identity->news |= HOTID_NEWS_ADVERTISE;
	}
	return 0;
}

/*
 * Why a advertiser's advertisement is worth nothing any more; HOTID_REASON_NONE while it
 * may be. A node that is no peer is never accused.
 */
static u32 advertiser_lost(struct hotid_node *node, const struct hotid_identity *identity,
			   const struct hotid_advertiser *advertiser)
{
	const struct hotid_peer *peer = hotid_peer_find(node, advertiser->id);

	if (!peer)
		return HOTID_REASON_NONE;
	if (peer->state == HOTID_PEER_STATE_DOWN)
		return peer->reason;
	if (!hotid_peer_lives(peer))
		return HOTID_REASON_NONE;
	if (peer->boot_id != advertiser->boot_id)
		return HOTID_REASON_PEER_REBOOTED;
	if (peer->state == HOTID_PEER_STATE_HUNG &&
	    (identity->flags & HOTID_IDENTITY_FLAGS_AUTO_HUNG))
		return HOTID_REASON_USER_SILENT;
	return HOTID_REASON_NONE;
}

/* Another node is at it, and has not given up: it went on advertising. */
static bool being_taken(struct hotid_node *node, const struct hotid_identity *identity, u64 now)
{
	return identity->taker.known && !advertiser_lost(node, identity, &identity->taker) &&
	       now - identity->taker.heard_ns < TAKER_PATIENCE_NS;
}

/* Take over what is due, or say that this node cannot. */
static void identity_consider(struct hotid_node *node, struct hotid_identity *identity, u64 last,
			      u64 now)
{
	const struct hotid_advertiser *old = identity->holder.known ? &identity->holder :
					   hotid_identity_advertiser(identity);
	u32 reason = old ? advertiser_lost(node, identity, old) : HOTID_REASON_NONE;
	const char *why;

	identity->due = reason != HOTID_REASON_NONE;
	if (!reason || being_taken(node, identity, now))
		return;
	if (fit_to_take(node)) {
		take_over(node, identity, 0, reason, last, now,
			  hotid_peer_find(node, old->id)->name, &why);
	} else {
		struct hotid_machine before = identity->machine;

		identity->machine.reason = HOTID_REASON_UNFIT;
		identity_changed(node, identity, &before);
	}
}

static bool takes_over(const struct hotid_identity *identity)
{
	return identity->machine.state == HOTID_IDENTITY_STATE_ARMED &&
	       (identity->flags & HOTID_IDENTITY_FLAGS_AUTO);
}

/*
 * A holder that is lost while nothing is to be done here is remembered, for when
 * this node is armed. Not so one that advertised no more although it beat: it had
 * let go before, and nobody has to take that over.
 */
static void remember_lost(struct hotid_identity *identity, const struct hotid_peer *peer,
			  u64 last)
{
	struct hotid_advertiser *holder = &identity->holder;

	if (!holder->known || memcmp(holder->id, peer->id, HOTID_ID_LEN) ||
	    holder->boot_id != peer->boot_id || last < holder->heard_ns + TAKER_PATIENCE_NS)
		return;
	holder->known = false;
	identity->news |= HOTID_NEWS_STATE;
}

void hotid_identity_holder_lost(struct hotid_node *node, struct hotid_peer *peer, u64 last,
				u64 now)
{
	struct hotid_identity *identity;

	lockdep_assert_held(&node->lock);
	list_for_each_entry(identity, &node->identities, entry) {
		const struct hotid_advertiser *advertiser = hotid_identity_advertiser(identity);

		if (!takes_over(identity)) {
			remember_lost(identity, peer, last);
			continue;
		}
		if (!advertiser)
			continue;
		if (!memcmp(advertiser->id, peer->id, HOTID_ID_LEN) ||
		    (identity->holder.known &&
		     !memcmp(identity->holder.id, peer->id, HOTID_ID_LEN)))
			identity_consider(node, identity, last, now);
	}
}

void hotid_identity_reconsider(struct hotid_node *node)
{
	struct hotid_identity *identity;
	u64 now = ktime_get_ns();

	lockdep_assert_held(&node->lock);
	if (!fit_to_take(node))
		return;
	list_for_each_entry(identity, &node->identities, entry)
		if (identity->due && takes_over(identity))
			identity_consider(node, identity, now, now);
}

/* An advertisement that did not make this node let go: who holds it, as far as it says. */
static void note_advertiser(struct hotid_node *node, struct hotid_identity *identity,
			    const struct hotid_advertiser *advertiser, bool proven)
{
	struct hotid_advertiser *holder = &identity->holder, *taker = &identity->taker;

	if (proven) {
		if (!holder->known || advertiser->epoch > holder->epoch ||
		    (advertiser->epoch == holder->epoch && !is_self(node, holder)))
			set_holder(identity, advertiser);
	} else if ((!holder->known || advertiser->epoch > holder->epoch) &&
		   !is_self(node, holder) && !is_self(node, taker)) {
		if (!being_taken(node, identity, advertiser->heard_ns) ||
		    advertiser->epoch > taker->epoch ||
		    (advertiser->epoch == taker->epoch &&
		     memcmp(advertiser->id, taker->id, HOTID_ID_LEN) <= 0))
			*taker = *advertiser;
	}
	/* One that failed advertises no more, and then the holder is what it was. */
	if (!is_self(node, taker) && !being_taken(node, identity, advertiser->heard_ns))
		taker->known = false;
}

static bool same_advertiser(const struct hotid_advertiser *a, const struct hotid_advertiser *b)
{
	return a->known == b->known && (!a->known || !memcmp(a->id, b->id, HOTID_ID_LEN));
}

void hotid_identity_advertised(struct hotid_node *node, const struct hotid_advertiser *advertiser,
			       u64 hash, bool proven)
{
	static const struct hotid_advertiser nobody;
	bool senior = memcmp(advertiser->id, node->id, HOTID_ID_LEN) < 0;
	struct hotid_identity *identity;

	lockdep_assert_held(&node->lock);
	list_for_each_entry(identity, &node->identities, entry) {
		struct hotid_advertiser old = *(hotid_identity_advertiser(identity) ?: &nobody);
		struct hotid_machine before = identity->machine;

		if (identity->hash != hash || advertiser->epoch > HOTID_EPOCH_MAX)
			continue;
		if (hotid_machine_advert(&identity->machine, advertiser->epoch, proven, senior) ==
		    HOTID_ADVERT_SUPERSEDED) {
			if (proven)
				set_holder(identity, advertiser);
			else
				identity->taker = *advertiser;
			identity_changed(node, identity, &before);
			continue;
		}
		note_advertiser(node, identity, advertiser, proven);
		if (before.known != identity->machine.known ||
		    !same_advertiser(&old, hotid_identity_advertiser(identity) ?: &nobody))
			identity->news |= HOTID_NEWS_STATE;
	}
}

/* Somebody got it after this one, so its death is no reason to take over any more. */
static bool advertiser_outdate(struct hotid_node *node, struct hotid_advertiser *advertiser,
			       u64 epoch)
{
	if (!advertiser->known || is_self(node, advertiser) || advertiser->epoch >= epoch)
		return false;
	advertiser->known = false;
	return true;
}

static void redeclare(struct hotid_node *node, struct hotid_identity *identity, const u32 *flags,
		      u64 known)
{
	bool news;

	spin_lock_bh(&node->lock);
	if (flags)
		identity->flags = *flags;
	news = hotid_machine_know(&identity->machine, known);
	news |= advertiser_outdate(node, &identity->holder, known);
	news |= advertiser_outdate(node, &identity->taker, known);
	if (news)
		identity->news |= HOTID_NEWS_STATE;
	spin_unlock_bh(&node->lock);
}

int hotid_identity_set(struct hotid_node *node, const char *name, const u32 *flags, u64 known,
		       const char **why)
{
	struct hotid_identity *identity;
	u64 hash = hotid_packet_identity(name);

	list_for_each_entry(identity, &node->identities, entry) {
		if (!strcmp(identity->name, name)) {
			redeclare(node, identity, flags, known);
			return 0;
		}
		if (identity->hash == hash) {
			*why = "another identity's name has the same hash; give a different name";
			return -EEXIST;
		}
	}
	identity = kvzalloc(struct_size(identity, steps, HOTID_MAX_STEPS), GFP_KERNEL);
	if (!identity)
		return -ENOMEM;
	strscpy(identity->name, name, sizeof(identity->name));
	identity->hash = hash;
	identity->flags = flags ? *flags : 0;
	hotid_machine_init(&identity->machine);
	hotid_machine_know(&identity->machine, known);
	spin_lock_bh(&node->lock);
	list_add_tail_rcu(&identity->entry, &node->identities);
	node->identities_seq++;
	identity->news |= HOTID_NEWS_STATE;
	spin_unlock_bh(&node->lock);
	return 0;
}

static void unlink_identity(struct hotid_node *node, struct hotid_identity *identity)
{
	lockdep_assert_held(&node->lock);
	list_del_rcu(&identity->entry);
	node->identities_seq++;
}

void hotid_identity_free(struct hotid_identity *identity)
{
	hotid_guard_free(identity->guard);
	synchronize_rcu();
	kvfree(identity);
}

int hotid_identity_unlink(struct hotid_node *node, struct hotid_identity *identity,
			  const char **why)
{
	if (hotid_machine_in_use(&identity->machine)) {
		*why = "the identity is in use on this node; release or disarm it first";
		return -EBUSY;
	}
	unlink_identity(node, identity);
	return 0;
}

/* The end of the module or its namespace takes listeners along: no event. */
void hotid_identity_remove_all(struct hotid_node *node)
{
	struct hotid_identity *identity, *next;
	int i;

	list_for_each_entry_safe(identity, next, &node->identities, entry) {
		if (hotid_machine_in_use(&identity->machine)) {
			pr_notice("a network namespace (%u) ended with identity %s in use\n",
				  node->net->ns.inum, identity->name);
			module_put(THIS_MODULE);
		}
		spin_lock_bh(&node->lock);
		unlink_identity(node, identity);
		spin_unlock_bh(&node->lock);
		hotid_identity_free(identity);
	}
	for (i = 0; i < HOTID_HISTORY; i++)
		kfree(node->history[i]);
}

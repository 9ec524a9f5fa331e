/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTID_IDENTITY_H
#define HOTID_IDENTITY_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

#include "machine.h"

struct hotid_guard;
struct hotid_node;
struct hotid_peer;

/**
 * struct hotid_step - progress of one step of a plan
 * @start_ns: when its verb began
 * @end_ns: when it ended, 0 while it runs
 * @stage: enum hotid_stage
 * @verb: enum hotid_verb
 * @status: enum hotid_step_status
 * @error: positive errno of a failure
 * @name: for people
 * @kind: of resource
 * @message: what it did or why it failed
 */
struct hotid_step {
	u64 start_ns;
	u64 end_ns;
	u32 stage;
	u32 verb;
	u32 status;
	u32 error;
	char name[HOTID_NAME_MAX + 1];
	char kind[HOTID_KIND_MAX + 1];
	char message[HOTID_MESSAGE_MAX + 1];
};

/**
 * struct hotid_advertiser - a node that advertises an identity
 * @known: there is one
 * @id: its node id
 * @boot_id: the incarnation of it that advertises
 * @epoch: that it advertises
 * @heard_ns: when it did so last
 */
struct hotid_advertiser {
	bool known;
	u8 id[HOTID_ID_LEN];
	u64 boot_id;
	u64 epoch;
	u64 heard_ns;
};

/* What changed of an identity: its own attributes, a step, what is advertised. */
#define HOTID_NEWS_STATE	BIT(0)
#define HOTID_NEWS_STEP		BIT(1)
#define HOTID_NEWS_ADVERTISE	BIT(2)

/**
 * struct hotid_identity - an identity as this node knows it
 * @entry: in node->identities (RCU)
 * @name: its name
 * @hash: of the name, as advertisements carry it
 * @flags: HOTID_IDENTITY_FLAGS_* (node->lock)
 * @machine: its state here (node->lock)
 * @previous: state before the last change (node->lock)
 * @error: positive errno of the last failure (node->lock)
 * @message: of the last report (node->lock)
 * @holder: the node that holds it, or has proven its fence (node->lock)
 * @taker: a node that tries to, by a higher epoch; it may fail, and then the
 *	holder is what it was (node->lock)
 * @due: the holder was lost, or may have been before it was armed here, and this
 *	node did not take over yet (node->lock)
 * @changed_ns: time of the last change (node->lock)
 * @changed_real_ns: the same on CLOCK_REALTIME (node->lock)
 * @guard: of its ports, NULL for none; changed by commands (node->lock)
 * @egress: enum hotid_egress, as it was told last (node->lock)
 * @news: HOTID_NEWS_* that dispatch.c is to report (node->lock)
 * @news_step: index of the step that HOTID_NEWS_STEP is about (node->lock)
 * @n_steps: of @steps (node->lock)
 * @steps: of the plan that ran last; 0 is the module's detect step. There is room for
 *	HOTID_MAX_STEPS, in a record of the history for @n_steps
 */
struct hotid_identity {
	struct list_head entry;
	char name[HOTID_NAME_MAX + 1];
	u64 hash;
	u32 flags;
	struct hotid_machine machine;
	u32 previous;
	u32 error;
	char message[HOTID_MESSAGE_MAX + 1];
	struct hotid_advertiser holder;
	struct hotid_advertiser taker;
	bool due;
	u64 changed_ns;
	u64 changed_real_ns;
	struct hotid_guard *guard;
	u32 egress;
	u32 news;
	u32 news_step;
	u32 n_steps;
	struct hotid_step steps[];
};

struct hotid_identity *hotid_identity_find(struct hotid_node *node, const char *name);

/* One of which something may be on this node, or NULL. Command context. */
struct hotid_identity *hotid_identity_in_use(struct hotid_node *node);

/**
 * hotid_identity_set() - declare an identity, or change the one of this name
 * @node: this node
 * @name: of the identity
 * @flags: HOTID_IDENTITY_FLAGS_*; NULL to leave them, or for none
 * @known: an epoch that was given, to somebody not known here; 0 for none
 * @why: the reason, where there is one
 *
 * A node that advertised the identity by an epoch before @known is not its last holder any
 * more. It is known again by its next advertisement.
 *
 * Context: command
 *
 * Return: 0; -ENOMEM; -EEXIST for a name whose hash another one has.
 */
int hotid_identity_set(struct hotid_node *node, const char *name, const u32 *flags, u64 known,
		       const char **why);

/*
 * Take it out of the list, if it is not in use: then 0. Needs node->lock. Whoever
 * does so frees it, when the lock is released.
 */
int hotid_identity_unlink(struct hotid_node *node, struct hotid_identity *identity,
			  const char **why);
void hotid_identity_free(struct hotid_identity *identity);

/*
 * The last changes of state of all identities: the record that is @nth from the oldest,
 * as the identity was then, or NULL. Its entry is void. Needs node->lock.
 */
const struct hotid_identity *hotid_identity_record(struct hotid_node *node, u32 nth);

/* Its machine changed: its guard, if there is one, obeys. Needs node->lock. */
void hotid_identity_update_guard(struct hotid_node *node, struct hotid_identity *identity);

/* Whether frames may leave its ports, as far as this node's state says. Needs node->lock. */
bool hotid_identity_may_speak(const struct hotid_identity *identity);

/* Give it another guard, or none; the old one is to be freed. Needs node->lock. */
struct hotid_guard *hotid_identity_set_guard(struct hotid_node *node,
					     struct hotid_identity *identity,
					     struct hotid_guard *guard);

/*
 * Note which guards came to block or pass frames by their leases; whether any did.
 * Needs node->lock.
 */
bool hotid_identity_look_at_guards(struct hotid_node *node);

/* The namespace ends. */
void hotid_identity_remove_all(struct hotid_node *node);

/*
 * Each of these needs node->lock and returns what the machine of the same
 * verb does; the first one is for hotid_machine_arm() and hotid_machine_disarm(), which
 * lead out of the states in which it is not in use. What changes is recorded;
 * hotid_dispatch_identities() reports it.
 */
int hotid_identity_prepare(struct hotid_node *node, struct hotid_identity *identity,
			   int (*input)(struct hotid_machine *machine, const char **why),
			   const char **why);
int hotid_identity_takeover(struct hotid_node *node, struct hotid_identity *identity,
			    u64 epoch, const char **why);
int hotid_identity_release(struct hotid_node *node, struct hotid_identity *identity,
			   u64 epoch, const char **why);
int hotid_identity_report(struct hotid_node *node, struct hotid_identity *identity, u32 state,
			  u64 epoch, u32 error, bool clean, const char *message,
			  const char **why);
int hotid_identity_step(struct hotid_node *node, struct hotid_identity *identity, u32 state,
			u64 epoch, u32 index, const struct hotid_step *step, const char **why);

/* Who takes or holds it by the highest epoch; NULL when nobody is known to. */
const struct hotid_advertiser *hotid_identity_advertiser(const struct hotid_identity *identity);

/**
 * hotid_identity_holder_lost() - the detector gave up a peer
 * @node: needs node->lock
 * @peer: that is down, hung, or came back as another incarnation
 * @last: time of its last beat
 * @now: time of the decision
 *
 * Every identity that is armed here, follows the policy auto and was held
 * by the peer is taken over. Where this node cannot, since its daemon gives no
 * sign of life or it is about to end, it says so and the takeover stays due.
 * Where this node is not armed, the holder is known on, and may be taken over
 * from later, unless it had let go before.
 */
void hotid_identity_holder_lost(struct hotid_node *node, struct hotid_peer *peer, u64 last,
				u64 now);

/*
 * The daemon lives: do what is due still. A takeover is not due any more when
 * the holder is back, or somebody else has taken over. Needs node->lock.
 */
void hotid_identity_reconsider(struct hotid_node *node);

/* An advertisement came from @advertiser, proven or not. Needs node->lock. */
void hotid_identity_advertised(struct hotid_node *node, const struct hotid_advertiser *advertiser,
			       u64 hash, bool proven);

#endif /* HOTID_IDENTITY_H */

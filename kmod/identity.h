/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTID_IDENTITY_H
#define HOTID_IDENTITY_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

#include "machine.h"

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
 * struct hotid_identity - an identity as this node knows it
 * @entry: in node->identities (RCU)
 * @name: its name
 * @hash: of the name, as claims carry it
 * @flags: HOTID_IDENTITY_FLAGS_* (node->lock)
 * @machine: its state here (node->lock)
 * @previous: state before the last change (node->lock)
 * @error: positive errno of the last failure (node->lock)
 * @message: of the last report (node->lock)
 * @has_holder: @holder is known (node->lock)
 * @holder: the node that claims the epoch (node->lock)
 * @changed_ns: time of the last change (node->lock)
 * @changed_real_ns: the same on CLOCK_REALTIME (node->lock)
 * @n_steps: of @steps (node->lock)
 * @steps: of the plan that ran last; 0 is the module's detect step
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
	bool has_holder;
	u8 holder[HOTID_ID_LEN];
	u64 changed_ns;
	u64 changed_real_ns;
	u32 n_steps;
	struct hotid_step *steps;
};

struct hotid_identity *hotid_identity_find(struct hotid_node *node, const char *name);

/* Declare one, or change the flags of the one of this name. Command context. */
int hotid_identity_set(struct hotid_node *node, const char *name, u32 flags, const char **why);
int hotid_identity_remove(struct hotid_node *node, struct hotid_identity *identity,
			  const char **why);
void hotid_identity_remove_all(struct hotid_node *node);

/*
 * Each of these needs node->lock and returns what the machine of the same
 * verb does. What changes is recorded, told to listeners and claimed.
 */
int hotid_identity_arm(struct hotid_node *node, struct hotid_identity *identity,
		       const char **why);
int hotid_identity_disarm(struct hotid_node *node, struct hotid_identity *identity,
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

/**
 * hotid_identity_holder_lost() - the detector gave up a peer
 * @node: needs node->lock
 * @peer: that is down or came back as another incarnation
 * @reason: why
 * @last: time of its last beat
 * @now: time of the decision
 *
 * Every identity that is armed here, follows the policy auto and was held
 * by the peer is taken over.
 */
void hotid_identity_holder_lost(struct hotid_node *node, struct hotid_peer *peer, u32 reason,
				u64 last, u64 now);

/* A claim came from @holder. Needs node->lock. */
void hotid_identity_claimed(struct hotid_node *node, const u8 *holder, u64 hash, u64 epoch,
			    bool held);

#endif /* HOTID_IDENTITY_H */

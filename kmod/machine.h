/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTID_MACHINE_H
#define HOTID_MACHINE_H

#include <linux/types.h>
#ifdef __KERNEL__
#include "uapi/linux/hotid.h"
#else
#include <linux/hotid.h>
#include <stdbool.h>
#endif

/**
 * struct hotid_machine - where an identity stands on this node
 * @epoch: what this node takes, holds or releases it by; the highest epoch
 *	known while it does none of these
 * @known: highest epoch known here, of whichever node; never below @epoch
 * @state: enum hotid_identity_state
 * @reason: enum hotid_reason of the last change
 * @clean: nothing was left behind by the last failure
 * @fenced: while taking, the old holder is proven to be fenced
 */
struct hotid_machine {
	__u64 epoch;
	__u64 known;
	__u32 state;
	__u32 reason;
	bool clean;
	bool fenced;
};

void hotid_machine_init(struct hotid_machine *machine);

/*
 * The inputs. Each returns 0 after it changed the machine, or a negative
 * errno with *why set to one constant sentence that says what stands in the
 * way and the fix; then nothing changed.
 */
int hotid_machine_arm(struct hotid_machine *machine, const char **why);
int hotid_machine_disarm(struct hotid_machine *machine, const char **why);

/*
 * @epoch 0 means the next one. @reason is admin, or why the holder is down.
 * An epoch is refused when it is more than HOTID_EPOCH_JUMP beyond the one
 * known: one mistyped number must not use up all that there are.
 */
int hotid_machine_takeover(struct hotid_machine *machine, __u64 epoch, __u32 reason,
			   const char **why);

/* @epoch 0 means whatever is current. */
int hotid_machine_release(struct hotid_machine *machine, __u64 epoch, const char **why);

/* The daemon ended what @state requires of it, for @epoch. */
int hotid_machine_report(struct hotid_machine *machine, __u32 state, __u64 epoch,
			 bool ok, bool clean, const char **why);

/*
 * An epoch that was given, as this node's disk or the identity's says. True
 * when that is news; the state stays.
 */
bool hotid_machine_know(struct hotid_machine *machine, __u64 epoch);

/*
 * The fence of this takeover is proven: from now on other nodes have to let go.
 * True when that is news.
 */
bool hotid_machine_fenced(struct hotid_machine *machine);

/* The old holder is proven to be out of the way: advertisements may say so. */
bool hotid_machine_proven(const struct hotid_machine *machine);

/* Something of the identity may be on this node. */
bool hotid_machine_in_use(const struct hotid_machine *machine);

/* Whether a report of a step in @state for @epoch is about what goes on now. */
int hotid_machine_current(const struct hotid_machine *machine, __u32 state, __u64 epoch,
			  const char **why);

/**
 * enum hotid_advert_effect - what another node's advertisement did
 * @HOTID_ADVERT_OLD: it is older than what is known, or no epoch; ignored
 * @HOTID_ADVERT_KNOWN: the epoch is the one that is known, or this node wins
 * @HOTID_ADVERT_NEWER: the epoch was noted; the state stays
 * @HOTID_ADVERT_SUPERSEDED: this node has to let go; now releasing
 */
enum hotid_advert_effect {
	HOTID_ADVERT_OLD,
	HOTID_ADVERT_KNOWN,
	HOTID_ADVERT_NEWER,
	HOTID_ADVERT_SUPERSEDED,
};

/**
 * hotid_machine_advert() - another node takes or holds the identity
 * @machine: of this node
 * @epoch: that it advertises
 * @proven: it holds already, or has proven its fence; otherwise it only tries
 * @senior: its node id is the lower one, which decides between two nodes
 *	that are taking for one epoch, or that both came to hold for one
 *	because they did not hear each other
 *
 * A node that only tries may still fail, so a node that holds, or has proven its
 * fence, notes such an advertisement and goes on. It lets go for a higher epoch that is
 * proven. Of two that only try, the higher epoch goes on.
 *
 * Return: what the advertisement is to this node.
 */
enum hotid_advert_effect hotid_machine_advert(struct hotid_machine *machine, __u64 epoch,
					      bool proven, bool senior);

#endif /* HOTID_MACHINE_H */

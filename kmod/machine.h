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
 * @epoch: highest epoch known here, of whichever holder
 * @state: enum hotid_identity_state
 * @reason: enum hotid_reason of the last change
 * @clean: nothing was left behind by the last failure
 */
struct hotid_machine {
	__u64 epoch;
	__u32 state;
	__u32 reason;
	bool clean;
};

void hotid_machine_init(struct hotid_machine *machine);

/*
 * The inputs. Each returns 0 after it changed the machine, or a negative
 * errno with *why set to one constant sentence that says what stands in the
 * way and the mend; then nothing changed.
 */
int hotid_machine_arm(struct hotid_machine *machine, const char **why);
int hotid_machine_disarm(struct hotid_machine *machine, const char **why);

/* @epoch 0 means the next one. @reason is admin, or why the holder is down. */
int hotid_machine_takeover(struct hotid_machine *machine, __u64 epoch, __u32 reason,
			   const char **why);

/* @epoch 0 means whatever is current. */
int hotid_machine_release(struct hotid_machine *machine, __u64 epoch, const char **why);

/* The daemon ends what @state asked of it, for @epoch. */
int hotid_machine_report(struct hotid_machine *machine, __u32 state, __u64 epoch,
			 bool ok, bool clean, const char **why);

/* Whether a report of a step in @state for @epoch is about what goes on now. */
int hotid_machine_current(const struct hotid_machine *machine, __u32 state, __u64 epoch,
			  const char **why);

/**
 * enum hotid_claim_effect - what another node's claim did
 * @HOTID_CLAIM_OLD: it is older than what is known, or no epoch; ignored
 * @HOTID_CLAIM_KNOWN: the holder is the one that is known, or this node wins
 * @HOTID_CLAIM_NEWER: the epoch was taken over; the state stays
 * @HOTID_CLAIM_SUPERSEDED: this node has to let go; now releasing
 */
enum hotid_claim_effect {
	HOTID_CLAIM_OLD,
	HOTID_CLAIM_KNOWN,
	HOTID_CLAIM_NEWER,
	HOTID_CLAIM_SUPERSEDED,
};

/**
 * hotid_machine_claim() - another node takes or holds the identity
 * @machine: of this node
 * @epoch: that it claims
 * @held: it holds already; otherwise it is taking
 * @senior: its node id is the lower one, which decides between two nodes
 *	that are taking for one epoch, or that both came to hold for one
 *	because they did not hear each other
 */
enum hotid_claim_effect hotid_machine_claim(struct hotid_machine *machine, __u64 epoch,
					    bool held, bool senior);

#endif /* HOTID_MACHINE_H */

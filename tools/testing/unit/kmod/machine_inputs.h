/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What can be asked of the state machine of identities, and what it can be told, in
 * all their shades. For one source of a program.
 */
#ifndef HOTID_UNIT_MACHINE_INPUTS_H
#define HOTID_UNIT_MACHINE_INPUTS_H

#include "ktap.h"

#include <errno.h>
#include <stdlib.h>

#include "machine.h"

#define OFFLINE		HOTID_IDENTITY_STATE_OFFLINE
#define ARMING		HOTID_IDENTITY_STATE_ARMING
#define ARMED		HOTID_IDENTITY_STATE_ARMED
#define TAKING		HOTID_IDENTITY_STATE_TAKING
#define HELD		HOTID_IDENTITY_STATE_HELD
#define RELEASING	HOTID_IDENTITY_STATE_RELEASING
#define FAILED		HOTID_IDENTITY_STATE_FAILED
#define UNCLEAN		(FAILED + 1)	/* failed, with something left behind */
#define FENCED		(FAILED + 2)	/* taking, with the fence proven */
#define STATES		(FENCED + 1)

#define EPOCH		100		/* of the machine before the input */
#define HIGHEST		((uint64_t)HOTID_EPOCH_MAX)
#define FARTHEST	(EPOCH + HOTID_EPOCH_JUMP)

enum input {
	ARM, DISARM,
	TAKE_NEXT, TAKE_HIGHER, TAKE_FARTHEST, TAKE_TOO_FAR, TAKE_TOO_HIGH, TAKE_SAME, TAKE_LOWER,
	RELEASE_ANY, RELEASE_SAME, RELEASE_LOWER, RELEASE_HIGHER,
	ARMING_DONE, ARMING_CLEAN, ARMING_UNCLEAN, ARMING_OLD, ARMING_NEW,
	TAKING_DONE, TAKING_CLEAN, TAKING_UNCLEAN, TAKING_OLD, TAKING_NEW,
	RELEASING_DONE, RELEASING_CLEAN, RELEASING_UNCLEAN, RELEASING_OLD, RELEASING_NEW,
	OFFLINE_DONE, ARMED_DONE, HELD_DONE, FAILED_DONE, NO_STATE_DONE,
	CLAIM_LOWER, CLAIM_TOO_HIGH,
	CLAIM_TAKING_JUNIOR, CLAIM_TAKING_SENIOR, CLAIM_HELD_JUNIOR, CLAIM_HELD_SENIOR,
	CLAIM_HIGHER_TAKING, CLAIM_HIGHER_HELD, CLAIM_HIGHEST,
	INPUTS
};

static inline int report(struct hotid_machine *machine, enum input input, const char **why)
{
	static const uint32_t states[] = { ARMING, TAKING, RELEASING };
	unsigned int which = (input - ARMING_DONE) / 5, how = (input - ARMING_DONE) % 5;
	uint64_t epoch = machine->epoch - (how == 3) + (how == 4);
	bool ok = how != 1 && how != 2;

	return hotid_machine_report(machine, states[which], epoch, ok, how != 2, why);
}

/* The input, and what the machine answers; why not, when it refuses. */
static inline int feed(struct hotid_machine *machine, enum input input, const char **why)
{
	static const uint32_t others[] = { OFFLINE, ARMED, HELD, FAILED, 77 };
	uint64_t epoch = machine->epoch;

	switch (input) {
	case ARM:
		return hotid_machine_arm(machine, why);
	case DISARM:
		return hotid_machine_disarm(machine, why);
	case TAKE_NEXT:
		return hotid_machine_takeover(machine, 0, HOTID_REASON_ADMIN, why);
	case TAKE_HIGHER:
		return hotid_machine_takeover(machine, epoch + 5, HOTID_REASON_ADMIN, why);
	case TAKE_FARTHEST:
		return hotid_machine_takeover(machine, machine->known + HOTID_EPOCH_JUMP,
					      HOTID_REASON_ADMIN, why);
	case TAKE_TOO_FAR:
		return hotid_machine_takeover(machine, machine->known + HOTID_EPOCH_JUMP + 1,
					      HOTID_REASON_ADMIN, why);
	case TAKE_TOO_HIGH:
		return hotid_machine_takeover(machine, HIGHEST + 1, HOTID_REASON_ADMIN, why);
	case TAKE_SAME:
		return hotid_machine_takeover(machine, epoch, HOTID_REASON_ADMIN, why);
	case TAKE_LOWER:
		return hotid_machine_takeover(machine, epoch - 1, HOTID_REASON_ADMIN, why);
	case RELEASE_ANY:
		return hotid_machine_release(machine, 0, why);
	case RELEASE_SAME:
		return hotid_machine_release(machine, epoch, why);
	case RELEASE_LOWER:
		return hotid_machine_release(machine, epoch - 1, why);
	case RELEASE_HIGHER:
		return hotid_machine_release(machine, epoch + 1, why);
	case ARMING_DONE ... RELEASING_NEW:
		return report(machine, input, why);
	case OFFLINE_DONE ... NO_STATE_DONE:
		return hotid_machine_report(machine, others[input - OFFLINE_DONE], epoch, true,
					    true, why);
	case CLAIM_LOWER:
		return hotid_machine_advert(machine, epoch - 1, true, true);
	case CLAIM_TOO_HIGH:
		return hotid_machine_advert(machine, HIGHEST + 1, true, true);
	case CLAIM_TAKING_JUNIOR:
		return hotid_machine_advert(machine, epoch, false, false);
	case CLAIM_TAKING_SENIOR:
		return hotid_machine_advert(machine, epoch, false, true);
	case CLAIM_HELD_JUNIOR:
		return hotid_machine_advert(machine, epoch, true, false);
	case CLAIM_HELD_SENIOR:
		return hotid_machine_advert(machine, epoch, true, true);
	case CLAIM_HIGHER_TAKING:
		return hotid_machine_advert(machine, epoch + 7, false, false);
	case CLAIM_HIGHER_HELD:
		return hotid_machine_advert(machine, epoch + 7, true, false);
	case CLAIM_HIGHEST:
		return hotid_machine_advert(machine, HIGHEST, false, false);
	default:
		abort();
	}
}

static inline bool is_claim(enum input input)
{
	return input >= CLAIM_LOWER;
}

static inline bool same(const struct hotid_machine *a, const struct hotid_machine *b)
{
	return a->epoch == b->epoch && a->known == b->known && a->state == b->state &&
	       a->reason == b->reason && a->clean == b->clean && a->fenced == b->fenced;
}

#endif /* HOTID_UNIT_MACHINE_INPUTS_H */

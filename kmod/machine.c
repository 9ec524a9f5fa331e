// SPDX-License-Identifier: GPL-2.0
/*
 * The state machine of an identity on one node. Pure: no locks, no timers, no
 * allocation, so that it compiles in the module and in a host unit test.
 *
 *             arm            ok             takeover         ok
 *   offline ------> arming ------> armed ------------> taking ------> held
 *      ^               |             |                   |              |
 *      |               | disarm      | disarm            | release,     | release,
 *      |               v             v                   v superseded   v superseded
 *      +--- ok --- releasing <---------------------------+--------------+
 *
 * A report of failure leads from arming, taking and releasing to failed;
 * from there disarm leads to releasing, and arm to arming if the failure left
 * nothing behind. The epoch never falls. It grows by a takeover here, or by a
 * advertisement of another node. While something of the identity is on this node, the
 * epoch is the one that it got there by, whatever others advertise: reservation
 * keys are made from it. The next takeover goes beyond the highest one known,
 * which the daemon reports after a boot.
 */
#include "machine.h"

#ifdef __KERNEL__
#include <linux/errno.h>
#else
#include <errno.h>
#endif

bool hotid_machine_in_use(const struct hotid_machine *machine)
{
	return machine->state != HOTID_IDENTITY_STATE_OFFLINE &&
	       !(machine->state == HOTID_IDENTITY_STATE_FAILED && machine->clean);
}

/* What is, or was left, on this node got there by its epoch. */
static bool keeps_epoch(const struct hotid_machine *machine)
{
	return hotid_machine_in_use(machine) &&
	       machine->state != HOTID_IDENTITY_STATE_ARMING &&
	       machine->state != HOTID_IDENTITY_STATE_ARMED;
}

static void change(struct hotid_machine *machine, __u32 state, __u32 reason)
{
	machine->state = state;
	machine->reason = reason;
	if (!keeps_epoch(machine))
		machine->epoch = machine->known;
}

static int refuse(const char **why, int error, const char *sentence)
{
	*why = sentence;
	return error;
}

void hotid_machine_init(struct hotid_machine *machine)
{
	machine->epoch = 0;
	machine->known = 0;
	machine->clean = true;
	machine->fenced = false;
	change(machine, HOTID_IDENTITY_STATE_OFFLINE, HOTID_REASON_NONE);
}

int hotid_machine_arm(struct hotid_machine *machine, const char **why)
{
	switch (machine->state) {
	case HOTID_IDENTITY_STATE_FAILED:
		if (!machine->clean)
			return refuse(why, -EUCLEAN,
				      "the last failure left something behind; disarm it first");
		break;
	case HOTID_IDENTITY_STATE_OFFLINE:
		break;
	case HOTID_IDENTITY_STATE_ARMED:
		return refuse(why, -EALREADY, "the identity is armed already");
	default:
		return refuse(why, -EBUSY,
			      "only an offline identity can be armed; release or disarm it first");
	}
	change(machine, HOTID_IDENTITY_STATE_ARMING, HOTID_REASON_ADMIN);
	return 0;
}

int hotid_machine_disarm(struct hotid_machine *machine, const char **why)
{
	switch (machine->state) {
	case HOTID_IDENTITY_STATE_ARMING:
	case HOTID_IDENTITY_STATE_ARMED:
	case HOTID_IDENTITY_STATE_FAILED:
		change(machine, HOTID_IDENTITY_STATE_RELEASING, HOTID_REASON_ADMIN);
		return 0;
	case HOTID_IDENTITY_STATE_OFFLINE:
		return refuse(why, -EALREADY, "the identity is not armed");
	default:
		return refuse(why, -EBUSY, "the identity is taken; release it instead");
	}
}

int hotid_machine_takeover(struct hotid_machine *machine, __u64 epoch, __u32 reason,
			   const char **why)
{
	if (machine->state != HOTID_IDENTITY_STATE_ARMED)
		return refuse(why, -ENOTCONN, "the identity is not armed; arm it first");
	if (!epoch)
		epoch = machine->known + 1;
	if (epoch > HOTID_EPOCH_MAX)
		return refuse(why, -ERANGE,
			      "the epoch is beyond the highest that there is; give a lower one");
	if (epoch > machine->known + HOTID_EPOCH_JUMP)
		return refuse(why, -ERANGE,
			      "the epoch is too far beyond the one known; give a lower one");
	if (epoch <= machine->known)
		return refuse(why, -ESTALE,
			      "the epoch is not higher than the one known; read it again or leave it out");
	machine->epoch = epoch;
	machine->known = epoch;
	machine->fenced = false;
	change(machine, HOTID_IDENTITY_STATE_TAKING, reason);
	return 0;
}

int hotid_machine_release(struct hotid_machine *machine, __u64 epoch, const char **why)
{
	if (machine->state != HOTID_IDENTITY_STATE_TAKING &&
	    machine->state != HOTID_IDENTITY_STATE_HELD)
		return refuse(why, -ENOTCONN, "this node does not hold the identity");
	if (epoch && epoch != machine->epoch)
		return refuse(why, -ESTALE,
			      "the epoch is not the current one; read it again or leave it out");
	change(machine, HOTID_IDENTITY_STATE_RELEASING, HOTID_REASON_ADMIN);
	return 0;
}

int hotid_machine_current(const struct hotid_machine *machine, __u32 state, __u64 epoch,
			  const char **why)
{
	if (state == HOTID_IDENTITY_STATE_OFFLINE || state >= HOTID_IDENTITY_STATE_FAILED)
		return refuse(why, -EINVAL,
			      "only arming, armed, taking, held and releasing have steps");
	if (state != machine->state || epoch != machine->epoch)
		return refuse(why, -ESTALE,
			      "the report is about a state or epoch that is over; read the identity again");
	return 0;
}

int hotid_machine_report(struct hotid_machine *machine, __u32 state, __u64 epoch,
			 bool ok, bool clean, const char **why)
{
	int error;

	if (state != HOTID_IDENTITY_STATE_ARMING && state != HOTID_IDENTITY_STATE_TAKING &&
	    state != HOTID_IDENTITY_STATE_RELEASING)
		return refuse(why, -EINVAL, "only arming, taking and releasing are ended by a report");
	error = hotid_machine_current(machine, state, epoch, why);
	if (error)
		return error;
	if (!ok) {
		machine->clean = clean;
		change(machine, HOTID_IDENTITY_STATE_FAILED,
		       clean ? HOTID_REASON_STEP_FAILED : HOTID_REASON_UNDO_FAILED);
		return 0;
	}
	machine->clean = true;
	change(machine, state == HOTID_IDENTITY_STATE_ARMING ? HOTID_IDENTITY_STATE_ARMED :
	       state == HOTID_IDENTITY_STATE_TAKING ? HOTID_IDENTITY_STATE_HELD :
	       HOTID_IDENTITY_STATE_OFFLINE, HOTID_REASON_STEPS_DONE);
	return 0;
}

bool hotid_machine_know(struct hotid_machine *machine, __u64 epoch)
{
	if (epoch <= machine->known || epoch > HOTID_EPOCH_MAX)
		return false;
	machine->known = epoch;
	if (!keeps_epoch(machine))
		machine->epoch = epoch;
	return true;
}

bool hotid_machine_fenced(struct hotid_machine *machine)
{
	if (machine->state != HOTID_IDENTITY_STATE_TAKING || machine->fenced)
		return false;
	machine->fenced = true;
	return true;
}

bool hotid_machine_proven(const struct hotid_machine *machine)
{
	return machine->state == HOTID_IDENTITY_STATE_HELD ||
	       (machine->state == HOTID_IDENTITY_STATE_TAKING && machine->fenced);
}

enum hotid_advert_effect hotid_machine_advert(struct hotid_machine *machine, __u64 epoch,
					      bool proven, bool senior)
{
	bool bears = machine->state == HOTID_IDENTITY_STATE_TAKING ||
		     machine->state == HOTID_IDENTITY_STATE_HELD;
	bool firm = hotid_machine_proven(machine), yields;

	if (epoch < (bears ? machine->epoch : machine->known) || epoch > HOTID_EPOCH_MAX)
		return HOTID_ADVERT_OLD;
	/* Of two with one epoch the one that is proven wins, else the senior. */
	if (epoch == machine->epoch)
		yields = firm ? proven && senior : proven || senior;
	else
		yields = proven || !firm;
	if (!bears || !yields)
		return hotid_machine_know(machine, epoch) ? HOTID_ADVERT_NEWER : HOTID_ADVERT_KNOWN;
	machine->epoch = epoch;
	if (machine->known < epoch)
		machine->known = epoch;
	change(machine, HOTID_IDENTITY_STATE_RELEASING, HOTID_REASON_SUPERSEDED);
	return HOTID_ADVERT_SUPERSEDED;
}

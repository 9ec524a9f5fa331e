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
 * claim of another node.
 */
#include "machine.h"

#ifdef __KERNEL__
#include <linux/errno.h>
#else
#include <errno.h>
#endif

static void change(struct hotid_machine *machine, __u32 state, __u32 reason)
{
	machine->state = state;
	machine->reason = reason;
}

static int refuse(const char **why, int error, const char *sentence)
{
	*why = sentence;
	return error;
}

void hotid_machine_init(struct hotid_machine *machine)
{
	machine->epoch = 0;
	machine->clean = true;
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
	machine->clean = true;
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
		epoch = machine->epoch + 1;
	if (epoch > HOTID_EPOCH_MAX)
		return refuse(why, -ERANGE,
			      "the epoch is beyond the highest that there is; give a lower one");
	if (epoch <= machine->epoch)
		return refuse(why, -ESTALE,
			      "the epoch is not higher than the one known; read it again or leave it out");
	machine->epoch = epoch;
	machine->clean = true;
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
	if (state != HOTID_IDENTITY_STATE_ARMING && state != HOTID_IDENTITY_STATE_TAKING &&
	    state != HOTID_IDENTITY_STATE_RELEASING)
		return refuse(why, -EINVAL,
			      "only arming, taking and releasing are reported on");
	if (state != machine->state || epoch != machine->epoch)
		return refuse(why, -ESTALE,
			      "the report is about a state or epoch that is over; read the identity again");
	return 0;
}

int hotid_machine_report(struct hotid_machine *machine, __u32 state, __u64 epoch,
			 bool ok, bool clean, const char **why)
{
	int error = hotid_machine_current(machine, state, epoch, why);

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

enum hotid_claim_effect hotid_machine_claim(struct hotid_machine *machine, __u64 epoch,
					    bool held, bool senior)
{
	bool taking = machine->state == HOTID_IDENTITY_STATE_TAKING;
	bool holds = machine->state == HOTID_IDENTITY_STATE_HELD;
	/* Of two with one epoch the one that holds wins, else the senior. */
	bool yields = taking ? held || senior : holds && held && senior;

	if (epoch < machine->epoch || epoch > HOTID_EPOCH_MAX)
		return HOTID_CLAIM_OLD;
	if (epoch == machine->epoch && !yields)
		return HOTID_CLAIM_KNOWN;
	machine->epoch = epoch;
	if (!taking && !holds)
		return HOTID_CLAIM_NEWER;
	change(machine, HOTID_IDENTITY_STATE_RELEASING, HOTID_REASON_SUPERSEDED);
	return HOTID_CLAIM_SUPERSEDED;
}

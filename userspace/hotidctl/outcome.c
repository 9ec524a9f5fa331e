// SPDX-License-Identifier: GPL-2.0
/* The part of wait.h that talks to nobody. */
#include "wait.h"

enum outcome wait_outcome(const struct goal *goal, uint32_t state, bool clean)
{
	if (state == goal->wanted)
		return REACHED;
	switch (state) {
	case HOTID_IDENTITY_STATE_FAILED:
		return clean ? FAILED : LEFT_BEHIND;
	case HOTID_IDENTITY_STATE_OFFLINE:
		return OTHERWISE;	/* somebody released it meanwhile */
	case HOTID_IDENTITY_STATE_TAKING:
	case HOTID_IDENTITY_STATE_HELD:
		/* Only an armed identity gets there: the event of it was lost. */
		return goal->wanted == HOTID_IDENTITY_STATE_ARMED ? REACHED : GOING_ON;
	default:
		return GOING_ON;
	}
}

// SPDX-License-Identifier: GPL-2.0
/* hotidctl disarm: undo what arming staged, or what a failure left. */
#include "wait.h"

static int send(struct ctl *ctl)
{
	return hotid_identity_disarm(ctl->h, ctl->name);
}

int ctl_disarm(struct ctl *ctl)
{
	static const struct goal goal = {
		.send = send,
		.through = HOTID_IDENTITY_STATE_RELEASING,
		.wanted = HOTID_IDENTITY_STATE_OFFLINE,
	};

	return wait_for_goal(ctl, &goal);
}

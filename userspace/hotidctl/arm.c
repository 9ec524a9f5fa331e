// SPDX-License-Identifier: GPL-2.0
/* hotidctl arm: make this node a spare for an identity. */
#include "wait.h"

static int send(struct ctl *ctl)
{
	return hotid_identity_arm(ctl->h, ctl->name);
}

int ctl_arm(struct ctl *ctl)
{
	static const struct goal goal = {
		.send = send,
		.through = HOTID_IDENTITY_STATE_ARMING,
		.wanted = HOTID_IDENTITY_STATE_ARMED,
	};

	return wait_for_goal(ctl, &goal);
}

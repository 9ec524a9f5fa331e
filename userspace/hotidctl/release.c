// SPDX-License-Identifier: GPL-2.0
/* hotidctl release: stop holding an identity. */
#include "wait.h"

static int send(struct ctl *ctl)
{
	return hotid_identity_release(ctl->h, ctl->name, ctl->epoch);
}

int ctl_release(struct ctl *ctl)
{
	static const struct goal goal = {
		.send = send,
		.through = HOTID_IDENTITY_STATE_RELEASING,
		.wanted = HOTID_IDENTITY_STATE_OFFLINE,
	};

	return wait_for_goal(ctl, &goal);
}

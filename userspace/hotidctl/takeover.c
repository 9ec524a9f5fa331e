// SPDX-License-Identifier: GPL-2.0
/* hotidctl takeover: fence the holder of an identity and become it. */
#include "wait.h"

static int send(struct ctl *ctl)
{
	return hotid_identity_takeover(ctl->h, ctl->name, ctl->epoch);
}

int ctl_takeover(struct ctl *ctl)
{
	static const struct goal goal = {
		.send = send,
		.through = HOTID_IDENTITY_STATE_TAKING,
		.wanted = HOTID_IDENTITY_STATE_HELD,
	};

	return wait_for_goal(ctl, &goal);
}

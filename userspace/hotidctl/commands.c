// SPDX-License-Identifier: GPL-2.0
/* hotidctl arm, disarm, takeover, release: what each sends, and where it leads. */
#include <string.h>

#include "wait.h"

static int send_arm(struct hotid *h, const char *name, uint64_t epoch)
{
	return hotid_identity_arm(h, name);
}

static int send_disarm(struct hotid *h, const char *name, uint64_t epoch)
{
	return hotid_identity_disarm(h, name);
}

static const struct goal goals[] = {
	{ "arm", send_arm, HOTID_IDENTITY_STATE_ARMING, HOTID_IDENTITY_STATE_ARMED },
	{ "disarm", send_disarm, HOTID_IDENTITY_STATE_RELEASING,
	  HOTID_IDENTITY_STATE_OFFLINE },
	{ "takeover", hotid_identity_takeover, HOTID_IDENTITY_STATE_TAKING,
	  HOTID_IDENTITY_STATE_HELD },
	{ "release", hotid_identity_release, HOTID_IDENTITY_STATE_RELEASING,
	  HOTID_IDENTITY_STATE_OFFLINE },
};

int ctl_command(struct ctl *ctl)
{
	const struct goal *goal = goals;

	/* main() runs this for no other word. */
	while (strcmp(goal->word, ctl->word))
		goal++;
	return wait_for_goal(ctl, goal);
}

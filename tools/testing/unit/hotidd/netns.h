/* SPDX-License-Identifier: GPL-2.0 */
/* A network namespace of the test's own, with the host's kernel in it. */
#ifndef HOTID_UNIT_NETNS_H
#define HOTID_UNIT_NETNS_H

#include <sched.h>
#include <unistd.h>

#include "ktap.h"

/* The process is in one from then on. False, and the test is skipped, where it may not. */
static inline bool netns_enter(void)
{
	if (!unshare(CLONE_NEWNET) || !unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return true;
	ktap_skip("no network namespace for this user");
	return false;
}

#endif /* HOTID_UNIT_NETNS_H */

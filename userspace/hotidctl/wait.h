/* SPDX-License-Identifier: GPL-2.0 */
/* Where the commands on an identity lead. */
#ifndef HOTIDCTL_WAIT_H
#define HOTIDCTL_WAIT_H

#include "ctl.h"

struct goal {
	const char *word;
	int (*send)(struct hotid *h, const char *name, uint64_t epoch);
	uint32_t through;		/* the state the module goes to at once */
	uint32_t wanted;		/* the state asked for */
};

enum outcome { GOING_ON, REACHED, FAILED, LEFT_BEHIND, OTHERWISE };

/* What it means that the identity is in this state after the command. */
enum outcome wait_outcome(const struct goal *goal, uint32_t state, bool clean);

#endif /* HOTIDCTL_WAIT_H */

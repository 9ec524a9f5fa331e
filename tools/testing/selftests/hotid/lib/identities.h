/* SPDX-License-Identifier: GPL-2.0 */
/* Identities of a node, brought into the state that a test wants. */
#ifndef SELFTEST_IDENTITIES_H
#define SELFTEST_IDENTITIES_H

#include "node.h"

#define OFFLINE		HOTID_IDENTITY_STATE_OFFLINE
#define ARMING		HOTID_IDENTITY_STATE_ARMING
#define ARMED		HOTID_IDENTITY_STATE_ARMED
#define TAKING		HOTID_IDENTITY_STATE_TAKING
#define HELD		HOTID_IDENTITY_STATE_HELD
#define RELEASING	HOTID_IDENTITY_STATE_RELEASING
#define FAILED		HOTID_IDENTITY_STATE_FAILED

/* Without its steps. */
struct hotid_identity identity_read(const struct node *node, const char *name);
uint32_t identity_state(const struct node *node, const char *name);

/*
 * Declare it and bring it to a state; what has an epoch then has this one, and
 * the node a daemon. FAILED is clean here.
 */
void identity_bring(const struct node *node, const char *name, uint32_t flags, uint32_t state,
		    uint64_t epoch);

/* What the daemon would say at the end of what the state asks for. */
void identity_done(const struct node *node, const char *name);

#endif /* SELFTEST_IDENTITIES_H */

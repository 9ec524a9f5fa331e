// SPDX-License-Identifier: GPL-2.0
#include "identities.h"

#include <errno.h>
#include <string.h>

struct hotid_identity identity_read(const struct node *node, const char *name)
{
	struct hotid_identity read, copy;

	MUST(node->h, hotid_identity_get(node->h, name, &read));
	copy = read;
	hotid_identity_clear(&read);
	copy.steps = NULL;
	copy.n_steps = 0;
	return copy;
}

uint32_t identity_state(const struct node *node, const char *name)
{
	return identity_read(node, name).state;
}

void identity_done(const struct node *node, const char *name)
{
	struct hotid_identity now = identity_read(node, name);

	MUST(node->h, hotid_identity_report(node->h, name, now.state, now.epoch, 0, true, ""));
}

void identity_bring(const struct node *node, const char *name, uint32_t flags, uint32_t state,
		    uint64_t epoch)
{
	struct hotid *h = node->h;

	MUST(h, hotid_identity_new(h, name, flags));
	if (state == OFFLINE)
		return;
	MUST(h, hotid_identity_arm(h, name));
	if (state == ARMING)
		return;
	identity_done(node, name);
	if (state == ARMED)
		return;
	node_daemon_lives(node);
	MUST(h, hotid_identity_takeover(h, name, epoch));
	if (state == TAKING)
		return;
	if (state == FAILED) {
		MUST(h, hotid_identity_report(h, name, TAKING, epoch, EIO, true, "no medium"));
		return;
	}
	identity_done(node, name);
	if (state == HELD)
		return;
	MUST(h, hotid_identity_release(h, name, 0));
}

// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The smallest orchestrator: takes an identity over on this node and waits
 * for the end. "example-takeover NAME" exits with 0 when the identity is held.
 */
#include <errno.h>
#include <hotid.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

struct goal {
	const char *name;
	uint64_t since;			/* older news is not about this takeover */
	uint32_t state;			/* the last one heard of */
};

static void on_event(const struct hotid_event *event, void *data)
{
	struct goal *goal = data;

	if (event->type == HOTID_EVENT_PEER || event->type == HOTID_EVENT_LOST ||
	    strcmp(event->identity->name, goal->name))
		return;
	if (event->type == HOTID_EVENT_STEP)
		printf("  %s: %s\n", event->identity->steps[0].name,
		       hotid_status_name(event->identity->steps[0].status));
	else if (event->identity->changed_ns >= goal->since)
		goal->state = event->identity->state;
}

static int fail(struct hotid *h, int error)
{
	fprintf(stderr, "takeover: %s\n", hotid_strerror(h, error));
	return 1;
}

int main(int argc, char **argv)
{
	struct goal goal = { .name = argv[1], .state = HOTID_IDENTITY_STATE_TAKING };
	struct hotid_node node;
	struct pollfd fd = { .events = POLLIN };
	struct hotid *h;
	int err;

	if (argc != 2)
		return 2;
	err = hotid_open(&h);
	if (err < 0)
		return fail(NULL, err);

	/* Listen first, then ask: so nothing is missed. */
	err = hotid_subscribe(h, on_event, &goal);
	if (err >= 0)
		err = hotid_node_get(h, &node);
	if (err < 0)
		return fail(h, err);
	goal.since = node.now_ns;
	hotid_node_clear(&node);
	err = hotid_identity_takeover(h, goal.name, 0);
	if (err < 0)
		return fail(h, err);

	fd.fd = hotid_event_fd(h);
	while (goal.state == HOTID_IDENTITY_STATE_TAKING) {
		if (poll(&fd, 1, 60000) == 0)
			return fail(NULL, -ETIMEDOUT);
		err = hotid_dispatch(h);
		if (err < 0)
			return fail(h, err);
	}
	printf("%s: %s\n", goal.name, hotid_state_name(goal.state));
	hotid_close(h);
	return goal.state != HOTID_IDENTITY_STATE_HELD;
}

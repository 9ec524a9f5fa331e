// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The smallest orchestrator. "orchestrator PEER IDENTITY" watches a peer, and when it is
 * down takes the identity over on this node, as soon as it is armed here. Exits with 0
 * when the identity is held. Nothing blocks but poll(), where a program would have its
 * event loop.
 */
#include <hotid.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

struct orchestrator {
	struct hotid *h;
	const char *peer, *identity;
	bool down, asked, done;
	uint32_t state;			/* of the identity */
	int error;			/* of a request that was refused */
};

static void on_event(const struct hotid_event *event, void *data);

static void on_takeover(const struct hotid_event *event, void *data)
{
	struct orchestrator *o = data;

	if (event->type != HOTID_EVENT_DONE || !event->error)
		return;
	fprintf(stderr, "takeover of %s: %s\n", o->identity, event->text);
	o->error = event->error;
}

/* The policy: here, whatever a person would type "hotidctl takeover" for. */
static void decide(struct orchestrator *o)
{
	if (o->down && !o->asked && o->state == HOTID_IDENTITY_STATE_ARMED) {
		printf("%s is down: taking %s over\n", o->peer, o->identity);
		o->error = hotid_identity_takeover_async(o->h, o->identity, 0, on_takeover, o);
		o->asked = true;
	}
	if (o->asked && (o->state == HOTID_IDENTITY_STATE_HELD ||
			 o->state == HOTID_IDENTITY_STATE_FAILED))
		o->done = true;
}

/* All there is now; what changes afterwards comes as an event. */
static int read_all(struct orchestrator *o)
{
	int error = hotid_peer_dump_async(o->h, on_event, o);

	return error ? error : hotid_identity_dump_async(o->h, on_event, o);
}

/* Events, and what read_all() finds. */
static void on_event(const struct hotid_event *event, void *data)
{
	struct orchestrator *o = data;

	if (event->type == HOTID_EVENT_LOST ||
	    (event->type == HOTID_EVENT_DONE && event->error == -EAGAIN))
		o->error = read_all(o);
	else if (event->type == HOTID_EVENT_DONE && event->error)
		o->error = event->error;
	else if (event->type == HOTID_EVENT_PEER && !strcmp(event->peer->name, o->peer))
		o->down = event->peer->state == HOTID_PEER_STATE_DOWN;
	else if (event->type == HOTID_EVENT_STEP && !strcmp(event->identity->name, o->identity))
		printf("  %s: %s\n", event->identity->steps[0].name,
		       hotid_status_name(event->identity->steps[0].status));
	else if (event->type == HOTID_EVENT_IDENTITY &&
		 !strcmp(event->identity->name, o->identity))
		o->state = event->identity->state;
	decide(o);
}

int main(int argc, char **argv)
{
	struct orchestrator o = { 0 };
	struct pollfd fd = { .events = POLLIN };

	if (argc != 3)
		return 2;
	o.peer = argv[1];
	o.identity = argv[2];
	o.error = hotid_open(&o.h);
	/* Events first, then what there is, so that nothing is missed between. */
	if (!o.error)
		o.error = hotid_subscribe(o.h, on_event, &o);
	if (!o.error)
		o.error = read_all(&o);
	fd.fd = o.h ? hotid_fd(o.h) : -1;
	while (!o.error && !o.done && poll(&fd, 1, -1) >= 0)
		o.error = hotid_dispatch(o.h) ?: o.error;
	if (o.error)
		fprintf(stderr, "orchestrator: %s\n", hotid_strerror(o.h, o.error));
	else
		printf("%s: %s\n", o.identity, hotid_state_name(o.state));
	hotid_close(o.h);
	return o.error || o.state != HOTID_IDENTITY_STATE_HELD;
}

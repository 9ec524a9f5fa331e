// SPDX-License-Identifier: GPL-2.0
#include "listener.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "net.h"
#include "node.h"

static bool is_new(const struct hotid_event *event)
{
	return event->type == HOTID_EVENT_PEER && event->peer->event == HOTID_REASON_NONE &&
	       event->peer->state == HOTID_PEER_STATE_UNKNOWN;
}

static void note_event(const struct hotid_event *event, void *data)
{
	struct listener *listener = data;
	struct note *note;

	if (!listener->membership && (is_new(event) || event->type == HOTID_EVENT_PEER_DEL))
		return;
	listener->notes = reallocarray(listener->notes, listener->n + 1, sizeof(*note));
	if (!listener->notes)
		err(1, "listener");
	note = &listener->notes[listener->n++];
	memset(note, 0, sizeof(*note));
	note->type = event->type;
	if (event->peer)
		note->peer = *event->peer;
	if (event->node) {
		note->node = *event->node;
		note->node.probes = NULL;
		note->node.n_probes = 0;
	}
	if (event->identity) {
		note->identity = *event->identity;
		note->identity.steps = NULL;
		note->identity.n_steps = 0;
		if (event->type == HOTID_EVENT_STEP)
			note->step = event->identity->steps[0];
	}
}

void listener_open(struct listener *listener, int ns)
{
	memset(listener, 0, sizeof(*listener));
	listener->h = node_connect(ns);
	/* Events have a socket of their own. */
	ns_enter(ns);
	MUST(listener->h, hotid_subscribe(listener->h, note_event, listener));
	ns_home();
}

const struct note *listener_next(struct listener *listener, uint64_t limit_ns)
{
	struct pollfd readable = { .fd = hotid_event_fd(listener->h), .events = POLLIN };
	uint64_t end = now_ns() + limit_ns;

	while (listener->next == listener->n) {
		uint64_t now = now_ns();

		if (now >= end)
			return NULL;
		if (poll(&readable, 1, (end - now + MS - 1) / MS) > 0)
			MUST(listener->h, hotid_dispatch(listener->h));
	}
	return &listener->notes[listener->next++];
}

const struct note *listener_peer(struct listener *listener, const uint8_t id[HOTID_ID_LEN],
				 uint64_t limit_ns)
{
	uint64_t end = now_ns() + limit_ns;
	const struct note *note;

	do {
		uint64_t now = now_ns();

		note = listener_next(listener, now < end ? end - now : 0);
	} while (note && (note->type != HOTID_EVENT_PEER ||
			  memcmp(note->peer.id, id, HOTID_ID_LEN)));
	return note;
}

const struct note *listener_identity(struct listener *listener, const char *name,
				     uint64_t limit_ns)
{
	uint64_t end = now_ns() + limit_ns;
	const struct note *note;

	do {
		uint64_t now = now_ns();

		note = listener_next(listener, now < end ? end - now : 0);
	} while (note && (note->type != HOTID_EVENT_IDENTITY ||
			  strcmp(note->identity.name, name)));
	return note;
}

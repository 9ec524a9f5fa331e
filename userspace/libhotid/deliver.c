// SPDX-License-Identifier: LGPL-2.1-or-later
#include "deliver.h"

#include <errno.h>
#include <stdlib.h>

#include "identity.h"
#include "layout.h"
#include "node.h"
#include "peer.h"

int deliver_event(const struct receiver *to, const struct hotid_event *event)
{
	void *copy;
	const struct hotid_event *seen = layout_view(event, sizeof(*event), to->h->sizes.event,
						     &copy);

	if (!seen)
		return -ENOMEM;
	to->fn(seen, to->data);
	free(copy);
	return 0;
}

static int deliver_peer(const struct receiver *to, struct hotid_event *event,
			struct nlattr *attrs, int len)
{
	struct hotid_peer peer;
	void *copy;
	int err;

	err = peer_parse(attrs, len, &peer);
	if (err < 0)
		return err;
	event->peer = layout_view(&peer, sizeof(peer), to->h->sizes.peer, &copy);
	err = event->peer ? deliver_event(to, event) : -ENOMEM;
	free(copy);
	return err;
}

static int deliver_identity(const struct receiver *to, struct hotid_event *event,
			    struct nlattr *attrs, int len)
{
	struct hotid_identity identity;
	void *copy = NULL;
	int err;

	err = identity_parse(attrs, len, &identity);
	/* A step event without a step has no content. */
	if (!err && event->type == HOTID_EVENT_STEP && !identity.n_steps)
		err = -EBADMSG;
	if (err < 0)
		goto out;
	event->identity = layout_view(&identity, sizeof(identity), to->h->sizes.identity, &copy);
	err = event->identity ? deliver_event(to, event) : -ENOMEM;
	free(copy);
out:
	hotid_identity_clear(&identity);
	return err;
}

static int deliver_node(const struct receiver *to, struct hotid_event *event,
			struct nlattr *attrs, int len)
{
	struct hotid_node node;
	void *copy = NULL;
	int err;

	err = node_parse(attrs, len, &node);
	if (err < 0)
		goto out;
	event->node = layout_view(&node, sizeof(node), to->h->sizes.node, &copy);
	err = event->node ? deliver_event(to, event) : -ENOMEM;
	free(copy);
out:
	hotid_node_clear(&node);
	return err;
}

int deliver(const struct receiver *to, enum hotid_event_type type, struct nlattr *attrs, int len)
{
	struct hotid_event event = { .type = type };

	switch (type) {
	case HOTID_EVENT_PEER:
	case HOTID_EVENT_PEER_DEL:
		return deliver_peer(to, &event, attrs, len);
	case HOTID_EVENT_IDENTITY:
	case HOTID_EVENT_IDENTITY_DEL:
	case HOTID_EVENT_STEP:
		return deliver_identity(to, &event, attrs, len);
	case HOTID_EVENT_NODE:
		return deliver_node(to, &event, attrs, len);
	default:
		return deliver_event(to, &event);
	}
}

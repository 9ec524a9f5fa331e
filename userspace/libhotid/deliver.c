// SPDX-License-Identifier: LGPL-2.1-or-later
#include "deliver.h"

#include <errno.h>
#include <stdlib.h>

#include "layout.h"
#include "object.h"

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

int deliver(const struct receiver *to, enum hotid_event_type type, struct nlattr *attrs, int len)
{
	static const struct object *const objects[] = {
		[HOTID_EVENT_PEER] = &peer_object,
		[HOTID_EVENT_PEER_DEL] = &peer_object,
		[HOTID_EVENT_IDENTITY] = &identity_object,
		[HOTID_EVENT_IDENTITY_DEL] = &identity_object,
		[HOTID_EVENT_STEP] = &identity_object,
		[HOTID_EVENT_NODE] = &node_object,
	};
	const struct object *object = objects[type];
	struct hotid_event event = { .type = type };
	union {
		struct hotid_peer peer;
		struct hotid_identity identity;
		struct hotid_node node;
	} item;
	const void *view = NULL;
	void *copy = NULL;
	int err = object_read(object, attrs, len, &item);

	/* A step event without a step has no content. */
	if (!err && type == HOTID_EVENT_STEP && !item.identity.n_steps)
		err = -EBADMSG;
	if (!err) {
		view = layout_view(&item, object->size, object_size(object, to->h), &copy);
		event.peer = object == &peer_object ? view : NULL;
		event.identity = object == &identity_object ? view : NULL;
		event.node = object == &node_object ? view : NULL;
		err = view ? deliver_event(to, &event) : -ENOMEM;
	}
	free(copy);
	object_clear(object, &item);
	return err;
}

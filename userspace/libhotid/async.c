// SPDX-License-Identifier: LGPL-2.1-or-later
/* The requests of hotid.h that do not wait for their answer. */
#include "call.h"

/* @name and @epoch are left out where they are NULL and 0. */
static int start(struct hotid *h, uint8_t cmd, int flags, const char *name, uint64_t epoch,
		 enum hotid_event_type type, hotid_event_fn fn, void *data)
{
	struct request rq;

	request_start(&rq, h, cmd);
	if (name)
		request_string(&rq, HOTID_A_IDENTITY_NAME, name);
	if (epoch)
		request_u64(&rq, HOTID_A_IDENTITY_EPOCH, epoch);
	return call_start(&rq, flags, type, fn, data);
}

int hotid_node_get_async(struct hotid *h, hotid_event_fn fn, void *data)
{
	return start(h, HOTID_CMD_NODE_GET, NLM_F_ACK, NULL, 0, HOTID_EVENT_NODE, fn, data);
}

int hotid_peer_dump_async(struct hotid *h, hotid_event_fn fn, void *data)
{
	return start(h, HOTID_CMD_PEER_GET, NLM_F_DUMP, NULL, 0, HOTID_EVENT_PEER, fn, data);
}

int hotid_identity_dump_async(struct hotid *h, hotid_event_fn fn, void *data)
{
	return start(h, HOTID_CMD_IDENTITY_GET, NLM_F_DUMP, NULL, 0, HOTID_EVENT_IDENTITY, fn,
		     data);
}

/* A request about one identity. */
static int about(struct hotid *h, uint8_t cmd, const char *name, uint64_t epoch,
		 hotid_event_fn fn, void *data)
{
	return start(h, cmd, NLM_F_ACK, name, epoch, HOTID_EVENT_IDENTITY, fn, data);
}

int hotid_identity_get_async(struct hotid *h, const char *name, hotid_event_fn fn, void *data)
{
	return about(h, HOTID_CMD_IDENTITY_GET, name, 0, fn, data);
}

int hotid_identity_arm_async(struct hotid *h, const char *name, hotid_event_fn fn, void *data)
{
	return about(h, HOTID_CMD_IDENTITY_ARM, name, 0, fn, data);
}

int hotid_identity_disarm_async(struct hotid *h, const char *name, hotid_event_fn fn, void *data)
{
	return about(h, HOTID_CMD_IDENTITY_DISARM, name, 0, fn, data);
}

int hotid_identity_takeover_async(struct hotid *h, const char *name, uint64_t epoch,
				  hotid_event_fn fn, void *data)
{
	return about(h, HOTID_CMD_IDENTITY_TAKEOVER, name, epoch, fn, data);
}

int hotid_identity_release_async(struct hotid *h, const char *name, uint64_t epoch,
				 hotid_event_fn fn, void *data)
{
	return about(h, HOTID_CMD_IDENTITY_RELEASE, name, epoch, fn, data);
}

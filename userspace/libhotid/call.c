// SPDX-License-Identifier: LGPL-2.1-or-later
#include "call.h"

#include <errno.h>
#include <netlink/errno.h>
#include <netlink/socket.h>
#include <stdlib.h>

#include "deliver.h"
#include "explain.h"
#include "request.h"

struct call {
	struct call *next;
	struct receiver to;
	enum hotid_event_type type;
	struct exchange exchange;
};

static void call_free(struct call *call)
{
	nlmsg_free(call->exchange.request);
	free(call);
}

void call_drop_all(struct hotid *h)
{
	while (h->calls) {
		struct call *call = h->calls;

		h->calls = call->next;
		call_free(call);
	}
}

/* A new socket: on the old one answers to what was given up may still arrive. */
static int connect_anew(struct hotid *h)
{
	int err;

	h->call_socket = nl_socket_alloc();
	if (!h->call_socket)
		return -ENOMEM;
	err = hotid_connect(h->call_socket);
	if (!err && nl_socket_set_nonblocking(h->call_socket) < 0)
		err = -EIO;
	if (!err)
		err = hotid_poll_add(h, h->call_socket);
	if (err) {
		nl_socket_free(h->call_socket);
		h->call_socket = NULL;
	}
	return err;
}

/* Where the first call cannot be sent that is how it ends. */
static int send_first(struct hotid *h)
{
	int err = h->call_socket ? 0 : connect_anew(h);

	if (!err) {
		err = nl_send_auto(h->call_socket, h->calls->exchange.request);
		err = err < 0 ? hotid_errno(err) : 0;
	}
	if (err)
		exchange_fail(&h->calls->exchange, err, explain_errno(err));
	return err;
}

/* The first call has ended: send those after it until one is under way. */
static void end_first(struct hotid *h)
{
	int err;

	do {
		struct call *call = h->calls;
		struct hotid_event event = { .type = HOTID_EVENT_DONE };

		event.error = call->exchange.error;
		event.text = event.error ? call->exchange.text : NULL;
		h->calls = call->next;
		err = h->calls ? send_first(h) : 0;
		/* A program without memory still has to learn of the end. */
		if (deliver_event(&call->to, &event) < 0)
			call->to.fn(&event, call->to.data);
		call_free(call);
	} while (err && h->calls);
}

int call_dispatch(struct hotid *h)
{
	int err = 0;

	while (h->calls && err >= 0) {
		struct exchange *first = &h->calls->exchange;

		nl_socket_modify_cb(h->call_socket, NL_CB_MSG_IN, NL_CB_CUSTOM, exchange_message,
				    first);
		err = nl_recvmsgs_default(h->call_socket);
		if (first->done)
			end_first(h);
	}
	if (!h->calls || err == -NLE_AGAIN)
		return 0;
	/* What is under way is lost; those after it are sent on a new socket. */
	err = hotid_errno(err);
	exchange_fail(&h->calls->exchange, err, explain_errno(err));
	nl_socket_free(h->call_socket);
	h->call_socket = NULL;
	end_first(h);
	return 0;
}

static int deliver_item(struct nlattr *attrs, int len, void *data)
{
	struct call *call = data;

	return deliver(&call->to, call->type, attrs, len);
}

/* Send a request, or have it sent when those before it are answered. */
static int queue(struct request *rq, int flags, enum hotid_event_type type, hotid_event_fn fn,
		 void *data)
{
	struct hotid *h = rq->h;
	struct call *call, **end;
	int err = request_finish(rq);

	if (err)
		return err;
	call = calloc(1, sizeof(*call));
	if (!call) {
		nlmsg_free(rq->msg);
		return hotid_fail(h, -ENOMEM, "%s", explain_errno(-ENOMEM));
	}
	nlmsg_hdr(rq->msg)->nlmsg_flags |= flags;
	*call = (struct call){
		.to = { h, fn, data },
		.type = type,
		.exchange = { .h = h, .request = rq->msg, .parse = deliver_item, .data = call },
	};
	for (end = &h->calls; *end; end = &(*end)->next)
		;
	*end = call;
	err = h->calls == call ? send_first(h) : 0;
	if (!err)
		return 0;
	h->calls = NULL;
	call_free(call);
	return hotid_fail(h, err, "talking to hotid.ko failed: %s", explain_errno(err));
}

static int start(struct hotid *h, uint8_t cmd, int flags, const char *name, uint64_t epoch,
		 enum hotid_event_type type, hotid_event_fn fn, void *data)
{
	struct request rq;

	request_identity(&rq, h, cmd, name, epoch);
	return queue(&rq, flags, type, fn, data);
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

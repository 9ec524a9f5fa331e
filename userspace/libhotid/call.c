// SPDX-License-Identifier: LGPL-2.1-or-later
#include "call.h"

#include <errno.h>
#include <netlink/errno.h>
#include <netlink/genl/genl.h>
#include <netlink/handlers.h>
#include <netlink/socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explain.h"

struct call {
	struct call *next;
	struct receiver to;
	struct nl_msg *msg;		/* kept, to word a refusal */
	enum hotid_event_type type;
	int error;			/* of an answer that could not be given */
};

static void call_free(struct call *call)
{
	nlmsg_free(call->msg);
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

	if (!h->call_socket)
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

static int send_first(struct hotid *h)
{
	int err = h->call_socket ? 0 : connect_anew(h);

	if (err)
		return err;
	err = nl_send_auto(h->call_socket, h->calls->msg);
	return err < 0 ? hotid_errno(err) : 0;
}

/* End the first call, and send those after it until one is under way. */
static void end_first(struct hotid *h, int error, const char *text)
{
	do {
		struct hotid_event event = { .type = HOTID_EVENT_DONE, .error = error,
					     .text = text };
		struct call *call = h->calls;

		h->calls = call->next;
		error = h->calls ? send_first(h) : 0;
		text = explain_errno(error);
		/* A program without memory still has to learn of the end. */
		if (deliver_event(&call->to, &event) < 0)
			call->to.fn(&event, call->to.data);
		call_free(call);
	} while (error && h->calls);
}

static int on_answer(struct nl_msg *msg, void *data)
{
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	char text[HOTID_TEXT_MAX] = "";
	struct hotid *h = data;
	struct call *call = h->calls;
	int error;

	/* Only the kernel is accepted, and only on the request that is under way. */
	if (!call || nlmsg_get_src(msg)->nl_pid ||
	    hdr->nlmsg_seq != nlmsg_hdr(call->msg)->nlmsg_seq)
		return NL_SKIP;
	if (hdr->nlmsg_flags & NLM_F_DUMP_INTR)
		call->error = -EAGAIN;

	if (hdr->nlmsg_type == NLMSG_ERROR || hdr->nlmsg_type == NLMSG_DONE) {
		error = explain_answer(nlmsg_hdr(call->msg), hdr, text, sizeof(text));
		if (!error && call->error) {
			error = call->error;
			snprintf(text, sizeof(text), "%s", error == -EAGAIN ?
				 "the list changed while it was read; read it again" :
				 explain_errno(error));
		}
		end_first(h, error, error ? text : NULL);
	} else if (hdr->nlmsg_type == h->family && !call->error) {
		if (!genlmsg_valid_hdr(hdr, 0))
			call->error = -EBADMSG;
		else
			call->error = deliver(&call->to, call->type,
					      genlmsg_attrdata(genlmsg_hdr(hdr), 0),
					      genlmsg_attrlen(genlmsg_hdr(hdr), 0));
	}
	return NL_SKIP;
}

int call_dispatch(struct hotid *h)
{
	struct nl_cb *cb;
	int err = 0;

	if (!h->calls)
		return 0;
	cb = nl_cb_alloc(NL_CB_CUSTOM);
	if (!cb)
		return hotid_fail(h, -ENOMEM, "%s", explain_errno(-ENOMEM));
	nl_cb_set(cb, NL_CB_MSG_IN, NL_CB_CUSTOM, on_answer, h);
	while (h->calls && err >= 0)
		err = nl_recvmsgs(h->call_socket, cb);
	nl_cb_put(cb);
	if (err >= 0 || err == -NLE_AGAIN)
		return 0;

	if (!h->calls)
		return 0;
	/* What is under way is lost; those after it are sent on a new socket. */
	err = hotid_errno(err);
	nl_socket_free(h->call_socket);
	h->call_socket = NULL;
	end_first(h, err, explain_errno(err));
	return 0;
}

int call_start(struct request *rq, int flags, enum hotid_event_type type, hotid_event_fn fn,
	       void *data)
{
	struct hotid *h = rq->h;
	struct call *call = calloc(1, sizeof(*call)), **end;
	int err;

	if (!rq->msg || !call || rq->overflow) {
		nlmsg_free(rq->msg);
		free(call);
		if (!rq->overflow)
			return hotid_fail(h, -ENOMEM, "%s", explain_errno(-ENOMEM));
		return hotid_fail(h, -EMSGSIZE, "the request is too long for one message");
	}
	nlmsg_hdr(rq->msg)->nlmsg_flags |= flags;
	*call = (struct call){ .to = { h, fn, data }, .msg = rq->msg, .type = type };
	for (end = &h->calls; *end; end = &(*end)->next)
		;
	*end = call;
	if (h->calls != call)
		return 0;
	err = send_first(h);
	if (!err)
		return 0;
	h->calls = NULL;
	call_free(call);
	return hotid_fail(h, err, "talking to hotid.ko failed: %s", explain_errno(err));
}

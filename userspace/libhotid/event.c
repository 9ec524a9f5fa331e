// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Events. They have a socket of their own, so that a request may be made from
 * within an event and its answer never mixes with them.
 */
#include <errno.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/handlers.h>
#include <netlink/socket.h>
#include <sys/socket.h>

#include "explain.h"
#include "handle.h"
#include "identity.h"
#include "node.h"
#include "peer.h"

/* Some thousand steps may wait here while the caller is busy. */
#define RECEIVE_BUFFER	(4 << 20)

/* One call of hotid_dispatch() ends, even when events come faster than it reads. */
#define DISPATCH_MAX	4096

struct dispatch {
	struct hotid *h;
	bool lost;
};

static void dispatch_peer(struct dispatch *d, struct nlattr *attrs, int len,
			  enum hotid_event_type type)
{
	struct hotid_event event = { .type = type };
	struct hotid_peer peer;

	if (peer_parse(attrs, len, &peer) < 0) {
		d->lost = true;
		return;
	}
	event.peer = &peer;
	d->h->event_fn(&event, d->h->event_data);
}

static void dispatch_identity(struct dispatch *d, struct nlattr *attrs, int len,
			      enum hotid_event_type type)
{
	struct hotid_event event = { .type = type };
	struct hotid_identity identity;

	/* A step event that carries no step tells nothing. */
	if (identity_parse(attrs, len, &identity) < 0 ||
	    (type == HOTID_EVENT_STEP && !identity.n_steps)) {
		d->lost = true;
	} else {
		event.identity = &identity;
		d->h->event_fn(&event, d->h->event_data);
	}
	hotid_identity_clear(&identity);
}

static void dispatch_node(struct dispatch *d, struct nlattr *attrs, int len)
{
	struct hotid_event event = { .type = HOTID_EVENT_NODE };
	struct hotid_node node;

	if (node_parse(attrs, len, &node) < 0) {
		d->lost = true;
	} else {
		event.node = &node;
		d->h->event_fn(&event, d->h->event_data);
	}
	hotid_node_clear(&node);
}

static int on_event(struct nl_msg *msg, void *data)
{
	struct dispatch *d = data;
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	struct genlmsghdr *genl;
	struct nlattr *attrs;
	int len;

	if (nlmsg_get_src(msg)->nl_pid || hdr->nlmsg_type != d->h->family)
		return NL_SKIP;
	if (!genlmsg_valid_hdr(hdr, 0)) {
		d->lost = true;
		return NL_SKIP;
	}
	genl = genlmsg_hdr(hdr);
	attrs = genlmsg_attrdata(genl, 0);
	len = genlmsg_attrlen(genl, 0);
	switch (genl->cmd) {
	case HOTID_CMD_PEER_NTF:
		dispatch_peer(d, attrs, len, HOTID_EVENT_PEER);
		break;
	case HOTID_CMD_PEER_DEL_NTF:
		dispatch_peer(d, attrs, len, HOTID_EVENT_PEER_DEL);
		break;
	case HOTID_CMD_IDENTITY_NTF:
		dispatch_identity(d, attrs, len, HOTID_EVENT_IDENTITY);
		break;
	case HOTID_CMD_IDENTITY_DEL_NTF:
		dispatch_identity(d, attrs, len, HOTID_EVENT_IDENTITY_DEL);
		break;
	case HOTID_CMD_STEP_NTF:
		dispatch_identity(d, attrs, len, HOTID_EVENT_STEP);
		break;
	case HOTID_CMD_NODE_NTF:
		dispatch_node(d, attrs, len);
		break;
	}
	/* Any other is of a newer module. */
	return NL_SKIP;
}

static void set_receive_buffer(struct nl_sock *sk)
{
	int size = RECEIVE_BUFFER, fd = nl_socket_get_fd(sk);

	/* The first needs CAP_NET_ADMIN; the second is capped by rmem_max. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

int hotid_subscribe(struct hotid *h, hotid_event_fn fn, void *data)
{
	struct nl_sock *sk;
	int err, group;

	if (h->events)
		return hotid_fail(h, -EALREADY, "this handle is subscribed already");
	sk = nl_socket_alloc();
	if (!sk)
		return hotid_fail(h, -ENOMEM, "%s", explain_errno(-ENOMEM));
	err = hotid_connect(sk);
	if (err < 0)
		goto err_free;
	set_receive_buffer(sk);
	/* Here, as libnl loses count of the request socket's sequence numbers. */
	group = genl_ctrl_resolve_grp(sk, HOTID_FAMILY_NAME, HOTID_MCGRP_EVENTS);
	if (group < 0) {
		err = hotid_errno(group);
		goto err_free;
	}
	err = nl_socket_add_membership(sk, group);
	if (err >= 0)
		err = nl_socket_set_nonblocking(sk);
	if (err < 0) {
		err = hotid_errno(err);
		goto err_free;
	}

	h->events = sk;
	h->event_fn = fn;
	h->event_data = data;
	return 0;

err_free:
	nl_socket_free(sk);
	return hotid_fail(h, err, "%s", explain_errno(err));
}

int hotid_event_fd(const struct hotid *h)
{
	return h->events ? nl_socket_get_fd(h->events) : -1;
}

int hotid_dispatch(struct hotid *h)
{
	struct dispatch d = { .h = h };
	struct nl_cb *cb;
	int err, i;

	if (!h->events)
		return hotid_fail(h, -EINVAL, "this handle is not subscribed; call hotid_subscribe()");
	cb = nl_cb_alloc(NL_CB_CUSTOM);
	if (!cb)
		return hotid_fail(h, -ENOMEM, "%s", explain_errno(-ENOMEM));
	nl_cb_set(cb, NL_CB_MSG_IN, NL_CB_CUSTOM, on_event, &d);

	for (i = 0; i < DISPATCH_MAX; i++) {
		err = nl_recvmsgs(h->events, cb);
		/* ENOBUFS arrives as NLE_NOMEM. What could not be read is lost, too. */
		if (err == -NLE_NOMEM || err == -NLE_MSG_TRUNC)
			d.lost = true;
		else if (err < 0)
			break;
	}
	nl_cb_put(cb);

	/* Last, so that what the caller reads now is newer than what was lost. */
	if (d.lost) {
		struct hotid_event event = { .type = HOTID_EVENT_LOST };

		h->event_fn(&event, h->event_data);
	}
	if (err < 0 && err != -NLE_AGAIN && err != -NLE_NOMEM && err != -NLE_MSG_TRUNC) {
		err = hotid_errno(err);
		return hotid_fail(h, err, "reading events failed: %s", explain_errno(err));
	}
	return 0;
}

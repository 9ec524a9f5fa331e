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

#include "call.h"
#include "deliver.h"
#include "explain.h"
#include "handle.h"

/* Some thousand steps may wait here while the caller is busy. */
#define RECEIVE_BUFFER	(4 << 20)

/* One call of hotid_dispatch() ends, even when events come faster than it reads. */
#define DISPATCH_MAX	4096

/* Those of a newer module are left out. */
static const struct {
	uint8_t command;
	enum hotid_event_type type;
} types[] = {
	{ HOTID_CMD_PEER_NTF, HOTID_EVENT_PEER },
	{ HOTID_CMD_PEER_DEL_NTF, HOTID_EVENT_PEER_DEL },
	{ HOTID_CMD_IDENTITY_NTF, HOTID_EVENT_IDENTITY },
	{ HOTID_CMD_IDENTITY_DEL_NTF, HOTID_EVENT_IDENTITY_DEL },
	{ HOTID_CMD_STEP_NTF, HOTID_EVENT_STEP },
	{ HOTID_CMD_NODE_NTF, HOTID_EVENT_NODE },
};

struct dispatch {
	struct receiver to;
	bool lost;
};

static int on_event(struct nl_msg *msg, void *data)
{
	struct dispatch *d = data;
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	struct genlmsghdr *genl = genlmsg_hdr(hdr);
	size_t i;

	if (nlmsg_get_src(msg)->nl_pid || hdr->nlmsg_type != d->to.h->family)
		return NL_SKIP;
	if (!genlmsg_valid_hdr(hdr, 0)) {
		d->lost = true;
		return NL_SKIP;
	}
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].command == genl->cmd &&
		    deliver(&d->to, types[i].type, genlmsg_attrdata(genl, 0),
			    genlmsg_attrlen(genl, 0)) < 0)
			d->lost = true;
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
	err = err < 0 ? hotid_errno(err) : hotid_poll_add(h, sk);
	if (err < 0)
		goto err_free;

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

static int read_events(struct hotid *h)
{
	struct dispatch d = { .to = { h, h->event_fn, h->event_data } };
	int err, i;

	nl_socket_modify_cb(h->events, NL_CB_MSG_IN, NL_CB_CUSTOM, on_event, &d);
	for (i = 0; i < DISPATCH_MAX; i++) {
		err = nl_recvmsgs_default(h->events);
		/* ENOBUFS arrives as NLE_NOMEM. What could not be read is lost, too. */
		if (err == -NLE_NOMEM || err == -NLE_MSG_TRUNC)
			d.lost = true;
		else if (err < 0)
			break;
	}

	/* Last, so that what the caller reads now is newer than what was lost. */
	if (d.lost)
		deliver_event(&d.to, &(struct hotid_event){ .type = HOTID_EVENT_LOST });
	if (err < 0 && err != -NLE_AGAIN && err != -NLE_NOMEM && err != -NLE_MSG_TRUNC) {
		err = hotid_errno(err);
		return hotid_fail(h, err, "reading events failed: %s", explain_errno(err));
	}
	return 0;
}

int hotid_dispatch(struct hotid *h)
{
	int err = call_dispatch(h);

	return h->events && !err ? read_events(h) : err;
}

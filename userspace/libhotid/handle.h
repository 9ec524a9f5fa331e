/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of libhotid share about a connection; not installed. */
#ifndef HOTID_HANDLE_H
#define HOTID_HANDLE_H

#include <netlink/netlink.h>
#include "hotid.h"

#define HOTID_TEXT_MAX	640

struct call;

struct hotid {
	struct hotid_sizes sizes;	/* of the structs as the program knows them */
	struct nl_sock *request;	/* blocking; one question at a time */
	struct nl_sock *events;		/* NULL until hotid_subscribe() */
	struct nl_sock *call_socket;	/* NULL until the first asynchronous request */
	struct call *calls;		/* those not answered; the first is under way */
	int epoll;			/* readable when one of the last two sockets is */
	int family;
	hotid_event_fn event_fn;
	void *event_data;
	int error;			/* of the last failure, negative errno */
	char text[HOTID_TEXT_MAX];	/* its sentence */
};

/* Connects @sk, or connects it anew: a fresh socket owes no old answers. */
int hotid_connect(struct nl_sock *sk);

/* Let hotid_fd() become readable with this socket. */
int hotid_poll_add(struct hotid *h, struct nl_sock *sk);

/* Remembers the sentence of a failure; returns @error. */
int hotid_fail(struct hotid *h, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A libnl error (negative) as a negative errno. */
int hotid_errno(int nl_error);

#endif /* HOTID_HANDLE_H */

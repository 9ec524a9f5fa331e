// SPDX-License-Identifier: LGPL-2.1-or-later
/* A connection to the module: its sockets, and what went wrong last. */
#include <errno.h>
#include <linux/netlink.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/socket.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "call.h"
#include "explain.h"
#include "handle.h"
#include "layout.h"

/*
 * The module fills dump messages up to what the reader can take, so a large
 * buffer lets an identity with all of its steps travel in one message.
 */
#define MESSAGE_SIZE	65536
/* What waits to be read: refusals of a whole batch, and more. */
#define BUFFER_SIZE	131072

/* No struct of any version is longer. */
#define SIZE_LIMIT	65536

int hotid_errno(int nl_error)
{
	switch (-nl_error) {
	case NLE_NOMEM:
		return -ENOMEM;
	case NLE_AGAIN:
		return -EAGAIN;
	case NLE_INTR:
		return -EINTR;
	case NLE_PERM:
	case NLE_NOACCESS:
		return -EPERM;
	case NLE_OBJ_NOTFOUND:		/* of the family, or its multicast group */
		return HOTID_ERR_NO_MODULE;
	case NLE_BUSY:
		return -EBUSY;
	case NLE_AF_NOSUPPORT:
	case NLE_PROTO_MISMATCH:
		return -EPROTONOSUPPORT;
	case NLE_RANGE:
	case NLE_INVAL:
	case NLE_MSG_TRUNC:
	case NLE_MSG_TOOSHORT:
		return -EBADMSG;
	default:
		return -EIO;
	}
}

int hotid_fail(struct hotid *h, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(h->text, sizeof(h->text), format, args);
	va_end(args);
	h->error = error;
	return error;
}

int hotid_connect(struct nl_sock *sk)
{
	int on = 1, fd, err;

	nl_close(sk);
	err = genl_connect(sk);
	if (err >= 0)
		err = nl_socket_set_buffer_size(sk, BUFFER_SIZE, 0);
	if (err >= 0)
		err = nl_socket_set_msg_buf_size(sk, MESSAGE_SIZE);
	if (err < 0)
		return hotid_errno(err);

	/*
	 * Old kernels may lack any of these; then rejections are worded from
	 * the errno alone. The request is at hand, so it need not come back.
	 */
	fd = nl_socket_get_fd(sk);
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	return 0;
}

int hotid_poll_add(struct hotid *h, struct nl_sock *sk)
{
	struct epoll_event readable = { .events = EPOLLIN };

	return epoll_ctl(h->epoll, EPOLL_CTL_ADD, nl_socket_get_fd(sk), &readable) ? -errno : 0;
}

/* A struct that came later than the program's hotid.h is one that it never sees. */
static int read_sizes(struct hotid_sizes *ours, const struct hotid_sizes *theirs)
{
	if (theirs->size < sizeof(theirs->size) || theirs->size > SIZE_LIMIT)
		return -EINVAL;
	layout_give(ours, sizeof(*ours), theirs, theirs->size);
	if (!ours->node || !ours->peer || !ours->identity || !ours->event)
		return -EINVAL;
	if (ours->node > SIZE_LIMIT || ours->peer > SIZE_LIMIT || ours->identity > SIZE_LIMIT ||
	    ours->event > SIZE_LIMIT)
		return -EINVAL;
	return 0;
}

int hotid_open_sized(struct hotid **out, const struct hotid_sizes *sizes)
{
	struct hotid *h;
	int err;

	*out = NULL;
	h = calloc(1, sizeof(*h));
	if (!h)
		return -ENOMEM;

	err = read_sizes(&h->sizes, sizes);
	if (err < 0)
		goto err_free;
	h->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (h->epoll < 0) {
		err = -errno;
		goto err_free;
	}
	err = -ENOMEM;
	h->request = nl_socket_alloc();
	if (!h->request)
		goto err_epoll;
	err = hotid_connect(h->request);
	if (err < 0)
		goto err_close;
	h->family = genl_ctrl_resolve(h->request, HOTID_FAMILY_NAME);
	if (h->family < 0) {
		err = hotid_errno(h->family);
		goto err_close;
	}

	*out = h;
	return 0;

err_close:
	nl_socket_free(h->request);
err_epoll:
	close(h->epoll);
err_free:
	free(h);
	return err;
}

void hotid_close(struct hotid *h)
{
	if (!h)
		return;
	call_drop_all(h);
	nl_socket_free(h->call_socket);
	nl_socket_free(h->events);
	nl_socket_free(h->request);
	close(h->epoll);
	free(h);
}

int hotid_fd(const struct hotid *h)
{
	return h->epoll;
}

const char *hotid_strerror(const struct hotid *h, int error)
{
	if (error > 0)
		error = -error;
	if (h && h->error == error && h->error)
		return h->text;
	return explain_errno(error);
}

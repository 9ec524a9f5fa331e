// SPDX-License-Identifier: LGPL-2.1-or-later
/* The sockets of a connection, and what went wrong last. */
#include "handle.h"

#include <errno.h>
#include <linux/netlink.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/socket.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>

/*
 * The module fills dump messages up to what the reader can take, so a large
 * buffer lets an identity with all of its steps travel in one message.
 */
#define MESSAGE_SIZE	65536
/* What waits to be read: refusals of a whole batch, and more. */
#define BUFFER_SIZE	131072

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
	if (err < 0)
		return hotid_errno(err);
	err = nl_socket_set_buffer_size(sk, BUFFER_SIZE, 0);
	if (err < 0)
		return hotid_errno(err);
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

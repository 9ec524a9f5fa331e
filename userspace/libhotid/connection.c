// SPDX-License-Identifier: LGPL-2.1-or-later
/* A connection to the module, from its beginning to its end. */
#include <errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "call.h"
#include "explain.h"
#include "handle.h"
#include "layout.h"

/* No struct of any version is longer. */
#define SIZE_LIMIT	65536

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

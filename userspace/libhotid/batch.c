// SPDX-License-Identifier: LGPL-2.1-or-later
/* Requests side by side in one buffer, until it is sent. */
#include "batch.h"

#include <errno.h>
#include <netlink/handlers.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "explain.h"

/* No more bytes than a socket sends, nor refusals than it holds until they are read. */
#define BATCH_REQUESTS	32

struct batch {
	struct hotid *h;
	struct nl_msg *requests[BATCH_REQUESTS];	/* those that wait */
	size_t sent, n;			/* requests answered, and waiting */
	bool done;			/* the last of a message is answered */
	int broken;			/* the module cannot be talked to */
	int error;			/* of the first refused */
	size_t first;			/* its number */
	char text[HOTID_TEXT_MAX];	/* and why */
};

struct batch *batch_begin(struct hotid *h)
{
	struct batch *batch = calloc(1, sizeof(*batch));

	if (batch)
		batch->h = h;
	else
		hotid_fail(h, -ENOMEM, "%s", explain_errno(-ENOMEM));
	return batch;
}

static int on_answer(struct nl_msg *msg, void *data)
{
	struct batch *batch = data;
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	uint32_t index = hdr->nlmsg_seq - nlmsg_hdr(batch->requests[0])->nlmsg_seq;
	char text[HOTID_TEXT_MAX];
	int error;

	/* Only the kernel is accepted, and only on these requests. */
	if (nlmsg_get_src(msg)->nl_pid || index >= batch->n || hdr->nlmsg_type != NLMSG_ERROR)
		return NL_SKIP;
	error = explain_answer(nlmsg_hdr(batch->requests[index]), hdr, text, sizeof(text));
	if (error && !batch->error) {
		batch->error = error;
		batch->first = batch->sent + index;
		memcpy(batch->text, text, sizeof(batch->text));
	}
	batch->done = index == batch->n - 1;
	return batch->done ? NL_STOP : NL_SKIP;
}

static int exchange(struct batch *batch)
{
	struct nl_sock *sk = batch->h->request;
	struct iovec parts[BATCH_REQUESTS];
	size_t i;
	int err;

	for (i = 0; i < batch->n; i++) {
		struct nlmsghdr *hdr = nlmsg_hdr(batch->requests[i]);

		nl_complete_msg(sk, batch->requests[i]);
		if (i < batch->n - 1)
			hdr->nlmsg_flags &= ~NLM_F_ACK;
		parts[i] = (struct iovec){ hdr, NLMSG_ALIGN(hdr->nlmsg_len) };
	}
	batch->done = false;
	nl_socket_modify_cb(sk, NL_CB_MSG_IN, NL_CB_CUSTOM, on_answer, batch);
	err = nl_send_iovec(sk, batch->requests[0], parts, batch->n);
	while (!batch->done && err >= 0)
		err = nl_recvmsgs_default(sk);
	return batch->done ? 0 : hotid_errno(err);
}

/* Send what waits, unless it would be in vain. */
static void flush(struct batch *batch)
{
	if (batch->n && !batch->broken) {
		batch->broken = exchange(batch);
		/* Answers may still be on their way to the old socket. */
		if (batch->broken)
			hotid_connect(batch->h->request);
		else
			batch->sent += batch->n;
	}
	while (batch->n)
		nlmsg_free(batch->requests[--batch->n]);
}

int batch_add(struct batch *batch, struct request *rq)
{
	int err = request_finish(rq);

	if (err) {
		batch->broken = err;
		return err;
	}
	if (batch->n == BATCH_REQUESTS)
		flush(batch);
	batch->requests[batch->n++] = rq->msg;
	return batch->broken;
}

int batch_end(struct batch *batch, size_t *first)
{
	int error;

	flush(batch);
	error = batch->error;
	*first = error ? batch->first : batch->sent;
	if (error)
		hotid_fail(batch->h, error, "%s", batch->text);
	else if (batch->broken)
		error = hotid_fail(batch->h, batch->broken, "talking to hotid.ko failed: %s",
				   explain_errno(batch->broken));
	free(batch);
	return error;
}

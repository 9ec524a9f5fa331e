// SPDX-License-Identifier: LGPL-2.1-or-later
/* Requests side by side in one buffer, until it is sent. */
#include "batch.h"

#include <errno.h>
#include <netlink/handlers.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include <string.h>

#include "explain.h"

#define BATCH_BYTES	16384
/* As many refusals as the socket holds until they are read. */
#define BATCH_REQUESTS	64

struct batch {
	struct hotid *h;
	size_t sent, n;			/* requests answered, and waiting */
	size_t length;			/* of those that wait, in bytes */
	bool done;			/* the last of a message is answered */
	int broken;			/* the module cannot be talked to */
	int error;			/* of the first refused */
	size_t first;			/* its number */
	char text[HOTID_TEXT_MAX];	/* and why */
	uint8_t bytes[BATCH_BYTES] __attribute__((aligned(NLMSG_ALIGNTO)));
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

/* The @index-th of those that wait. */
static struct nlmsghdr *request_at(struct batch *batch, size_t index)
{
	struct nlmsghdr *hdr = (struct nlmsghdr *)batch->bytes;

	while (index--)
		hdr = (struct nlmsghdr *)((uint8_t *)hdr + NLMSG_ALIGN(hdr->nlmsg_len));
	return hdr;
}

static int on_answer(struct nl_msg *msg, void *data)
{
	struct batch *batch = data;
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	uint32_t index = hdr->nlmsg_seq - request_at(batch, 0)->nlmsg_seq;
	char text[HOTID_TEXT_MAX];
	int error;

	/* Only the kernel is believed, and only on these requests. */
	if (nlmsg_get_src(msg)->nl_pid || index >= batch->n || hdr->nlmsg_type != NLMSG_ERROR)
		return NL_SKIP;
	error = explain_answer(request_at(batch, index), hdr, text, sizeof(text));
	if (error && !batch->error) {
		batch->error = error;
		batch->first = batch->sent + index;
		memcpy(batch->text, text, sizeof(batch->text));
	}
	batch->done = index == batch->n - 1;
	return batch->done ? NL_STOP : NL_SKIP;
}

static int receive(struct batch *batch)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_CUSTOM);
	int err = 0;

	if (!cb)
		return -ENOMEM;
	nl_cb_set(cb, NL_CB_MSG_IN, NL_CB_CUSTOM, on_answer, batch);
	batch->done = false;
	while (!batch->done && err >= 0)
		err = nl_recvmsgs(batch->h->request, cb);
	nl_cb_put(cb);
	return batch->done ? 0 : hotid_errno(err);
}

static int flush(struct batch *batch)
{
	int err;

	if (!batch->n || batch->broken)
		return batch->broken;
	request_at(batch, batch->n - 1)->nlmsg_flags |= NLM_F_ACK;
	err = nl_sendto(batch->h->request, batch->bytes, batch->length);
	err = err < 0 ? hotid_errno(err) : receive(batch);
	if (err) {
		/* Answers may still be on their way to the old socket. */
		hotid_connect(batch->h->request);
		batch->broken = err;
	}
	batch->sent += err ? 0 : batch->n;
	batch->n = 0;
	batch->length = 0;
	return err;
}

static int append(struct batch *batch, struct request *rq)
{
	struct nlmsghdr *hdr = nlmsg_hdr(rq->msg);
	size_t length = NLMSG_ALIGN(hdr->nlmsg_len);
	int err;

	if (rq->overflow || length > BATCH_BYTES)
		return -EMSGSIZE;
	if (batch->length + length > BATCH_BYTES || batch->n == BATCH_REQUESTS) {
		err = flush(batch);
		if (err)
			return err;
	}
	nl_complete_msg(batch->h->request, rq->msg);
	hdr->nlmsg_flags &= ~NLM_F_ACK;
	memcpy(batch->bytes + batch->length, hdr, hdr->nlmsg_len);
	batch->length += length;
	batch->n++;
	return 0;
}

int batch_add(struct batch *batch, struct request *rq)
{
	int err = batch->broken;

	if (!err && !rq->msg)
		err = -ENOMEM;
	if (!err)
		err = append(batch, rq);
	if (rq->msg)
		nlmsg_free(rq->msg);
	batch->broken = err;
	return err;
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

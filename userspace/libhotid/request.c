// SPDX-License-Identifier: LGPL-2.1-or-later
/* Building a request, sending it, and reading what comes until its end. */
#include "request.h"

#include <errno.h>
#include <netlink/genl/genl.h>
#include <netlink/handlers.h>
#include <netlink/socket.h>
#include <stdio.h>
#include <string.h>

#include "explain.h"

#define DUMP_TRIES	16

void request_start(struct request *rq, struct hotid *h, uint8_t cmd)
{
	rq->h = h;
	rq->overflow = false;
	rq->msg = nlmsg_alloc();
	if (rq->msg && !genlmsg_put(rq->msg, NL_AUTO_PORT, NL_AUTO_SEQ, h->family,
				    0, 0, cmd, HOTID_FAMILY_VERSION))
		rq->overflow = true;
}

void request_identity(struct request *rq, struct hotid *h, uint8_t cmd, const char *name,
		      uint64_t epoch)
{
	request_start(rq, h, cmd);
	if (name)
		request_string(rq, HOTID_A_IDENTITY_NAME, name);
	if (epoch)
		request_u64(rq, HOTID_A_IDENTITY_EPOCH, epoch);
}

void request_bytes(struct request *rq, int type, const void *data, size_t len)
{
	if (rq->msg && nla_put(rq->msg, type, len, data) < 0)
		rq->overflow = true;
}

void request_u8(struct request *rq, int type, uint8_t value)
{
	request_bytes(rq, type, &value, sizeof(value));
}

void request_u16(struct request *rq, int type, uint16_t value)
{
	request_bytes(rq, type, &value, sizeof(value));
}

void request_u32(struct request *rq, int type, uint32_t value)
{
	request_bytes(rq, type, &value, sizeof(value));
}

void request_u64(struct request *rq, int type, uint64_t value)
{
	request_bytes(rq, type, &value, sizeof(value));
}

void request_string(struct request *rq, int type, const char *text)
{
	request_bytes(rq, type, text, strlen(text) + 1);
}

void request_sentence(struct request *rq, int type, const char *text)
{
	char cut[HOTID_MESSAGE_MAX + 1];
	size_t len = strlen(text);

	if (len > HOTID_MESSAGE_MAX) {
		/* Not inside a UTF-8 sequence. */
		for (len = HOTID_MESSAGE_MAX; len && (text[len] & 0xc0) == 0x80; len--)
			;
	}
	memcpy(cut, text, len);
	cut[len] = '\0';
	request_string(rq, type, cut);
}

struct nlattr *request_nest(struct request *rq, int type)
{
	struct nlattr *nest = NULL;

	if (rq->msg)
		nest = nla_nest_start(rq->msg, type | NLA_F_NESTED);
	if (!nest)
		rq->overflow = true;
	return nest;
}

void request_nest_end(struct request *rq, struct nlattr *nest)
{
	if (nest)
		nla_nest_end_keep_empty(rq->msg, nest);
}

int request_finish(struct request *rq)
{
	if (rq->msg && !rq->overflow)
		return 0;
	nlmsg_free(rq->msg);
	if (!rq->msg)
		return hotid_fail(rq->h, -ENOMEM, "%s", explain_errno(-ENOMEM));
	return hotid_fail(rq->h, -EMSGSIZE, "the request is too long for one message");
}

void exchange_fail(struct exchange *ex, int error, const char *text)
{
	ex->error = error;
	snprintf(ex->text, sizeof(ex->text), "%s", text);
}

int exchange_message(struct nl_msg *msg, void *data)
{
	struct exchange *ex = data;
	struct nlmsghdr *hdr = nlmsg_hdr(msg), *request = nlmsg_hdr(ex->request);
	int error = -EBADMSG;

	/* Only the kernel is accepted, and only on this request. */
	if (nlmsg_get_src(msg)->nl_pid || hdr->nlmsg_seq != request->nlmsg_seq)
		return NL_SKIP;
	if (hdr->nlmsg_flags & NLM_F_DUMP_INTR)
		exchange_fail(ex, -EAGAIN, "the list changed while it was read; read it again");

	if (hdr->nlmsg_type == NLMSG_ERROR || hdr->nlmsg_type == NLMSG_DONE) {
		error = explain_answer(request, hdr, ex->text, sizeof(ex->text));
		if (error)
			ex->error = error;
		ex->done = true;
		return NL_STOP;
	}
	if (hdr->nlmsg_type != ex->h->family || ex->error || !ex->parse)
		return NL_SKIP;
	if (genlmsg_valid_hdr(hdr, 0))
		error = ex->parse(genlmsg_attrdata(genlmsg_hdr(hdr), 0),
				  genlmsg_attrlen(genlmsg_hdr(hdr), 0), ex->data);
	/* Read on to the end, so that the next request finds nothing old. */
	if (error < 0)
		exchange_fail(ex, error, explain_errno(error));
	return NL_SKIP;
}

static int exchange(struct request *rq, int flags, request_parse_fn parse, void *data)
{
	struct exchange ex = { .h = rq->h, .request = rq->msg, .parse = parse, .data = data };
	struct hotid *h = rq->h;
	int err = request_finish(rq);

	if (err)
		return err;
	nlmsg_hdr(rq->msg)->nlmsg_flags |= flags;
	nl_socket_modify_cb(h->request, NL_CB_MSG_IN, NL_CB_CUSTOM, exchange_message, &ex);
	err = nl_send_auto(h->request, rq->msg);
	while (!ex.done && err >= 0)
		err = nl_recvmsgs_default(h->request);
	if (!ex.done) {
		err = hotid_errno(err);
		hotid_fail(h, err, "talking to hotid.ko failed: %s", explain_errno(err));
		/* Answers may still be on their way to the old socket. */
		hotid_connect(h->request);
	} else {
		err = ex.error ? hotid_fail(h, ex.error, "%s", ex.text) : 0;
	}
	/* It may have carried a key. */
	explicit_bzero(nlmsg_data(nlmsg_hdr(rq->msg)), nlmsg_datalen(nlmsg_hdr(rq->msg)));
	nlmsg_free(rq->msg);
	return err;
}

int request_ask(struct request *rq, request_parse_fn parse, void *data)
{
	return exchange(rq, NLM_F_ACK, parse, data);
}

int request_dump(struct hotid *h, uint8_t cmd, request_parse_fn parse,
		 void (*restart)(void *data), void *data)
{
	struct request rq;
	int err, tries;

	for (tries = 0; tries < DUMP_TRIES; tries++) {
		request_start(&rq, h, cmd);
		err = exchange(&rq, NLM_F_DUMP, parse, data);
		if (err != -EAGAIN)
			return err;
		restart(data);
	}
	return hotid_fail(h, -EAGAIN, "the list changed each of the %d times it was read; try again",
			  DUMP_TRIES);
}

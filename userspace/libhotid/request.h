/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One question to the module and its answer. Attributes are added one by one;
 * what does not fit is remembered and refused by request_finish().
 */
#ifndef HOTID_REQUEST_H
#define HOTID_REQUEST_H

#include <netlink/attr.h>
#include <netlink/msg.h>
#include "handle.h"

struct request {
	struct hotid *h;
	struct nl_msg *msg;
	bool overflow;
};

void request_start(struct request *rq, struct hotid *h, uint8_t cmd);
/* With @name and @epoch of an identity, where they are not NULL and 0. */
void request_identity(struct request *rq, struct hotid *h, uint8_t cmd, const char *name,
		      uint64_t epoch);
void request_u8(struct request *rq, int type, uint8_t value);
void request_u16(struct request *rq, int type, uint16_t value);
void request_u32(struct request *rq, int type, uint32_t value);
void request_u64(struct request *rq, int type, uint64_t value);
void request_bytes(struct request *rq, int type, const void *data, size_t len);
void request_string(struct request *rq, int type, const char *text);
/* For sentences: what is longer than HOTID_MESSAGE_MAX is cut, not refused. */
void request_sentence(struct request *rq, int type, const char *text);
struct nlattr *request_nest(struct request *rq, int type);
void request_nest_end(struct request *rq, struct nlattr *nest);

/* Nothing more is added. 0, or -ENOMEM or -EMSGSIZE, and then the message is freed. */
int request_finish(struct request *rq);

/* Reads one answer: its attributes. Returns 0 or a negative errno. */
typedef int (*request_parse_fn)(struct nlattr *attrs, int len, void *data);

/**
 * struct exchange - a request that was sent, and what comes of it
 * @h: its connection
 * @request: what was sent
 * @parse: reads the answers; NULL when none but the acknowledgement is wanted
 * @data: its argument
 * @done: the last answer was read
 * @error: 0 or a negative errno; -EAGAIN when a list changed while it was read
 * @text: the sentence of @error
 */
struct exchange {
	struct hotid *h;
	struct nl_msg *request;
	request_parse_fn parse;
	void *data;
	bool done;
	int error;
	char text[HOTID_TEXT_MAX];
};

/* A callback of libnl, for what arrives during the struct exchange @data. */
int exchange_message(struct nl_msg *msg, void *data);

/* It ends with this, where the module does not say otherwise. */
void exchange_fail(struct exchange *exchange, int error, const char *text);

/*
 * Sends, waits for the acknowledgement and frees the message. @parse may be
 * NULL when no answer but the acknowledgement is wanted.
 */
int request_ask(struct request *rq, request_parse_fn parse, void *data);

/*
 * The same for a dump without arguments. Where the list changed while it was
 * read the whole is read again, after @restart threw away what was parsed.
 */
int request_dump(struct hotid *h, uint8_t cmd, request_parse_fn parse,
		 void (*restart)(void *data), void *data);

#endif /* HOTID_REQUEST_H */

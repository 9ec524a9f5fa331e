/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Requests whose answer is not waited for. They have a socket of their own, on which
 * one is under way at a time, in the order they were made: a socket has one dump.
 */
#ifndef HOTID_CALL_H
#define HOTID_CALL_H

#include "deliver.h"
#include "request.h"

/**
 * call_start() - send a request, or have it sent when those before it are answered
 * @rq: the request; its message is taken over
 * @flags: NLM_F_ACK or NLM_F_DUMP
 * @type: of what the answer has
 * @fn: called for each item of the answer, and last with HOTID_EVENT_DONE
 * @data: its argument
 *
 * Return: 0, or a negative errno, and then @fn is never called.
 */
int call_start(struct request *rq, int flags, enum hotid_event_type type, hotid_event_fn fn,
	       void *data);

/* Read the answers that are there. 0 or a negative errno. */
int call_dispatch(struct hotid *h);

/* Drop what is not answered; nobody is called. */
void call_drop_all(struct hotid *h);

#endif /* HOTID_CALL_H */

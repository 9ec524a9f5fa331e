/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Many requests that need no answer, sent many at a time: only the last of a
 * message is acknowledged, and each that is refused. A refusal stops none of
 * the others.
 */
#ifndef HOTID_BATCH_H
#define HOTID_BATCH_H

#include "request.h"

struct batch;

/* NULL without memory. */
struct batch *batch_begin(struct hotid *h);

/*
 * Put a request in, and free its message. Returns 0, or a negative errno when
 * the module cannot be talked to, and then nothing more can be put in.
 */
int batch_add(struct batch *batch, struct request *rq);

/*
 * Send what is left, and free the batch. Returns 0, or the error of the first
 * request that was refused or not answered; its number is in @first, from 0.
 */
int batch_end(struct batch *batch, size_t *first);

#endif /* HOTID_BATCH_H */

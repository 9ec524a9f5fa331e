/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The requests of hotid.h that do not wait for their answer. They have a socket of their
 * own, on which one is under way at a time, in the order they were made: a socket has one
 * dump.
 */
#ifndef HOTID_CALL_H
#define HOTID_CALL_H

#include "hotid.h"

/* Read the answers that are there. 0 or a negative errno. */
int call_dispatch(struct hotid *h);

/* Drop what is not answered; nobody is called. */
void call_drop_all(struct hotid *h);

#endif /* HOTID_CALL_H */

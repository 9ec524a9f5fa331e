/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The words for a rejection. Pure: nothing here talks to the kernel. */
#ifndef HOTID_EXPLAIN_H
#define HOTID_EXPLAIN_H

#include <linux/netlink.h>
#include <stddef.h>

/**
 * explain_answer() - word a rejection in one sentence
 * @request: what was sent
 * @answer: the NLMSG_ERROR or NLMSG_DONE that came; its length was checked against the datagram
 * @text: where to put the sentence
 * @size: its size
 *
 * Names the attribute the kernel points at and says what it accepts.
 *
 * Return: the error that @answer carries, but for -ENOENT one of HOTID_ERR_*; 0 for success,
 * and then @text is left alone; -EBADMSG when @answer is cut short.
 */
int explain_answer(const struct nlmsghdr *request, const struct nlmsghdr *answer,
		   char *text, size_t size);

/* A negative errno where the kernel said no more. */
const char *explain_errno(int error);

#endif /* HOTID_EXPLAIN_H */

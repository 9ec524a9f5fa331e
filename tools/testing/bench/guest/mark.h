/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Marks: what this guest's clock says, told on the wire, where someone with
 * another clock sees it too. They outlive their sender.
 */
#ifndef BENCH_MARK_H
#define BENCH_MARK_H

#include <stddef.h>
#include <stdint.h>

#define MARK_PORT	9

/* To an IPv4 address; returns the socket. */
int mark_open(const char *to);

/* "WORD BEFORE AFTER": the times before this mark and after the last one. */
uint64_t mark_send(int marks, const char *word);

/* The next mark as text; returns false when none is waiting. */
int mark_listen(void);
int mark_read(int marks, char *text, size_t size);

#endif /* BENCH_MARK_H */

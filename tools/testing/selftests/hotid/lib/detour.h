/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls of hotid that the kernel does not answer as usual; see detour/detour.c.
 * @caller is a function of hotid, or "*" for any.
 */
#ifndef SELFTEST_DETOUR_H
#define SELFTEST_DETOUR_H

/* The next call returns @number and does nothing. */
void detour_refuse(const char *function, const char *caller, long number);
/* How many were refused, and none is any more. */
int detour_refused(void);

/* The next call waits until detour_let_go(). */
void detour_hold(const char *function, const char *caller);
int detour_held(void);
void detour_let_go(void);

/* Count the calls from now on. */
void detour_count(const char *function, const char *caller);
int detour_counted(void);

#endif /* SELFTEST_DETOUR_H */

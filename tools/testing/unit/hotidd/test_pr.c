// SPDX-License-Identifier: GPL-2.0
/* What the kernel's ioctls for reservations return, on 6.1 and on later kernels. */
#include <stdarg.h>
#include <sys/ioctl.h>

#include "ktap.h"

static const int *answers;	/* one for each call; the last one stays */
static size_t n_answers, calls;

static int answering_ioctl(int fd, unsigned long request, ...)
{
	size_t call = calls++;

	return answers[call < n_answers ? call : n_answers - 1];
}

#define ioctl answering_ioctl
#include "storage/pr.c"
#undef ioctl

#define ASK(...) \
	ask((const int[]){ __VA_ARGS__ }, sizeof((const int[]){ __VA_ARGS__ }) / sizeof(int))

static int ask(const int *list, size_t n)
{
	answers = list;
	n_answers = n;
	calls = 0;
	return pr_kernel.unregister(-1, 1);
}

static void conflict(void)
{
	CHECK_INT(ASK(0x118), -EBADE);		/* 6.1 */
	CHECK_INT(calls, 1);
	CHECK_INT(ASK(0x18), -EBADE);
	CHECK_INT(calls, 1);
}

static void unit_attention(void)
{
	CHECK_INT(ASK(2, 2, 0), 0);
	CHECK_INT(calls, 3);
	CHECK_INT(ASK(2, 0x118), -EBADE);
	CHECK_INT(calls, 2);
}

static void failures(void)
{
	CHECK_INT(ASK(2), -EIO);
	CHECK_INT(calls, TRIES);
	CHECK_INT(ASK(0x10000), -EIO);		/* no connection */
	CHECK_INT(calls, 1);
	CHECK_INT(ASK(0xe0000), -EIO);		/* transport disrupted */
	CHECK_INT(ASK(0x28), -EIO);		/* task set full */
}

static const struct ktap_test tests[] = {
	{ "conflict", conflict },
	{ "unit_attention", unit_attention },
	{ "failures", failures },
};

KTAP_MAIN(tests)

// SPDX-License-Identifier: GPL-2.0
/* What is tried again, and when. */
#include <errno.h>

#include "ktap.h"
#include "retry.h"

static void causes_that_pass(void)
{
	static const int passing[] = {
		ENODEV, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, ECONNREFUSED, ENETDOWN, EBUSY, EAGAIN, EIO,
		ENOTCONN, ENOSPC,
	};

	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++) {
		CHECK(retry_may_pass(passing[i]));
		CHECK(retry_may_pass(-passing[i]));
	}
}

static void causes_that_need_a_person(void)
{
	static const int lasting[] = {
		0, EINVAL, EPERM, EACCES, ENOENT, ENOTDIR, ENAMETOOLONG, ENOTUNIQ, EADDRINUSE, ENXIO,
		EUCLEAN, EOVERFLOW, EROFS, EBADE, ESTALE, EEXIST, 4711,
	};

	for (size_t i = 0; i < sizeof(lasting) / sizeof(lasting[0]); i++) {
		CHECK(!retry_may_pass(lasting[i]));
		CHECK(!retry_may_pass(-lasting[i]));
	}
}

static void delays_double_and_end(void)
{
	CHECK_INT(retry_delay_ms(0), 1000);
	CHECK_INT(retry_delay_ms(1), 2000);
	CHECK_INT(retry_delay_ms(5), 32000);
	CHECK_INT(retry_delay_ms(6), 60000);
	CHECK_INT(retry_delay_ms(7), 60000);
	CHECK_INT(retry_delay_ms(4000000000u), 60000);
}

static const struct ktap_test tests[] = {
	{ "causes_that_pass", causes_that_pass },
	{ "causes_that_need_a_person", causes_that_need_a_person },
	{ "delays_double_and_end", delays_double_and_end },
};

KTAP_MAIN(tests)

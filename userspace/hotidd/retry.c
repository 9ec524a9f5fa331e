// SPDX-License-Identifier: GPL-2.0
/* Which failures are worth another try, and when. */
#include "retry.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_MS	1000
#define LAST_MS		60000

bool retry_may_pass(int error)
{
	static const int passing[] = {
		/* The network, and what is reached through it. */
		ENETDOWN, ENETUNREACH, EHOSTDOWN, EHOSTUNREACH, ECONNREFUSED, ECONNRESET,
		ECONNABORTED, ENOTCONN, EPIPE, ETIMEDOUT,
		/* Devices, which appear late or are being repaired. */
		ENODEV, ENOMEDIUM, EIO, EREMOTEIO,
		/* Something that is in use, or is used up. */
		EAGAIN, EBUSY, EINTR, ENOMEM, ENOBUFS, ENOSPC,
	};

	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		if (abs(error) == passing[i])
			return true;
	return false;
}

uint32_t retry_delay_ms(unsigned int tries)
{
	uint32_t ms = FIRST_MS;

	while (tries-- && ms < LAST_MS)
		ms *= 2;
	return ms < LAST_MS ? ms : LAST_MS;
}

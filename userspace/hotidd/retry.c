// SPDX-License-Identifier: GPL-2.0
/* Which failures are worth another try, and when. */
#include "retry.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_MS	1000
#define LAST_MS		60000

bool retry_may_pass(int error)
{
	switch (abs(error)) {
	/* The network, and what is reached through it. */
	case ENETDOWN:
	case ENETUNREACH:
	case EHOSTDOWN:
	case EHOSTUNREACH:
	case ECONNREFUSED:
	case ECONNRESET:
	case ECONNABORTED:
	case ENOTCONN:
	case EPIPE:
	case ETIMEDOUT:
	/* Devices, which appear late or are being repaired. */
	case ENODEV:
	case ENOMEDIUM:
	case EIO:
	case EREMOTEIO:
	/* Something that is in use, or is used up. */
	case EAGAIN:
	case EBUSY:
	case EINTR:
	case ENOMEM:
	case ENOBUFS:
	case ENOSPC:
		return true;
	default:
		return false;
	}
}

uint32_t retry_delay_ms(unsigned int tries)
{
	uint32_t ms = FIRST_MS;

	while (tries-- && ms < LAST_MS)
		ms *= 2;
	return ms < LAST_MS ? ms : LAST_MS;
}

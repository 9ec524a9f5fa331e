// SPDX-License-Identifier: GPL-2.0
#include "clock.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool virtual_time(void)
{
	const char *said = getenv("HOTID_VIRTUAL_TIME");

	return said && !strcmp(said, "1");
}

bool realtime_kernel(void)
{
	return !access("/sys/kernel/realtime", F_OK);
}

// SPDX-License-Identifier: GPL-2.0
#include "stall.h"

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"

void stall_cpu(uint64_t ns)
{
	char text[24];
	int file;

	snprintf(text, sizeof(text), "%llu", (unsigned long long)(ns / US));
	file = open("/sys/module/stall/parameters/us", O_WRONLY | O_CLOEXEC);
	if (file < 0 || write(file, text, strlen(text)) < 0)
		err(1, "stall");
	close(file);
}

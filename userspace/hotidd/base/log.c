// SPDX-License-Identifier: GPL-2.0
/* Log lines on stderr, with the priority that journald reads. */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool plain;

void log_plain(void)
{
	plain = true;
}

void log_line(int priority, const char *format, ...)
{
	int saved = errno;
	char line[2048];
	size_t start = 0, length;
	va_list args;

	if (!plain)
		start = (size_t)snprintf(line, sizeof(line), "<%d>", LOG_PRI(priority));
	va_start(args, format);
	vsnprintf(line + start, sizeof(line) - start - 1, format, args);
	va_end(args);
	length = strlen(line);
	/* What a program or a file said may hold anything; a line stays one line. */
	for (size_t i = start; i < length; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = ' ';
	line[length++] = '\n';
	if (write(STDERR_FILENO, line, length) < 0) {
		/* There is nowhere left to say it. */
	}
	errno = saved;
}

// SPDX-License-Identifier: GPL-2.0
/* Allocation that does not fail: it ends the process. */
#define _GNU_SOURCE
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

static void *must(void *memory)
{
	if (!memory) {
		log_error("out of memory; ending, to be started again");
		_Exit(EXIT_FAILURE);
	}
	return memory;
}

void *must_calloc(size_t n, size_t size)
{
	return must(calloc(n ? n : 1, size ? size : 1));
}

void *must_realloc(void *old, size_t n, size_t size)
{
	return must(reallocarray(old, n, size));
}

char *must_strdup(const char *text)
{
	return must(strdup(text));
}

char *must_printf(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	return must(text);
}

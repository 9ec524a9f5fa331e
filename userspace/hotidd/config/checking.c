// SPDX-License-Identifier: GPL-2.0
/* Checks of a configuration file beyond its schema. */
#include "config/checking.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/memory.h"
#include "config/values.h"

#define FILE_MAX	65536

static void note(struct checking *checking, int line, const char *key, const char *format,
		 va_list args)
{
	char what[VALUE_WHY_MAX + 64];

	vsnprintf(what, sizeof(what), format, args);
	problem_add(checking->problems, checking->file, line, key, "%s", what);
	checking->good = false;
}

void check_wrong(struct checking *checking, const char *key, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	note(checking, document_line(checking->document, key), key, format, args);
	va_end(args);
}

void check_wrong_at(struct checking *checking, int line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	note(checking, line, checking->key, format, args);
	va_end(args);
}

const char *check_key(struct checking *checking, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(checking->key, sizeof(checking->key), format, args);
	va_end(args);
	return checking->key;
}

char *config_read_file(const char *path, size_t *length, struct problems *problems)
{
	char *text = must_calloc(1, FILE_MAX + 2);
	struct stat status;
	/* Not opened: that might wait for somebody at the other end. */
	bool special = !stat(path, &status) && !S_ISREG(status.st_mode);
	ssize_t got = special ? 0 : file_read(path, text, FILE_MAX + 2);

	if (special) {
		problem_add(problems, path, 0, NULL, "is not a regular file");
	} else if (got < 0) {
		problem_add(problems, path, 0, NULL, "cannot be read: %s", strerror((int)-got));
	} else if (got > FILE_MAX) {
		problem_add(problems, path, 0, NULL, "is larger than %d bytes; a configuration "
			    "is not that long", FILE_MAX);
	} else {
		*length = (size_t)got;
		return text;
	}
	free(text);
	return NULL;
}

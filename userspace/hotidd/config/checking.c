// SPDX-License-Identifier: GPL-2.0
/* Checks of a configuration file beyond its schema. */
#include "config/checking.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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
	/* Without waiting for somebody at the other end of what is no regular file. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	struct stat status = { 0 };
	size_t got = 0;

	if (!file || fstat(fd, &status)) {
		problem_add(problems, path, 0, NULL, "cannot be read: %m");
		goto fail;
	}
	if (!S_ISREG(status.st_mode)) {
		problem_add(problems, path, 0, NULL, "is not a regular file");
		goto fail;
	}
	got = fread(text, 1, FILE_MAX + 1, file);
	if (ferror(file)) {
		problem_add(problems, path, 0, NULL, "cannot be read: %m");
		goto fail;
	}
	if (got > FILE_MAX) {
		problem_add(problems, path, 0, NULL, "is larger than %d bytes; a configuration "
			    "is not that long", FILE_MAX);
		goto fail;
	}
	fclose(file);
	*length = got;
	return text;

fail:
	if (file)
		fclose(file);
	free(text);
	return NULL;
}

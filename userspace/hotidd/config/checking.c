// SPDX-License-Identifier: GPL-2.0
/* Checks of a configuration file beyond its schema. */
#include "config/checking.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static char *text_of(FILE *file, const char *path, size_t *length, struct problems *problems)
{
	char *text = must_calloc(1, FILE_MAX + 2);

	*length = fread(text, 1, FILE_MAX + 1, file);
	if (ferror(file))
		problem_add(problems, path, 0, NULL, "cannot be read: %s", strerror(errno));
	else if (*length > FILE_MAX)
		problem_add(problems, path, 0, NULL, "is larger than %d bytes; a configuration "
			    "is not that long", FILE_MAX);
	else
		return text;
	free(text);
	return NULL;
}

char *config_read_file(const char *path, size_t *length, struct problems *problems)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	struct stat status;
	char *text = NULL;

	if (!file || fstat(fd, &status))
		problem_add(problems, path, 0, NULL, "cannot be read: %s", strerror(errno));
	else if (!S_ISREG(status.st_mode))
		problem_add(problems, path, 0, NULL, "is not a regular file");
	else
		text = text_of(file, path, length, problems);
	if (file)
		fclose(file);
	else if (fd >= 0)
		close(fd);
	return text;
}

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

void check_wrong(struct checking *checking, const char *key, const char *format, ...)
{
	char what[VALUE_WHY_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	problem_add(checking->problems, checking->file, document_line(checking->document, key), key,
		    "%s", what);
	checking->good = false;
}

const char *check_key(char key[CHECK_KEY_MAX], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(key, CHECK_KEY_MAX, format, args);
	va_end(args);
	return key;
}

char *config_read_file(const char *path, size_t *length, struct problems *problems)
{
	struct stat status;
	char *text = NULL;
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &status)) {
		problem_add(problems, path, 0, NULL, "cannot be read: %s", strerror(errno));
		goto out;
	}
	if (!S_ISREG(status.st_mode)) {
		problem_add(problems, path, 0, NULL, "is not a regular file");
		goto out;
	}
	text = must_calloc(1, FILE_MAX + 2);
	for (*length = 0; *length <= FILE_MAX; *length += (size_t)n) {
		n = read(fd, text + *length, FILE_MAX + 1 - *length);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n <= 0)
			break;
	}
	if (n < 0 || *length > FILE_MAX) {
		if (n < 0)
			problem_add(problems, path, 0, NULL, "cannot be read: %s", strerror(errno));
		else
			problem_add(problems, path, 0, NULL, "is larger than %d bytes; a configuration "
				    "is not that long", FILE_MAX);
		free(text);
		text = NULL;
	}
out:
	if (fd >= 0)
		close(fd);
	return text;
}

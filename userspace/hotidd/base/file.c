// SPDX-License-Identifier: GPL-2.0
/* Small files: attributes of the kernel, and files of the daemon. */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

ssize_t file_read(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "re");
	ssize_t got = file ? 0 : -errno;

	if (file) {
		got = (ssize_t)fread(text, 1, size - 1, file);
		if (ferror(file))
			got = -errno;
		fclose(file);
	}
	text[got < 0 ? 0 : got] = '\0';
	return got;
}

int file_read_line(const char *path, char *line, size_t size)
{
	ssize_t got = file_read(path, line, size);

	line[strcspn(line, "\n")] = '\0';
	return got < 0 ? (int)got : 0;
}

/* Closes @fd as well. */
static int write_whole(int fd, const char *text, size_t length, bool sync)
{
	ssize_t put = write(fd, text, length);
	int error = put < 0 ? -errno : (size_t)put < length ? -ENOSPC : 0;

	if (!error && sync && fsync(fd))
		error = -errno;
	if (close(fd) && !error)
		error = -errno;
	return error;
}

int file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -errno : write_whole(fd, text, strlen(text), false);
}

/* The directory of the file @path. */
static int directory_sync(const char *path)
{
	char *copy = must_strdup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = fd < 0 || fsync(fd) ? -errno : 0;

	if (fd >= 0)
		close(fd);
	free(copy);
	return error;
}

int file_replace(const char *path, const char *text, size_t length, bool sync)
{
	char *fresh = must_printf("%s.new", path);
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	int error = fd < 0 ? -errno : write_whole(fd, text, length, sync);

	if (!error && rename(fresh, path))
		error = -errno;
	if (error && fd >= 0)
		unlink(fresh);
	/* The name as well: without it the old file would be back after a crash. */
	if (!error && sync)
		error = directory_sync(path);
	free(fresh);
	return error;
}

int file_each_in(const char *directory, int (*fn)(const char *name, void *data), void *data)
{
	DIR *open = opendir(directory);
	struct dirent *entry;
	int result = 0;

	if (!open)
		return -errno;
	while (!result) {
		errno = 0;
		entry = readdir(open);
		if (!entry) {
			result = -errno;
			break;
		}
		result = fn(entry->d_name, data);
	}
	closedir(open);
	return result;
}

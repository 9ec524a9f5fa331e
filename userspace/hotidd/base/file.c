// SPDX-License-Identifier: GPL-2.0
/* Small files: attributes of the kernel, and files of the daemon. */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

int file_read_line(const char *path, char *line, size_t size)
{
	ssize_t got;
	int fd, error;

	*line = '\0';
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	got = read(fd, line, size - 1);
	error = errno;
	close(fd);
	line[got > 0 ? got : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return got < 0 ? -error : 0;
}

/* Closes @fd as well. */
static int write_whole(int fd, const char *text, size_t length)
{
	ssize_t put = write(fd, text, length);
	int error = put < 0 ? -errno : (size_t)put < length ? -ENOSPC : 0;

	if (close(fd) && !error)
		error = -errno;
	return error;
}

int file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -errno : write_whole(fd, text, strlen(text));
}

int file_replace(const char *path, const char *text, size_t length)
{
	char *fresh = must_printf("%s.new", path);
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int error = fd < 0 ? -errno : write_whole(fd, text, length);

	if (!error && rename(fresh, path))
		error = -errno;
	if (error && fd >= 0)
		unlink(fresh);
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

// SPDX-License-Identifier: GPL-2.0
#include "epochs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "hotid.h"

#define LINE_MAX_BYTES	96

/* Of what it guards, the name included: a file must not be renamed to another identity. */
static uint32_t epoch_sum(const char *name, uint64_t epoch)
{
	char text[HOTID_NAME_MAX + 32];

	snprintf(text, sizeof(text), "%s %" PRIu64, name, epoch);
	return hash_fnv1a(text, strlen(text));
}

int epoch_load(const char *dir, const char *name, uint64_t *epoch)
{
	char line[LINE_MAX_BYTES], whole[LINE_MAX_BYTES], file[HOTID_NAME_MAX + 16];
	int directory, fd, error = 0;
	ssize_t got;

	snprintf(file, sizeof(file), "%s.epoch", name);
	directory = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return -errno;
	fd = openat(directory, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		error = -errno;
	close(directory);
	if (error)
		return error;
	got = read(fd, line, sizeof(line) - 1);
	if (got < 0)
		error = -errno;
	close(fd);
	if (error)
		return error;
	line[got] = '\0';
	if (sscanf(line, "hotid-epoch 1 %" SCNu64 " ", epoch) != 1 || !*epoch ||
	    *epoch > HOTID_EPOCH_MAX)
		return -EBADMSG;
	snprintf(whole, sizeof(whole), "hotid-epoch 1 %" PRIu64 " %08" PRIx32 "\n", *epoch,
		 epoch_sum(name, *epoch));
	return strcmp(line, whole) ? -EBADMSG : 0;
}

static int write_synced(int fd, const char *line)
{
	size_t length = strlen(line);
	ssize_t put = write(fd, line, length);

	if (put != (ssize_t)length)
		return put < 0 ? -errno : -ENOSPC;
	return fsync(fd) ? -errno : 0;
}

int epoch_store(const char *dir, const char *name, uint64_t epoch)
{
	char line[LINE_MAX_BYTES], file[HOTID_NAME_MAX + 16], fresh[HOTID_NAME_MAX + 16];
	int directory, fd, error;

	snprintf(file, sizeof(file), "%s.epoch", name);
	snprintf(fresh, sizeof(fresh), "%s.fresh", name);
	snprintf(line, sizeof(line), "hotid-epoch 1 %" PRIu64 " %08" PRIx32 "\n", epoch,
		 epoch_sum(name, epoch));
	directory = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return -errno;
	fd = openat(directory, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		error = -errno;
		goto close_directory;
	}
	error = write_synced(fd, line);
	if (close(fd) && !error)
		error = -errno;
	if (!error && renameat(directory, fresh, directory, file))
		error = -errno;
	/* The name as well: without it the old file would be back after a crash. */
	if (!error && fsync(directory))
		error = -errno;
	if (error)
		unlinkat(directory, fresh, 0);
close_directory:
	close(directory);
	return error;
}

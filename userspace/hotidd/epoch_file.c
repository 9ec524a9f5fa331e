// SPDX-License-Identifier: GPL-2.0
#include "epochs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "hotid.h"

/*
 * All that is in a file, to be freed. The sum is of what it guards, the name
 * included: a file must not be renamed to another identity.
 */
static char *line_of(const char *name, uint64_t epoch)
{
	char *guarded = must_printf("%s %" PRIu64, name, epoch);
	char *line = must_printf("hotid-epoch 1 %" PRIu64 " %08" PRIx32 "\n", epoch,
				 hash_fnv1a(guarded, strlen(guarded)));

	free(guarded);
	return line;
}

static char *path_of(const char *dir, const char *name)
{
	return must_printf("%s/%s.epoch", dir, name);
}

int epoch_load(const char *dir, const char *name, uint64_t *epoch)
{
	char *path = path_of(dir, name), *whole, line[96];
	ssize_t got = file_read(path, line, sizeof(line));
	int error;

	free(path);
	if (got < 0)
		return (int)got;
	if (sscanf(line, "hotid-epoch 1 %" SCNu64 " ", epoch) != 1 || !*epoch ||
	    *epoch > HOTID_EPOCH_MAX)
		return -EBADMSG;
	whole = line_of(name, *epoch);
	error = strcmp(line, whole) ? -EBADMSG : 0;
	free(whole);
	return error;
}

int epoch_store(const char *dir, const char *name, uint64_t epoch)
{
	char *path = path_of(dir, name), *line = line_of(name, epoch);
	int error = file_replace(path, line, strlen(line), true);

	free(line);
	free(path);
	return error;
}

// SPDX-License-Identifier: GPL-2.0
/* Epochs are on the disk as a whole or not at all, and what is not whole is not believed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "epochs.h"
#include "hotid.h"
#include "ktap.h"

#define SECOND	1000000000ULL

static char dir[] = "/tmp/test_epochs.XXXXXX";
static char path[64];

static void begin(void)
{
	strcpy(dir, "/tmp/test_epochs.XXXXXX");
	CHECK(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/web.epoch", dir);
}

static void end(void)
{
	DIR *list = opendir(dir);
	struct dirent *entry;

	while (list && (entry = readdir(list)))
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(list), entry->d_name, 0);
	if (list)
		closedir(list);
	CHECK(!rmdir(dir));
}

static void write_file(const char *text, size_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(write(fd, text, length) == (ssize_t)length);
	close(fd);
}

static void kept(void)
{
	static const uint64_t epochs[] = { 1, 2, 4294967296, HOTID_EPOCH_MAX };
	uint64_t epoch;

	begin();
	CHECK_INT(epoch_load(dir, "web", &epoch), -ENOENT);
	for (size_t i = 0; i < sizeof(epochs) / sizeof(epochs[0]); i++) {
		CHECK_INT(epoch_store(dir, "web", epochs[i]), 0);
		CHECK_INT(epoch_load(dir, "web", &epoch), 0);
		CHECK_INT(epoch, epochs[i]);
	}
	CHECK_INT(epoch_load(dir, "db", &epoch), -ENOENT);
	end();
}

/* Every byte of the file that is changed or missing is found. */
static void not_whole(void)
{
	char text[96], damaged[96];
	uint64_t epoch;
	ssize_t length;
	int fd;

	begin();
	CHECK_INT(epoch_store(dir, "web", 107), 0);
	fd = open(path, O_RDONLY);
	length = read(fd, text, sizeof(text));
	close(fd);
	CHECK(length > 20);
	for (ssize_t i = 0; i < length; i++) {
		memcpy(damaged, text, (size_t)length);
		damaged[i] ^= 1;
		write_file(damaged, (size_t)length);
		CHECK_INT(epoch_load(dir, "web", &epoch), -EBADMSG);
		write_file(text, (size_t)i);
		CHECK_INT(epoch_load(dir, "web", &epoch), -EBADMSG);
	}
	write_file("hotid-epoch 1 0 00000000\n", 25);
	CHECK_INT(epoch_load(dir, "web", &epoch), -EBADMSG);
	/* That of another identity. */
	CHECK_INT(epoch_store(dir, "db", 9), 0);
	snprintf(damaged, sizeof(damaged), "%s/db.epoch", dir);
	CHECK(!rename(damaged, path));
	CHECK_INT(epoch_load(dir, "web", &epoch), -EBADMSG);
	end();
}

static void no_room(void)
{
	uint64_t epoch;

	begin();
	CHECK_INT(epoch_store(dir, "web", 5), 0);
	/* What is there stays when no new file can be made: here since a directory is in its way. */
	snprintf(path, sizeof(path), "%s/web.epoch.new", dir);
	CHECK(!mkdir(path, 0700));
	CHECK(epoch_store(dir, "web", 6) < 0);
	CHECK(!rmdir(path));
	CHECK_INT(epoch_load(dir, "web", &epoch), 0);
	CHECK_INT(epoch, 5);
	CHECK_INT(epoch_store("/nonexistent", "web", 6), -ENOENT);
	end();
}

static void written_by_the_keeper(void)
{
	struct epochs *epochs;
	uint64_t epoch;

	begin();
	epochs = epochs_new(dir, 0);
	CHECK_INT(epochs_known(epochs, "web"), 0);
	epochs_note(epochs, "web", 7);
	CHECK(epochs_wait(epochs, "web", 7, clock_ns() + 60 * SECOND));
	CHECK_INT(epoch_load(dir, "web", &epoch), 0);
	CHECK_INT(epoch, 7);
	epochs_note(epochs, "web", 3);		/* never back */
	epochs_note(epochs, "db", 2);
	epochs_free(epochs);			/* what was noted is written */
	CHECK_INT(epoch_load(dir, "db", &epoch), 0);
	CHECK_INT(epoch, 2);

	epochs = epochs_new(dir, 0);
	CHECK_INT(epochs_known(epochs, "web"), 7);
	CHECK(epochs_wait(epochs, "web", 7, 0));
	CHECK(!epochs_wait(epochs, "web", 8, clock_ns() + SECOND / 100));
	epochs_free(epochs);
	end();
}

/* A disk that is full delays nobody for longer than the one try. */
static void cannot_be_written(void)
{
	struct epochs *epochs;
	uint64_t epoch;

	begin();
	epochs = epochs_new(dir, 0);
	end();
	epochs_note(epochs, "web", 7);
	CHECK(!epochs_wait(epochs, "web", 7, clock_ns() + 600 * SECOND));
	/* When there is room again, it is written as soon as it is heard of again. */
	CHECK(!mkdir(dir, 0700));
	CHECK(!epochs_wait(epochs, "web", 7, clock_ns() + SECOND / 100));
	epochs_note(epochs, "web", 6);		/* what matters is the highest */
	CHECK(epochs_wait(epochs, "web", 7, clock_ns() + 60 * SECOND));
	CHECK_INT(epoch_load(dir, "web", &epoch), 0);
	CHECK_INT(epoch, 7);
	epochs_free(epochs);
	end();

	epochs = epochs_new(NULL, 0);		/* where nothing is kept */
	epochs_note(epochs, "web", 7);
	CHECK(epochs_wait(epochs, "web", 7, 0));
	CHECK_INT(epochs_known(epochs, "web"), 0);
	epochs_free(epochs);
}

static const struct ktap_test tests[] = {
	{ "kept", kept },
	{ "not_whole", not_whole },
	{ "no_room", no_room },
	{ "written_by_the_keeper", written_by_the_keeper },
	{ "cannot_be_written", cannot_be_written },
};

KTAP_MAIN(tests)

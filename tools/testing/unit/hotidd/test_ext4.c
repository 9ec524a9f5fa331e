// SPDX-License-Identifier: GPL-2.0
/*
 * Superblocks as mke2fs makes them, with the state that debugfs gives them: what
 * the code reads is compared with what e2fsprogs means by it.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "ktap.h"
#include "storage/ext4.h"

static char image[] = "/tmp/test_ext4.XXXXXX";

static bool run(const char *format, const char *argument)
{
	char command[256];

	snprintf(command, sizeof(command), format, argument, image);
	return CHECK(!system(command));
}

/* A file system of @type in the given state, as the code sees it. */
static const char *verdict(const char *type, const char *state)
{
	static uint8_t superblock[EXT4_SUPERBLOCK_SIZE];
	int fd;

	if (!run("PATH=$PATH:/sbin:/usr/sbin mke2fs -q -F -t %s %s 4M", type) ||
	    !run("PATH=$PATH:/sbin:/usr/sbin debugfs -w -R 'set_super_value state %s' %s 2>/dev/null",
		 state))
		return "no file system";
	fd = open(image, O_RDONLY | O_CLOEXEC);
	CHECK_INT(pread(fd, superblock, sizeof(superblock), EXT4_SUPERBLOCK_AT), sizeof(superblock));
	close(fd);
	if (!(superblock[0x3a] & 2))
		CHECK(!ext4_needs_check(superblock, true));
	else
		CHECK(ext4_needs_check(superblock, true));
	return ext4_needs_check(superblock, false);
}

static void sound(void)
{
	CHECK(!verdict("ext4", "1"));
	CHECK(!verdict("ext2", "1"));
}

static void errors(void)
{
	CHECK_STR(verdict("ext4", "3"), "the kernel found errors in it");
	CHECK_STR(verdict("ext4", "2"), "the kernel found errors in it");
	CHECK_STR(verdict("ext2", "2"), "the kernel found errors in it");
}

static void not_clean(void)
{
	CHECK_STR(verdict("ext2", "0"), "it was not unmounted and has no journal");
	CHECK_STR(verdict("ext4", "0"), "it was not checked to the end");
}

static void another_file_system(void)
{
	static const uint8_t zeros[EXT4_SUPERBLOCK_SIZE];

	CHECK(!ext4_needs_check(zeros, false));
}

static void all(void)
{
	int fd = mkstemp(image);

	if (!CHECK(fd >= 0))
		return;
	close(fd);
	sound();
	errors();
	not_clean();
	unlink(image);
}

static const struct ktap_test tests[] = {
	{ "states", all },
	{ "another_file_system", another_file_system },
};

KTAP_MAIN(tests)

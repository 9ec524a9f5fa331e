// SPDX-License-Identifier: GPL-2.0
/* Reads of an ext4 superblock whether the file system needs a check. */
#include "storage/ext4.h"

/* Offsets in the superblock; all numbers in it are little endian. */
#define MAGIC_AT	0x38
#define STATE_AT	0x3a
#define COMPAT_AT	0x5c

#define MAGIC		0xef53
#define STATE_VALID	0x0001		/* unmounted cleanly; with a journal it stays set */
#define STATE_ERRORS	0x0002		/* the kernel found errors */
#define COMPAT_JOURNAL	0x0004

static unsigned int get16(const uint8_t *bytes)
{
	return bytes[0] | (unsigned int)bytes[1] << 8;
}

const char *ext4_needs_check(const uint8_t superblock[EXT4_SUPERBLOCK_SIZE], bool mounted)
{
	unsigned int state = get16(superblock + STATE_AT);

	if (get16(superblock + MAGIC_AT) != MAGIC)
		return NULL;
	if (state & STATE_ERRORS)
		return "the kernel found errors in it";
	if (mounted || state & STATE_VALID)
		return NULL;
	return superblock[COMPAT_AT] & COMPAT_JOURNAL ?
	       "it was not checked to the end" :
	       "it was not unmounted and has no journal";
}

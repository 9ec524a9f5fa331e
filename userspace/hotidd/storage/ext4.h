/* SPDX-License-Identifier: GPL-2.0 */
/* What the superblock of an ext2, ext3 or ext4 file system says of its soundness. */
#ifndef HOTIDD_EXT4_H
#define HOTIDD_EXT4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXT4_SUPERBLOCK_AT	1024	/* bytes from the start of the device */
#define EXT4_SUPERBLOCK_SIZE	1024

/*
 * Why the file system needs e2fsck, as words for a message; NULL when it does
 * not, or is of another type. A journal that waits to be replayed is no reason,
 * nor is it that one without a journal is mounted now.
 */
const char *ext4_needs_check(const uint8_t superblock[EXT4_SUPERBLOCK_SIZE], bool mounted);

#endif /* HOTIDD_EXT4_H */

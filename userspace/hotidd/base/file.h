/* SPDX-License-Identifier: GPL-2.0 */
/* Small files: attributes of the kernel, and files of our own. 0 or a negative errno each. */
#ifndef HOTIDD_FILE_H
#define HOTIDD_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The first @size - 1 bytes, terminated: returns how many; "" when it cannot be read. */
ssize_t file_read(const char *path, char *text, size_t size);

/* The first line without its newline; "" when it cannot be read. */
int file_read_line(const char *path, char *line, size_t size);

/* In one write() to a file that is there, as attributes require. */
int file_write(const char *path, const char *text);

/*
 * Whole or not at all, under its final name. With @sync it is on the disk when this
 * returns; what goes with the boot need not be.
 */
int file_replace(const char *path, const char *text, size_t length, bool sync);

/*
 * Calls @fn for each name in a directory; non-zero from it ends the walk and is
 * returned. Else 0, or a negative errno when the directory cannot be read.
 */
int file_each_in(const char *directory, int (*fn)(const char *name, void *data), void *data);

#endif /* HOTIDD_FILE_H */

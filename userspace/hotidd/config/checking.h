/* SPDX-License-Identifier: GPL-2.0 */
/* A configuration file that is being checked beyond what its schema says. */
#ifndef HOTIDD_CHECKING_H
#define HOTIDD_CHECKING_H

#include <stdbool.h>

#include "config/document.h"

struct checking {
	const struct document *document;
	const char *file;
	struct problems *problems;
	bool good;
};

/* @key as "ports[0].mac"; its line is looked up. */
__attribute__((format(printf, 3, 4)))
void check_wrong(struct checking *checking, const char *key, const char *format, ...);

/* Write "ports[0].mac" and the like, for check_wrong(). */
#define CHECK_KEY_MAX	128
__attribute__((format(printf, 2, 3)))
const char *check_key(char key[CHECK_KEY_MAX], const char *format, ...);

/* A whole small file, terminated, to be freed; or NULL with a problem. */
char *config_read_file(const char *path, size_t *length, struct problems *problems);

#endif /* HOTIDD_CHECKING_H */

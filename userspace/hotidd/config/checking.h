/* SPDX-License-Identifier: GPL-2.0 */
/* A configuration file that is being checked beyond what its schema says. */
#ifndef HOTIDD_CHECKING_H
#define HOTIDD_CHECKING_H

#include <stdbool.h>

#include "config/document.h"

#define CHECK_KEY_MAX	256

struct checking {
	const struct document *document;
	const char *file;
	struct problems *problems;
	bool good;
	char key[CHECK_KEY_MAX];	/* "ports[0].mac": where the check is */
};

/* Write checking->key, for check_wrong(); returns it. */
__attribute__((format(printf, 2, 3)))
const char *check_key(struct checking *checking, const char *format, ...);

/* What is wrong with @key, whose line is looked up. */
__attribute__((format(printf, 3, 4)))
void check_wrong(struct checking *checking, const char *key, const char *format, ...);

/* What is wrong with checking->key, which is in @line. */
__attribute__((format(printf, 3, 4)))
void check_wrong_at(struct checking *checking, int line, const char *format, ...);

/* A whole small file, terminated, to be freed; or NULL with a problem. */
char *config_read_file(const char *path, size_t *length, struct problems *problems);

#endif /* HOTIDD_CHECKING_H */

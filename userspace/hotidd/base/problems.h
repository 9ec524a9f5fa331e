/* SPDX-License-Identifier: GPL-2.0 */
/* What is wrong with the configuration: one line of text each. */
#ifndef HOTIDD_PROBLEMS_H
#define HOTIDD_PROBLEMS_H

#include <stddef.h>

#define PROBLEM_MAX	512

struct problems {
	char (*text)[PROBLEM_MAX];
	size_t n;
};

/**
 * problem_add() - note one more problem
 * @problems: where
 * @file: the file it is in
 * @line: its line, 0 when it is about the whole file
 * @key: "ports[0].mac", or NULL
 * @format: what is wrong; the fix
 */
__attribute__((format(printf, 5, 6)))
void problem_add(struct problems *problems, const char *file, int line, const char *key,
		 const char *format, ...);

/* Copy the first one to @error (PROBLEM_MAX bytes) and forget them all. */
void problems_first(struct problems *problems, char *error);
void problems_clear(struct problems *problems);

#endif /* HOTIDD_PROBLEMS_H */

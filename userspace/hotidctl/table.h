/* SPDX-License-Identifier: GPL-2.0 */
/* Aligned columns for people, by libsmartcols. */
#ifndef HOTIDCTL_TABLE_H
#define HOTIDCTL_TABLE_H

#include <stdio.h>

struct table;

/*
 * @titles: one per column, NULL at the end. A title that begins with '>' is
 * without it the title of a column that is aligned to the right.
 */
struct table *table_new(const char *const *titles);

/* The next cell, row by row. Control characters are shown as '?'. */
void table_cell(struct table *table, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The next cells, each a text; NULL at the end. */
void table_cells(struct table *table, ...) __attribute__((sentinel));

/* A line under the row that is complete now; it is indented, not aligned. */
void table_note(struct table *table, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Prints titles and rows, none when there are no rows; frees the table. */
void table_print(struct table *table, FILE *out);

#endif /* HOTIDCTL_TABLE_H */

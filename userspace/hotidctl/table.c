// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include "table.h"

#include <libsmartcols.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>

#include "text.h"

struct table {
	struct libscols_table *columns;
	struct libscols_line *line;	/* the last one */
	size_t cells;
};

static void checked(int error)
{
	if (error)
		text_no_memory();
}

struct table *table_new(const char *const *titles)
{
	struct table *table = text_alloc(sizeof(*table));
	bool right;

	table->columns = scols_new_table();
	checked(!table->columns || scols_table_set_column_separator(table->columns, "  "));
	for (; *titles; titles++) {
		right = **titles == '>';
		checked(!scols_table_new_column(table->columns, *titles + right, 0,
						right ? SCOLS_FL_RIGHT : 0));
	}
	return table;
}

void table_cell(struct table *table, const char *format, ...)
{
	size_t column = table->cells++ % scols_table_get_ncols(table->columns);
	va_list args;

	if (!column)
		table->line = scols_table_new_line(table->columns, NULL);
	checked(!table->line);
	va_start(args, format);
	checked(scols_line_refer_data(table->line, column, text_made(format, args)));
	va_end(args);
}

void table_cells(struct table *table, ...)
{
	const char *text;
	va_list args;

	va_start(args, table);
	while ((text = va_arg(args, const char *)))
		table_cell(table, "%s", text);
	va_end(args);
}

void table_note(struct table *table, const char *format, ...)
{
	char *before = scols_line_get_userdata(table->line), *note, *all;
	va_list args;

	va_start(args, format);
	note = text_made(format, args);
	va_end(args);
	if (asprintf(&all, "%s    %s\n", before ? before : "", note) < 0)
		text_no_memory();
	scols_line_set_userdata(table->line, all);
	free(before);
	free(note);
}

void table_print(struct table *table, FILE *out)
{
	struct libscols_iter *iter = scols_new_iter(SCOLS_ITER_FORWARD);
	struct libscols_line *line;
	size_t left = scols_table_get_nlines(table->columns);
	char *notes;

	checked(!iter);
	scols_table_set_stream(table->columns, out);
	/* Nothing is cut or broken at the width of a terminal: lines are copied and searched. */
	scols_table_set_termforce(table->columns, SCOLS_TERMFORCE_NEVER);
	while (!scols_table_next_line(table->columns, iter, &line)) {
		checked(scols_table_print_range(table->columns, line, line));
		notes = scols_line_get_userdata(line);
		/* It ends each line but the last one of the table. */
		fprintf(out, "%s%s", --left ? "" : "\n", notes ? notes : "");
		free(notes);
	}
	scols_free_iter(iter);
	scols_unref_table(table->columns);
	free(table);
}

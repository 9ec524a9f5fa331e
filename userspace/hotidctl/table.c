// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include "table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

struct note {
	size_t after;		/* so many cells */
	char *text;
};

struct table {
	const char *const *titles;
	size_t columns;
	char **cells;
	size_t n;
	struct note *notes;
	size_t n_notes;
};

struct table *table_new(const char *const *titles)
{
	struct table *table = text_alloc(sizeof(*table));

	table->titles = titles;
	while (titles[table->columns])
		table->columns++;
	return table;
}

static char *cleaned(const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		text_no_memory();
	text_clean(text);
	return text;
}

void table_cell(struct table *table, const char *format, ...)
{
	va_list args;

	table->cells = reallocarray(table->cells, table->n + 1, sizeof(*table->cells));
	if (!table->cells)
		text_no_memory();
	va_start(args, format);
	table->cells[table->n++] = cleaned(format, args);
	va_end(args);
}

void table_note(struct table *table, const char *format, ...)
{
	struct note *note;
	va_list args;

	table->notes = reallocarray(table->notes, table->n_notes + 1, sizeof(*table->notes));
	if (!table->notes)
		text_no_memory();
	note = &table->notes[table->n_notes++];
	note->after = table->n;
	va_start(args, format);
	note->text = cleaned(format, args);
	va_end(args);
}

/* Characters, not bytes: UTF-8 continuation bytes take no column. */
static int width(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

static const char *title(const struct table *table, size_t column)
{
	const char *text = table->titles[column];

	return *text == '>' ? text + 1 : text;
}

static void print_cell(const struct table *table, size_t column, int column_width,
		       const char *text, FILE *out)
{
	int pad = column_width - width(text);

	if (*table->titles[column] == '>')
		fprintf(out, "%*s%s", pad, "", text);
	else if (column + 1 == table->columns)
		fputs(text, out);
	else
		fprintf(out, "%s%*s", text, pad, "");
	fputs(column + 1 == table->columns ? "\n" : "  ", out);
}

void table_print(struct table *table, FILE *out)
{
	int *widths = text_alloc(table->columns * sizeof(*widths));
	size_t i, note = 0;

	for (i = 0; i < table->columns; i++)
		widths[i] = width(title(table, i));
	for (i = 0; i < table->n; i++)
		if (widths[i % table->columns] < width(table->cells[i]))
			widths[i % table->columns] = width(table->cells[i]);

	for (i = 0; table->n && i < table->columns; i++)
		print_cell(table, i, widths[i], title(table, i), out);
	for (i = 0; i < table->n; i++) {
		size_t column = i % table->columns;

		print_cell(table, column, widths[column], table->cells[i], out);
		free(table->cells[i]);
		for (; note < table->n_notes && table->notes[note].after == i + 1; note++)
			fprintf(out, "    %s\n", table->notes[note].text);
	}
	for (i = 0; i < table->n_notes; i++)
		free(table->notes[i].text);
	free(widths);
	free(table->notes);
	free(table->cells);
	free(table);
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The schema engine: a table of fields says which keys a map may have, what
 * each must look like, what it is when it is absent, and where in a C struct
 * it goes. The engine walks a document along the table, fills the struct and
 * notes every problem with its line and its key.
 */
#ifndef HOTIDD_SCHEMA_H
#define HOTIDD_SCHEMA_H

#include "config/checking.h"
#include "config/values.h"

enum field_kind {
	FIELD_VALUE,	/* one scalar; @parse stores it at @at */
	FIELD_STRING,	/* one scalar; @parse stores an allocated char * at @at */
	FIELD_MAP,	/* a map whose @fields lie in the same struct */
	FIELD_ITEMS,	/* a list of maps: array of @size bytes each, by @fields */
	FIELD_VALUES,	/* a list of scalars: array of @size bytes each, by @parse */
	FIELD_STRINGS,	/* a list of scalars: array of allocated char *, by @parse */
	FIELD_MATCHES,	/* a map with any keys: array of struct match */
};

/**
 * struct field - one key of a map; a table of them ends with a NULL key
 * @key: as the file has it
 * @kind: what it is
 * @required: it must be there
 * @fallback: a scalar's text when it is not there; NULL leaves the struct's zeros.
 *	A map with a required field is itself required.
 * @parse: of a scalar, or of each scalar in a list
 * @limits: for @parse; NULL where it has none
 * @at: offset in the struct: of the value, or of the pointer to the array
 * @count_at: offset of the array's size_t length
 * @line_at: in each of the items, the offset of an int for its line, or 0
 * @size: of one element
 * @least: fewest elements of a list that is there
 * @most: most elements
 * @fields: of a map, or of the maps in a list
 * @doc: one line for a person
 */
struct field {
	const char *key;
	enum field_kind kind;
	bool required;
	const char *fallback;
	value_fn *parse;
	const struct value_limits *limits;
	size_t at, count_at, line_at, size, least, most;
	const struct field *fields;
	const char *doc;
};

/* For rows of a table: the limits of a number, and the words of a choice, by its values. */
#define FIELD_RANGE(least, most) \
	(&(const struct value_limits){ .min = (least), .max = (most) })
#define FIELD_WORDS(...) \
	(&(const struct value_limits){ .names = (const char *const[]){ __VA_ARGS__, NULL } })

/* The same for an array @member of a struct @type, which has its length in n_@member. */
#define FIELD_ARRAY(type, member) \
	.at = offsetof(type, member), .count_at = offsetof(type, n_##member), \
	.size = sizeof(*((type *)0)->member)

/**
 * schema_read() - fill a struct from a document
 * @checking: of the whole file
 * @fields: its table
 * @base: the struct, all zero before; to be given to schema_free() in any case
 *
 * Return: whether there was no problem.
 */
bool schema_read(struct checking *checking, const struct field *fields, void *base);

/* Free what schema_read() allocated inside @base, not @base itself. */
void schema_free(const struct field *fields, void *base);

#endif /* HOTIDD_SCHEMA_H */

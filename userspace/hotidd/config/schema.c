// SPDX-License-Identifier: GPL-2.0
/* Walks a document by its schema: checks keys and shapes, stores values. */
#include "config/schema.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "config/config.h"

#define PATH_MAX_TEXT	256

/* Where the walk is. */
struct walk {
	const char *file;
	struct problems *problems;
	char path[PATH_MAX_TEXT];	/* "ports[0].mac" */
	bool good;
};

__attribute__((format(printf, 3, 4)))
static void schema_wrong(struct walk *walk, int line, const char *format, ...)
{
	char what[VALUE_WHY_MAX + 64];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	problem_add(walk->problems, walk->file, line, walk->path, "%s", what);
	walk->good = false;
}

/* Lengthen the path; the length before is for path_leave(). */
__attribute__((format(printf, 2, 3)))
static size_t path_enter(struct walk *walk, const char *format, ...)
{
	size_t length = strlen(walk->path);
	va_list args;

	va_start(args, format);
	vsnprintf(walk->path + length, sizeof(walk->path) - length, format, args);
	va_end(args);
	return length;
}

static size_t path_enter_key(struct walk *walk, const char *key)
{
	return path_enter(walk, "%s%.60s", *walk->path ? "." : "", key);
}

static void path_leave(struct walk *walk, size_t length)
{
	walk->path[length] = '\0';
}

static const char *kind_text(enum document_kind kind)
{
	return kind == DOCUMENT_SCALAR ? "one value" : kind == DOCUMENT_MAP ? "a map" : "a list";
}

/* The document has the shape that is wanted, or it is a problem. */
static bool shape_is(struct walk *walk, const struct document *document, enum document_kind kind)
{
	static const char *const fix[] = {
		[DOCUMENT_SCALAR] = "write \"key: value\"",
		[DOCUMENT_MAP] = "write \"key: value\" lines below it, further in",
		[DOCUMENT_LIST] = "begin each entry below it with \"- \", or write [a, b]",
	};

	if (document_is_empty(document))
		schema_wrong(walk, document->line, "is empty; give %s, or leave the key out",
			     kind_text(kind));
	else if (document->kind != kind)
		schema_wrong(walk, document->line, "is %s where %s is wanted; %s",
			     kind_text(document->kind), kind_text(kind), fix[kind]);
	else
		return true;
	return false;
}

static size_t smallest(size_t a, size_t b, size_t c)
{
	a = a < b ? a : b;
	return a < c ? a : c;
}

/* How many letters must be changed, added or left out to make one the other. */
static size_t distance(const char *a, const char *b)
{
	size_t row[65], n = strlen(a), m = strlen(b);

	if (n > 64 || m > 64)
		return 64;
	for (size_t j = 0; j <= m; j++)
		row[j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t corner = row[0];

		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			size_t above = row[j];

			row[j] = smallest(above + 1, row[j - 1] + 1,
					  corner + (a[i - 1] != b[j - 1]));
			corner = above;
		}
	}
	return row[m];
}

static void unknown_key(struct walk *walk, const struct document *document,
			const struct field *fields)
{
	const struct field *nearest = NULL;
	size_t best = 64, length = path_enter_key(walk, document->key);
	char list[256] = "";

	for (const struct field *field = fields; field->key; field++) {
		size_t far = distance(document->key, field->key);
		size_t used = strlen(list);

		snprintf(list + used, sizeof(list) - used, "%s%s", used ? ", " : "", field->key);
		if (far < best) {
			best = far;
			nearest = field;
		}
	}
	if (best <= 1 + strlen(document->key) / 4)
		schema_wrong(walk, document->line, "is not a known key; did you mean \"%s\"?",
			     nearest->key);
	else
		schema_wrong(walk, document->line, "is not a known key; the keys here are %s", list);
	path_leave(walk, length);
}

static void *member(void *base, size_t at)
{
	return (char *)base + at;
}

/* The array's pointer in the struct is of the element's type; here it is any. */
static void *pointer_get(const void *at)
{
	void *pointer;

	memcpy(&pointer, at, sizeof(pointer));
	return pointer;
}

static void pointer_set(void *at, void *pointer)
{
	memcpy(at, &pointer, sizeof(pointer));
}

static void scalar_read(struct walk *walk, const struct document *document,
			const struct field *field, void *out)
{
	char why[VALUE_WHY_MAX];

	if (shape_is(walk, document, DOCUMENT_SCALAR) &&
	    !field->parse(document->text, field->limits, out, why))
		schema_wrong(walk, document->line, "%s", why);
}

static void schema_map_read(struct walk *walk, const struct document *document,
			    const struct field *fields, void *base);

static void matches_read(struct walk *walk, const struct document *document,
		       struct match *match)
{
	char why[VALUE_WHY_MAX];

	for (size_t i = 0; i < document->n_children; i++, match++) {
		const struct document *child = document->children[i];
		size_t length = path_enter_key(walk, child->key);

		if (!*child->key)
			schema_wrong(walk, child->line, "an empty key; name a property");
		match->property = must_strdup(child->key);
		if (shape_is(walk, child, DOCUMENT_SCALAR) &&
		    !value_text(child->text, NULL, &match->value, why))
			schema_wrong(walk, child->line, "%s", why);
		path_leave(walk, length);
	}
}

/*
 * Lists and maps of matches: the array is made first, so that whatever elements
 * were filled before a problem are freed with the struct.
 */
static void array_read(struct walk *walk, const struct document *document,
		       const struct field *field, void *base)
{
	size_t n = document->n_children;
	size_t size = field->kind == FIELD_MATCHES ? sizeof(struct match) :
		      field->kind == FIELD_STRINGS ? sizeof(char *) : field->size;
	char *array;

	if (!shape_is(walk, document, field->kind == FIELD_MATCHES ? DOCUMENT_MAP : DOCUMENT_LIST))
		return;
	if (n < field->least)
		schema_wrong(walk, document->line, "has %zu entries; give at least %zu", n,
			     field->least);
	if (field->most && n > field->most) {
		schema_wrong(walk, document->line, "has %zu entries; give at most %zu", n,
			     field->most);
		return;
	}
	array = must_calloc(n, size);
	pointer_set(member(base, field->at), array);
	*(size_t *)member(base, field->count_at) = n;
	if (field->kind == FIELD_MATCHES) {
		matches_read(walk, document, (struct match *)(void *)array);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const struct document *child = document->children[i];
		size_t length = path_enter(walk, "[%zu]", i);

		if (field->kind == FIELD_ITEMS) {
			if (field->line_at)
				*(int *)member(array + i * size, field->line_at) = child->line;
			schema_map_read(walk, child, field->fields, array + i * size);
		} else {
			scalar_read(walk, child, field, array + i * size);
		}
		path_leave(walk, length);
	}
}

static void field_read(struct walk *walk, const struct document *document,
		       const struct field *field, void *base)
{
	switch (field->kind) {
	case FIELD_VALUE:
	case FIELD_STRING:
		scalar_read(walk, document, field, member(base, field->at));
		break;
	case FIELD_MAP:
		schema_map_read(walk, document, field->fields, base);
		break;
	default:
		array_read(walk, document, field, base);
	}
}

static void fallbacks(const struct field *fields, void *base);

static void field_absent(struct walk *walk, int line, const struct field *field, void *base)
{
	if (field->required) {
		size_t length = path_enter_key(walk, field->key);

		schema_wrong(walk, line, "is missing; give it (%s)", field->doc);
		path_leave(walk, length);
	} else if (field->kind == FIELD_MAP) {
		fallbacks(field->fields, base);
	} else if (field->fallback) {
		char why[VALUE_WHY_MAX];

		field->parse(field->fallback, field->limits, member(base, field->at), why);
	}
}

/* A map that is absent as a whole: each of its fields is; none of them is required. */
static void fallbacks(const struct field *fields, void *base)
{
	for (const struct field *field = fields; field->key; field++)
		field_absent(NULL, 0, field, base);
}

static void schema_map_read(struct walk *walk, const struct document *document,
			    const struct field *fields, void *base)
{
	const struct field *field;

	if (!shape_is(walk, document, DOCUMENT_MAP))
		return;
	for (size_t i = 0; i < document->n_children; i++) {
		for (field = fields; field->key; field++)
			if (!strcmp(field->key, document->children[i]->key))
				break;
		if (!field->key)
			unknown_key(walk, document->children[i], fields);
	}
	for (field = fields; field->key; field++) {
		const struct document *child = document_child(document, field->key);
		size_t length;

		if (!child) {
			field_absent(walk, document->line, field, base);
			continue;
		}
		length = path_enter_key(walk, field->key);
		field_read(walk, child, field, base);
		path_leave(walk, length);
	}
}

bool schema_read(const struct document *document, const struct field *fields, void *base,
		 const char *file, struct problems *problems)
{
	struct walk walk = { .file = file, .problems = problems, .good = true };

	schema_map_read(&walk, document, fields, base);
	return walk.good;
}

static void array_free(const struct field *field, void *base)
{
	size_t n = *(size_t *)member(base, field->count_at);
	void *array = pointer_get(member(base, field->at));

	for (size_t i = 0; array && i < n; i++) {
		if (field->kind == FIELD_ITEMS) {
			schema_free(field->fields, (char *)array + i * field->size);
		} else if (field->kind == FIELD_STRINGS) {
			free(((char **)array)[i]);
		} else if (field->kind == FIELD_MATCHES) {
			free(((struct match *)array)[i].property);
			free(((struct match *)array)[i].value);
		}
	}
	free(array);
	pointer_set(member(base, field->at), NULL);
}

void schema_free(const struct field *fields, void *base)
{
	for (const struct field *field = fields; field->key; field++) {
		if (field->kind == FIELD_MAP) {
			schema_free(field->fields, base);
		} else if (field->kind == FIELD_STRING) {
			char **text = member(base, field->at);

			free(*text);
			*text = NULL;
		} else if (field->kind != FIELD_VALUE) {
			array_free(field, base);
		}
	}
}

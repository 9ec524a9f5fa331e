// SPDX-License-Identifier: GPL-2.0
/* Walks a document by its schema: checks keys and shapes, stores values. */
#include "config/schema.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "config/config.h"

/* Lengthen the key; the length before is for key_leave(). */
__attribute__((format(printf, 2, 3)))
static size_t key_enter(struct checking *checking, const char *format, ...)
{
	size_t length = strlen(checking->key);
	va_list args;

	va_start(args, format);
	vsnprintf(checking->key + length, sizeof(checking->key) - length, format, args);
	va_end(args);
	return length;
}

static size_t key_enter_map(struct checking *checking, const char *key)
{
	return key_enter(checking, "%s%.60s", *checking->key ? "." : "", key);
}

static void key_leave(struct checking *checking, size_t length)
{
	checking->key[length] = '\0';
}

/* The document has the shape that is wanted, or it is a problem. */
static bool shape_is(struct checking *checking, const struct document *document,
		     enum document_kind kind)
{
	static const struct {
		const char *name, *fix;
	} shapes[] = {
		[DOCUMENT_SCALAR] = { "one value", "write \"key: value\"" },
		[DOCUMENT_MAP] = { "a map", "write \"key: value\" lines below it, further in" },
		[DOCUMENT_LIST] = {
			"a list", "begin each entry below it with \"- \", or write [a, b]"
		},
	};

	if (document_is_empty(document))
		check_wrong_at(checking, document->line, "is empty; give %s, or leave the key out",
			       shapes[kind].name);
	else if (document->kind != kind)
		check_wrong_at(checking, document->line, "is %s where %s is wanted; %s",
			       shapes[document->kind].name, shapes[kind].name, shapes[kind].fix);
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

static void unknown_key(struct checking *checking, const struct document *document,
			const struct field *fields)
{
	const struct field *nearest = NULL;
	size_t best = 64, length = key_enter_map(checking, document->key);
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
		check_wrong_at(checking, document->line,
			       "is not a known key; did you mean \"%s\"?", nearest->key);
	else
		check_wrong_at(checking, document->line,
			       "is not a known key; the keys here are %s", list);
	key_leave(checking, length);
}

static void *member(void *base, size_t at)
{
	return (char *)base + at;
}

static void scalar_read(struct checking *checking, const struct document *document,
			value_fn *parse, const struct value_limits *limits, void *out)
{
	char why[VALUE_WHY_MAX];

	if (shape_is(checking, document, DOCUMENT_SCALAR) &&
	    !parse(document->text, limits, out, why))
		check_wrong_at(checking, document->line, "%s", why);
}

static void map_read(struct checking *checking, const struct document *document,
		     const struct field *fields, void *base);

/* One entry of a list, or of a map of matches. */
static void element_read(struct checking *checking, const struct document *document,
			 const struct field *field, void *element)
{
	struct match *match = element;

	switch (field->kind) {
	case FIELD_ITEMS:
		if (field->line_at)
			*(int *)member(element, field->line_at) = document->line;
		map_read(checking, document, field->fields, element);
		break;
	case FIELD_MATCHES:
		if (!*document->key)
			check_wrong_at(checking, document->line, "an empty key; name a property");
		match->property = must_strdup(document->key);
		scalar_read(checking, document, value_text, NULL, &match->value);
		break;
	default:
		scalar_read(checking, document, field->parse, field->limits, element);
	}
}

/*
 * Lists and maps of matches: the array is made first, so that whatever elements
 * were filled before a problem are freed with the struct.
 */
static void array_read(struct checking *checking, const struct document *document,
		       const struct field *field, void *base)
{
	size_t n = document->n_children;
	void *array;

	if (!shape_is(checking, document,
		      field->kind == FIELD_MATCHES ? DOCUMENT_MAP : DOCUMENT_LIST))
		return;
	if (n < field->least)
		check_wrong_at(checking, document->line, "has %zu entries; give at least %zu", n,
			       field->least);
	if (field->most && n > field->most) {
		check_wrong_at(checking, document->line, "has %zu entries; give at most %zu", n,
			       field->most);
		return;
	}
	array = must_calloc(n, field->size);
	/* The pointer in the struct is of the element's type; here it is any. */
	memcpy(member(base, field->at), &array, sizeof(array));
	*(size_t *)member(base, field->count_at) = n;
	for (size_t i = 0; i < n; i++) {
		const struct document *child = document->children[i];
		size_t length = child->key ? key_enter_map(checking, child->key) :
					     key_enter(checking, "[%zu]", i);

		element_read(checking, child, field, member(array, i * field->size));
		key_leave(checking, length);
	}
}

static void field_read(struct checking *checking, const struct document *document,
		       const struct field *field, void *base)
{
	switch (field->kind) {
	case FIELD_VALUE:
	case FIELD_STRING:
		scalar_read(checking, document, field->parse, field->limits,
			    member(base, field->at));
		break;
	case FIELD_MAP:
		map_read(checking, document, field->fields, base);
		break;
	default:
		array_read(checking, document, field, base);
	}
}

static void field_absent(struct checking *checking, int line, const struct field *field, void *base)
{
	/* Each field of a map that is absent as a whole is; none of them is required. */
	const struct document nothing = { .kind = DOCUMENT_MAP, .line = line };
	char why[VALUE_WHY_MAX];

	if (field->required)
		check_wrong_at(checking, line, "is missing; give it (%s)", field->doc);
	else if (field->kind == FIELD_MAP)
		map_read(checking, &nothing, field->fields, base);
	else if (field->fallback)
		field->parse(field->fallback, field->limits, member(base, field->at), why);
}

static void map_read(struct checking *checking, const struct document *document,
		     const struct field *fields, void *base)
{
	const struct field *field;

	if (!shape_is(checking, document, DOCUMENT_MAP))
		return;
	for (size_t i = 0; i < document->n_children; i++) {
		for (field = fields; field->key; field++)
			if (!strcmp(field->key, document->children[i]->key))
				break;
		if (!field->key)
			unknown_key(checking, document->children[i], fields);
	}
	for (field = fields; field->key; field++) {
		const struct document *child = document_child(document, field->key);
		size_t length = key_enter_map(checking, field->key);

		if (child)
			field_read(checking, child, field, base);
		else
			field_absent(checking, document->line, field, base);
		key_leave(checking, length);
	}
}

bool schema_read(struct checking *checking, const struct field *fields, void *base)
{
	map_read(checking, checking->document, fields, base);
	return checking->good;
}

static void array_free(const struct field *field, void *base)
{
	size_t n = *(size_t *)member(base, field->count_at);
	void *array;

	memcpy(&array, member(base, field->at), sizeof(array));
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
	memset(member(base, field->at), 0, sizeof(array));
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

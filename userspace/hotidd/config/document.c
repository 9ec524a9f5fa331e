// SPDX-License-Identifier: GPL-2.0
/*
 * Why libyaml and not libfyaml, which builds a tree itself: 0.7.12, the version
 * of Debian 12, never returns from a directive that is not UTF-8 ("%a\xa5"), so a
 * damaged file would hang the daemon, and its tree has no public position for a
 * map or a list. A tree with lines would be built from its events, one for one
 * as here, by a library four times as large.
 */
#include "config/document.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/memory.h"

#define DEPTH_MAX	16

struct reader {
	yaml_parser_t parser;
	const char *file;
	struct problems *problems;
};

static int event_line(const yaml_event_t *event)
{
	return (int)event->start_mark.line + 1;
}

/* Returns false. */
static bool wrong(struct reader *reader, int line, const char *what)
{
	problem_add(reader->problems, reader->file, line, NULL, "%s", what);
	return false;
}

/* The next event, or false with a problem; the caller deletes it. */
static bool next(struct reader *reader, yaml_event_t *event)
{
	const yaml_parser_t *parser = &reader->parser;
	int line;

	if (yaml_parser_parse(&reader->parser, event))
		return true;
	/* Errors of the reader (bad UTF-8) have an offset and no line. */
	line = parser->error == YAML_READER_ERROR ? (int)parser->mark.line + 1 :
	       (int)parser->problem_mark.line + 1;
	problem_add(reader->problems, reader->file, line, NULL,
		    "not YAML: %s%s%s; indent with spaces, and put quotes around text with special "
		    "characters", parser->problem ? parser->problem : "out of memory",
		    parser->context ? ", " : "", parser->context ? parser->context : "");
	return false;
}

/* An anchor, a tag or an alias. */
static bool is_decorated(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return event->data.scalar.anchor || event->data.scalar.tag;
	case YAML_SEQUENCE_START_EVENT:
		return event->data.sequence_start.anchor || event->data.sequence_start.tag;
	case YAML_MAPPING_START_EVENT:
		return event->data.mapping_start.anchor || event->data.mapping_start.tag;
	default:
		return true;
	}
}

/* The text of a scalar, to be freed; NULL where it holds a zero byte. */
static char *text_of(const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;

	return strlen(text) == event->data.scalar.length ? must_strdup(text) : NULL;
}

/* Makes @event the key of @child in @map. */
static bool key_read(struct reader *reader, const struct document *map, struct document *child,
		     const yaml_event_t *event)
{
	const struct document *same;
	char *key = NULL;

	if (event->type == YAML_SCALAR_EVENT && !is_decorated(event))
		key = text_of(event);
	if (!key)
		return wrong(reader, child->line, "a key is not plain text; write \"key: value\"");
	same = document_child(map, key);
	child->key = key;
	if (same)
		problem_add(reader->problems, reader->file, child->line, key,
			    "is here a second time (first in line %d); leave one out", same->line);
	return !same;
}

/* Makes @node what begins with @event, but for its children. */
static bool value_read(struct reader *reader, struct document *node, const yaml_event_t *event,
		       int depth)
{
	int line = event_line(event);

	if (is_decorated(event))
		return wrong(reader, line, "anchors (&), aliases (*) and tags (!) are not taken; "
			     "write the value itself");
	if (event->type == YAML_SCALAR_EVENT) {
		node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
		node->text = text_of(event);
		return node->text || wrong(reader, line, "a value holds a zero byte; leave it out");
	}
	node->kind = event->type == YAML_MAPPING_START_EVENT ? DOCUMENT_MAP : DOCUMENT_LIST;
	return depth < DEPTH_MAX || wrong(reader, line, "nested too deeply");
}

static struct document *child_new(struct document *parent, int line)
{
	struct document *child = must_calloc(1, sizeof(*child));

	child->line = line;
	parent->children = must_realloc(parent->children, parent->n_children + 1,
					sizeof(parent->children[0]));
	parent->children[parent->n_children++] = child;
	return child;
}

/* All of the node that begins with @event, which is deleted. */
static bool node_read(struct reader *reader, struct document *node, yaml_event_t *event, int depth)
{
	bool good = value_read(reader, node, event, depth);

	yaml_event_delete(event);
	if (node->kind == DOCUMENT_SCALAR)
		return good;
	while (good && next(reader, event)) {
		struct document *child;

		if (event->type == YAML_SEQUENCE_END_EVENT ||
		    event->type == YAML_MAPPING_END_EVENT) {
			yaml_event_delete(event);
			return true;
		}
		child = child_new(node, event_line(event));
		if (node->kind == DOCUMENT_MAP) {
			good = key_read(reader, node, child, event);
			yaml_event_delete(event);
			good = good && next(reader, event);
		}
		good = good && node_read(reader, child, event, depth + 1);
	}
	return false;
}

/* Reads events up to one of @type; anything else on the way is a problem. */
static bool expect(struct reader *reader, yaml_event_type_t type, const char *otherwise)
{
	yaml_event_t event;
	bool good;

	if (!next(reader, &event))
		return false;
	good = event.type == type;
	if (!good)
		wrong(reader, event_line(&event), otherwise);
	yaml_event_delete(&event);
	return good;
}

static bool root_read(struct reader *reader, struct document *root)
{
	yaml_event_t event;

	if (!expect(reader, YAML_STREAM_START_EVENT, "not YAML") ||
	    !expect(reader, YAML_DOCUMENT_START_EVENT, "is empty; see the manual page for what it "
		    "must say") ||
	    !next(reader, &event))
		return false;
	root->line = event_line(&event);
	return node_read(reader, root, &event, 0) &&
	       expect(reader, YAML_DOCUMENT_END_EVENT, "not YAML") &&
	       expect(reader, YAML_STREAM_END_EVENT, "a second document begins; write one per file");
}

struct document *document_read(const char *text, size_t length, const char *file,
			       struct problems *problems)
{
	struct reader reader = { .file = file, .problems = problems };
	struct document *root;

	if (!yaml_parser_initialize(&reader.parser)) {
		problem_add(problems, file, 0, NULL, "out of memory");
		return NULL;
	}
	yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, length);
	root = must_calloc(1, sizeof(*root));
	if (!root_read(&reader, root)) {
		document_free(root);
		root = NULL;
	}
	yaml_parser_delete(&reader.parser);
	return root;
}

void document_free(struct document *document)
{
	if (!document)
		return;
	for (size_t i = 0; i < document->n_children; i++)
		document_free(document->children[i]);
	free(document->children);
	free(document->key);
	free(document->text);
	free(document);
}

bool document_is_empty(const struct document *document)
{
	return document->kind == DOCUMENT_SCALAR && !document->quoted &&
	       (!*document->text || !strcmp(document->text, "~") ||
		!strcmp(document->text, "null"));
}

static const struct document *child_named(const struct document *document, const char *key,
					  size_t length)
{
	for (size_t i = 0; i < document->n_children; i++) {
		const char *own = document->children[i]->key;

		if (own && strlen(own) == length && !strncmp(own, key, length))
			return document->children[i];
	}
	return NULL;
}

const struct document *document_child(const struct document *document, const char *key)
{
	return child_named(document, key, strlen(key));
}

int document_line(const struct document *document, const char *path)
{
	while (*path) {
		const struct document *child = NULL;

		if (*path == '[') {
			size_t i = strtoul(path + 1, (char **)&path, 10);

			path += *path == ']';
			if (document->kind == DOCUMENT_LIST && i < document->n_children)
				child = document->children[i];
		} else {
			size_t length = strcspn(path, ".[");

			child = child_named(document, path, length);
			path += length;
		}
		if (!child)
			break;
		path += *path == '.';
		document = child;
	}
	return document->line;
}

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

static struct document *wrong(struct reader *reader, int line, const char *what)
{
	problem_add(reader->problems, reader->file, line, NULL, "%s", what);
	return NULL;
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

static struct document *node_new(enum document_kind kind, int line)
{
	struct document *node = must_calloc(1, sizeof(*node));

	node->kind = kind;
	node->line = line;
	return node;
}

static void adopt(struct document *parent, struct document *child)
{
	parent->children = must_realloc(parent->children, parent->n_children + 1,
					sizeof(parent->children[0]));
	parent->children[parent->n_children++] = child;
}

static struct document *node_read(struct reader *reader, yaml_event_t *event, int depth);

static struct document *list_read(struct reader *reader, int line, int depth)
{
	struct document *list = node_new(DOCUMENT_LIST, line);

	for (;;) {
		struct document *child;
		yaml_event_t event;

		if (!next(reader, &event))
			break;
		if (event.type == YAML_SEQUENCE_END_EVENT) {
			yaml_event_delete(&event);
			return list;
		}
		child = node_read(reader, &event, depth + 1);
		if (!child)
			break;
		adopt(list, child);
	}
	document_free(list);
	return NULL;
}

/* One "key: value" of @map, which begins with @event; deletes it. */
static bool entry_read(struct reader *reader, struct document *map, yaml_event_t *event, int depth)
{
	const struct document *same;
	struct document *child;
	int line = event_line(event);
	yaml_event_t value;
	bool good = false;
	char *key;

	if (event->type != YAML_SCALAR_EVENT || event->data.scalar.anchor ||
	    event->data.scalar.tag || strlen((char *)event->data.scalar.value) !=
	    event->data.scalar.length) {
		yaml_event_delete(event);
		wrong(reader, line, "a key is not plain text; write \"key: value\"");
		return false;
	}
	key = must_strdup((char *)event->data.scalar.value);
	yaml_event_delete(event);
	same = document_child(map, key);
	if (same) {
		problem_add(reader->problems, reader->file, line, key,
			    "is here a second time (first in line %d); leave one out", same->line);
		goto out;
	}
	if (!next(reader, &value))
		goto out;
	child = node_read(reader, &value, depth + 1);
	if (!child)
		goto out;
	child->key = key;
	child->line = line;
	key = NULL;
	adopt(map, child);
	good = true;
out:
	free(key);
	return good;
}

static struct document *map_read(struct reader *reader, int line, int depth)
{
	struct document *map = node_new(DOCUMENT_MAP, line);
	yaml_event_t event;

	while (next(reader, &event)) {
		if (event.type == YAML_MAPPING_END_EVENT) {
			yaml_event_delete(&event);
			return map;
		}
		if (!entry_read(reader, map, &event, depth))
			break;
	}
	document_free(map);
	return NULL;
}

/* The node that begins with @event; deletes the event. */
static struct document *node_read(struct reader *reader, yaml_event_t *event, int depth)
{
	int line = event_line(event);
	struct document *node = NULL;
	bool decorated = false;

	switch (event->type) {
	case YAML_SCALAR_EVENT:
		decorated = event->data.scalar.anchor || event->data.scalar.tag;
		if (decorated)
			break;
		if (strlen((char *)event->data.scalar.value) != event->data.scalar.length) {
			wrong(reader, line, "a value holds a zero byte; leave it out");
			break;
		}
		node = node_new(DOCUMENT_SCALAR, line);
		node->text = must_strdup((char *)event->data.scalar.value);
		node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
		break;
	case YAML_SEQUENCE_START_EVENT:
		decorated = event->data.sequence_start.anchor || event->data.sequence_start.tag;
		break;
	case YAML_MAPPING_START_EVENT:
		decorated = event->data.mapping_start.anchor || event->data.mapping_start.tag;
		break;
	default:
		decorated = true;	/* an alias */
	}
	if (decorated) {
		wrong(reader, line, "anchors (&), aliases (*) and tags (!) are not taken; write the "
		      "value itself");
	} else if (event->type != YAML_SCALAR_EVENT && depth >= DEPTH_MAX) {
		wrong(reader, line, "nested too deeply");
	} else if (event->type == YAML_SEQUENCE_START_EVENT) {
		yaml_event_delete(event);
		return list_read(reader, line, depth);
	} else if (event->type == YAML_MAPPING_START_EVENT) {
		yaml_event_delete(event);
		return map_read(reader, line, depth);
	}
	yaml_event_delete(event);
	return node;
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

static struct document *root_read(struct reader *reader)
{
	struct document *root;
	yaml_event_t event;

	if (!expect(reader, YAML_STREAM_START_EVENT, "not YAML") ||
	    !expect(reader, YAML_DOCUMENT_START_EVENT, "is empty; see the manual page for what it "
		    "must say") ||
	    !next(reader, &event))
		return NULL;
	root = node_read(reader, &event, 0);
	if (!root)
		return NULL;
	if (!expect(reader, YAML_DOCUMENT_END_EVENT, "not YAML") ||
	    !expect(reader, YAML_STREAM_END_EVENT, "a second document begins; write one per file")) {
		document_free(root);
		return NULL;
	}
	return root;
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
	root = root_read(&reader);
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

const struct document *document_child(const struct document *document, const char *key)
{
	for (size_t i = 0; i < document->n_children; i++)
		if (document->children[i]->key && !strcmp(document->children[i]->key, key))
			return document->children[i];
	return NULL;
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

			for (size_t i = 0; i < document->n_children && !child; i++)
				if (document->children[i]->key &&
				    strlen(document->children[i]->key) == length &&
				    !strncmp(document->children[i]->key, path, length))
					child = document->children[i];
			path += length;
		}
		if (!child)
			break;
		path += *path == '.';
		document = child;
	}
	return document->line;
}

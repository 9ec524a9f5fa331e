/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A YAML file as a tree that knows its lines. One document, no anchors, no
 * aliases, no tags, no key twice.
 */
#ifndef HOTIDD_DOCUMENT_H
#define HOTIDD_DOCUMENT_H

#include <stdbool.h>

#include "base/problems.h"

enum document_kind {
	DOCUMENT_SCALAR,
	DOCUMENT_MAP,
	DOCUMENT_LIST,
};

struct document {
	enum document_kind kind;
	int line;			/* of its key, where it has one */
	char *key;			/* in a map; else NULL */
	char *text;			/* of a scalar; else NULL */
	bool quoted;			/* a scalar in quotes */
	struct document **children;
	size_t n_children;
};

/**
 * document_read() - parse one file's text
 * @text: UTF-8, @length bytes
 * @file: its name, for messages
 *
 * Return: the tree, to be freed with document_free(), or NULL with a problem.
 */
struct document *document_read(const char *text, size_t length, const char *file,
			       struct problems *problems);
void document_free(struct document *document);

/* Nothing was written for it: "key:" alone, "~" or "null". */
bool document_is_empty(const struct document *document);

/* The child of a map by its key, or NULL. */
const struct document *document_child(const struct document *document, const char *key);

/* The line of what @path ("ports[1].mac") names, or of the nearest thing around it. */
int document_line(const struct document *document, const char *path);

#endif /* HOTIDD_DOCUMENT_H */

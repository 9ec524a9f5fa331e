/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads a test's node.yaml alone, which nobody else does: so the reader is included
 * as a source.
 */
#ifndef HOTID_UNIT_NODE_FILE_H
#define HOTID_UNIT_NODE_FILE_H

#include "config/reader.c"
#include "config_files.h"

static inline struct node_config *read_node(const char *path, char *error)
{
	struct problems problems = { 0 };
	struct node_config *config = node_config_read(path, &problems);

	problems_first(&problems, error);
	return config;
}

static inline void bad_node(const char *text, const char *want)
{
	char error[CONFIG_ERROR_MAX] = "";
	struct node_config *config;

	put("node.yaml", text, 0644);
	config = read_node(path_of("node.yaml"), error);
	CHECK(!config);
	node_config_free(config);
	wrong(error, want);
}

static inline struct node_config *good_node(const char *text)
{
	char error[CONFIG_ERROR_MAX] = "";
	struct node_config *config;

	put("node.yaml", text, 0644);
	config = read_node(path_of("node.yaml"), error);
	if (!CHECK(config))
		printf("#   %s\n", error);
	return config;
}

#endif /* HOTID_UNIT_NODE_FILE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* node.yaml: its table of fields, and what must hold between them. */
#ifndef HOTIDD_CONFIG_NODE_H
#define HOTIDD_CONFIG_NODE_H

#include "config/checking.h"
#include "config/config.h"
#include "config/schema.h"

extern const struct field node_fields[];
void node_check(struct checking *checking, struct node_config *config);
/* key_file.c: the file that config->key_file names, into config->keys. */
void key_file_read(struct checking *checking, struct node_config *config);
/* Where disks are reserved: whether the keys distinguish the nodes. */
void node_check_keys(const struct node_config *config, const char *file, struct problems *problems);

#endif /* HOTIDD_CONFIG_NODE_H */

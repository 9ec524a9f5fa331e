/* SPDX-License-Identifier: GPL-2.0 */
/* Between config.c and the files of the two kinds of configuration file. */
#ifndef HOTIDD_CONFIG_PARTS_H
#define HOTIDD_CONFIG_PARTS_H

#include "config/document.h"
#include "config/schema.h"

/* A file that is being checked beyond what its schema says. */
struct checking {
	const struct document *document;
	const char *file;
	struct problems *problems;
	bool good;
};

/* @key as "ports[0].mac"; its line is looked up. */
__attribute__((format(printf, 3, 4)))
void check_wrong(struct checking *checking, const char *key, const char *format, ...);

/* Write "ports[0].mac" and the like, for check_wrong(). */
#define CHECK_KEY_MAX	128
__attribute__((format(printf, 2, 3)))
const char *check_key(char key[CHECK_KEY_MAX], const char *format, ...);

/* The tables, and what must hold between the fields. */
extern const struct field node_fields[];
extern const struct field identity_fields[];
void node_check(struct checking *checking, struct node_config *config);
/* Where disks are reserved: whether the keys tell the nodes apart. */
void node_check_keys(const struct node_config *config, const char *file, struct problems *problems);
void identity_check(struct checking *checking, struct identity_config *config);

/* A word for identity.arm. False with VALUE_WHY_MAX bytes of what is wrong with it. */
bool identity_arm_policy(const char *text, enum arm_policy *policy, char *why);

/* The file that config->key_file names, into config->keys. */
void key_file_read(struct checking *checking, struct node_config *config);

/*
 * What two identities of one node share. What is the server's own is a mistake
 * in their files, for @problems; a place of the node, where only one of them can
 * be at a time, is for @places. NULL for what is not asked for.
 */
void identity_check_pair(const struct identity_config *a, const struct identity_config *b,
			 struct problems *problems, struct problems *places);

/* A whole small file, terminated, to be freed; or NULL with a problem. */
char *config_read_file(const char *path, size_t *length, struct problems *problems);

#endif /* HOTIDD_CONFIG_PARTS_H */

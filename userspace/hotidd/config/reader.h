/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads node.yaml and identities/NAME.yaml, one file or a whole directory,
 * checked against the schema. A file is read whole or not at all: on an error
 * nothing is returned.
 */
#ifndef HOTIDD_READER_H
#define HOTIDD_READER_H

#include "config/config.h"

/**
 * config_read_identity() - read one identity, whose name is the file's without ".yaml"
 * @path: the file
 * @error: CONFIG_ERROR_MAX bytes for "FILE:LINE: KEY: what is wrong; the fix"
 *
 * Return: what it says, to be freed with identity_config_free(), or NULL.
 */
struct identity_config *config_read_identity(const char *path, char *error);
void identity_config_free(struct identity_config *config);

/**
 * config_check_others() - whether an identity goes with the others of its node
 * @identity: the one
 * @dir: directory of all; files that cannot be read are passed over
 *
 * Return: whether it does; else @error says what both have.
 */
bool config_check_others(const struct identity_config *identity, const char *dir, char *error);

/**
 * config_shared() - what identities of the node share that only one of them can have at a time
 * @notes: gets a line for each such port, mount point and unit
 */
void config_shared(const struct config *config, struct problems *notes);

/**
 * config_read_all() - read node.yaml and identities/ below @dir
 * @problems: gets every problem, not only the first
 *
 * Return: the whole, to be freed with config_free(), or NULL.
 */
struct config *config_read_all(const char *dir, struct problems *problems);

/* The one of that name, or NULL. */
const struct identity_config *config_identity(const struct config *config, const char *name);

/* What node.yaml says of an identity, else its own file; manual for one that has none. */
enum arm_policy config_arm_policy(const struct config *config, const char *name);
void config_free(struct config *config);

#endif /* HOTIDD_READER_H */

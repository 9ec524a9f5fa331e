// SPDX-License-Identifier: GPL-2.0
/* Reads all files of the configuration directory. */
#include "config/reader.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "config/checking.h"
#include "config/config_identity.h"
#include "config/config_node.h"
#include "config/document.h"
#include "config/schema.h"

#define SUFFIX		".yaml"

static struct document *file_parse(const char *path, struct problems *problems)
{
	struct document *document;
	size_t length;
	char *text;

	text = config_read_file(path, &length, problems);
	if (!text)
		return NULL;
	document = document_read(text, length, path, problems);
	free(text);
	return document;
}

static void node_config_free(struct node_config *config)
{
	if (!config)
		return;
	schema_free(node_fields, config);
	explicit_bzero(config, sizeof(*config));
	free(config);
}

static struct node_config *node_config_read(const char *path, struct problems *problems)
{
	struct document *document = file_parse(path, problems);
	struct checking checking = {
		.document = document, .file = path, .problems = problems, .good = true,
	};
	struct node_config *config;

	if (!document)
		return NULL;
	config = must_calloc(1, sizeof(*config));
	if (schema_read(&checking, node_fields, config))
		node_check(&checking, config);
	document_free(document);
	if (checking.good)
		return config;
	node_config_free(config);
	return NULL;
}

static bool ends_in(const char *text, const char *suffix)
{
	size_t a = strlen(text), b = strlen(suffix);

	return a >= b && !strcmp(text + a - b, suffix);
}

/* The name that the file's gives, into @name, or a problem. */
static bool name_of_file(const char *path, char *name, struct problems *problems)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	char why[VALUE_WHY_MAX], *stem;
	bool good;

	if (!ends_in(base, SUFFIX) || !strcmp(base, SUFFIX)) {
		problem_add(problems, path, 0, NULL, "is not named NAME" SUFFIX "; rename it");
		return false;
	}
	stem = must_printf("%.*s", (int)(strlen(base) - strlen(SUFFIX)), base);
	good = value_name(stem, NULL, name, why);
	if (!good)
		problem_add(problems, path, 0, NULL, "the file's name gives the identity's: %s", why);
	free(stem);
	return good;
}

static struct identity_config *identity_read(const char *path, struct problems *problems)
{
	struct document *document = file_parse(path, problems);
	struct checking checking = {
		.document = document, .file = path, .problems = problems, .good = true,
	};
	struct identity_config *config;
	char name[HOTID_NAME_MAX + 1];

	if (!document)
		return NULL;
	config = must_calloc(1, sizeof(*config));
	config->path = must_strdup(path);
	config->document = document;
	checking.good = name_of_file(path, name, problems) &&
			schema_read(&checking, identity_fields, config);
	if (checking.good && *config->name && strcmp(config->name, name))
		check_wrong(&checking, "identity.name",
			    "\"%s\" is not what the file is called; write "
			    "\"%s\", or rename the file", config->name, name);
	if (checking.good) {
		strcpy(config->name, name);
		identity_check(&checking, config);
	}
	if (checking.good)
		return config;
	identity_config_free(config);
	return NULL;
}

struct identity_config *config_read_identity(const char *path, char *error)
{
	struct problems problems = { 0 };
	struct identity_config *config = identity_read(path, &problems);

	problems_first(&problems, error);
	return config;
}

void identity_config_free(struct identity_config *config)
{
	if (!config)
		return;
	schema_free(identity_fields, config);
	document_free(config->document);
	free(config->path);
	free(config);
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/*
 * Adds the identities of a directory, in order, and what two of them share that they
 * must not. A missing directory has none.
 */
static void identities_read(struct config *config, const char *dir, struct problems *problems)
{
	struct identity_config *identity;
	struct dirent **entries;
	char *path;
	int n;

	n = scandir(dir, &entries, visible, alphasort);
	if (n < 0 && errno != ENOENT)
		problem_add(problems, dir, 0, NULL, "cannot be read: %s", strerror(errno));
	if (n < 0)
		return;
	config->identities = must_calloc((size_t)n, sizeof(config->identities[0]));
	for (int i = 0; i < n; i++)
		if (ends_in(entries[i]->d_name, ".yml")) {
			path = must_printf("%s/%s", dir, entries[i]->d_name);
			problem_add(problems, path, 0, NULL,
				    "is not read; name it NAME" SUFFIX);
			free(path);
		}
	for (int i = 0; i < n; i++) {
		path = must_printf("%s/%s", dir, entries[i]->d_name);
		identity = ends_in(path, SUFFIX) ? identity_read(path, problems) : NULL;
		free(path);
		free(entries[i]);
		if (!identity)
			continue;
		for (size_t j = 0; j < config->n_identities; j++)
			identity_check_pair(identity, config->identities[j], problems, NULL);
		config->identities[config->n_identities++] = identity;
	}
	free(entries);
}

const struct identity_config *config_identity(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->n_identities; i++)
		if (!strcmp(config->identities[i]->name, name))
			return config->identities[i];
	return NULL;
}

/* A name that is mistyped in node.yaml would be no more than a wish. */
static void check_arm_names(const struct config *config, const char *file,
			    struct problems *problems)
{
	char key[CHECK_KEY_MAX];

	for (size_t i = 0; i < config->node->n_arm; i++) {
		const char *name = config->node->arm[i].property;

		if (config_identity(config, name))
			continue;
		snprintf(key, sizeof(key), "arm.%s", name);
		problem_add(problems, file, 0, key, "there is no identities/%s" SUFFIX "; correct the "
			    "name, or take it out", name);
	}
}

struct config *config_read_all(const char *dir, struct problems *problems)
{
	struct config *config = must_calloc(1, sizeof(*config));
	char *node = must_printf("%s/node.yaml", dir), *path = must_printf("%s/identities", dir);
	size_t before = problems->n;
	bool reserves = false;

	config->node = node_config_read(node, problems);
	identities_read(config, path, problems);
	for (size_t i = 0; i < config->n_identities; i++)
		reserves |= config->identities[i]->fence == FENCE_RESERVATION;
	if (config->node && reserves)
		node_check_keys(config->node, node, problems);
	/* A file that is wrong is there nevertheless. */
	if (config->node && problems->n == before)
		check_arm_names(config, node, problems);
	free(path);
	free(node);
	if (problems->n == before)
		return config;
	config_free(config);
	return NULL;
}

void config_shared(const struct config *config, struct problems *notes)
{
	for (size_t i = 0; i < config->n_identities; i++)
		for (size_t j = 0; j < i; j++)
			identity_check_pair(config->identities[i], config->identities[j], NULL,
					    notes);
}

enum arm_policy config_arm_policy(const struct config *config, const char *name)
{
	const struct identity_config *identity = config_identity(config, name);
	enum arm_policy policy = identity ? identity->arm : ARM_MANUAL, here;
	char why[VALUE_WHY_MAX];

	for (size_t i = 0; i < config->node->n_arm; i++)
		if (!strcmp(config->node->arm[i].property, name) &&
		    identity_arm_policy(config->node->arm[i].value, &here, why) &&
		    here != ARM_DEFAULT)
			policy = here;
	return policy;
}

void config_free(struct config *config)
{
	if (!config)
		return;
	for (size_t i = 0; i < config->n_identities; i++)
		identity_config_free(config->identities[i]);
	free(config->identities);
	node_config_free(config->node);
	free(config);
}

bool config_check_others(const struct identity_config *identity, const char *dir, char *error)
{
	struct problems problems = { 0 }, passed_over = { 0 };
	struct config *others = must_calloc(1, sizeof(*others));
	bool good;

	identities_read(others, dir, &passed_over);
	for (size_t i = 0; i < others->n_identities; i++)
		if (strcmp(others->identities[i]->name, identity->name))
			identity_check_pair(identity, others->identities[i], &problems, NULL);
	config_free(others);
	problems_clear(&passed_over);
	good = !problems.n;
	problems_first(&problems, error);
	return good;
}

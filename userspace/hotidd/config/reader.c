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
	struct checking checking = { document, path, problems, true };
	struct node_config *config;

	if (!document)
		return NULL;
	config = must_calloc(1, sizeof(*config));
	checking.good = schema_read(document, node_fields, config, path, problems);
	if (checking.good)
		node_check(&checking, config);
	document_free(document);
	if (checking.good)
		return config;
	node_config_free(config);
	return NULL;
}

/* The name that the file's gives, into @name, or a problem. */
static bool name_of_file(const char *path, char *name, struct problems *problems)
{
	const char *base = strrchr(path, '/');
	char why[VALUE_WHY_MAX], *stem;
	size_t length;
	bool good;

	base = base ? base + 1 : path;
	length = strlen(base);
	if (length <= strlen(SUFFIX) || strcmp(base + length - strlen(SUFFIX), SUFFIX)) {
		problem_add(problems, path, 0, NULL, "is not named NAME" SUFFIX "; rename it");
		return false;
	}
	stem = must_strdup(base);
	stem[length - strlen(SUFFIX)] = '\0';
	good = value_name(stem, NULL, name, why);
	if (!good)
		problem_add(problems, path, 0, NULL, "the file's name gives the identity's: %s", why);
	free(stem);
	return good;
}

static struct identity_config *identity_read(const char *path, struct problems *problems)
{
	struct document *document = file_parse(path, problems);
	struct checking checking = { document, path, problems, true };
	struct identity_config *config;
	char name[HOTID_NAME_MAX + 1];

	if (!document)
		return NULL;
	config = must_calloc(1, sizeof(*config));
	config->path = must_strdup(path);
	checking.good = name_of_file(path, name, problems) &&
			schema_read(document, identity_fields, config, path, problems);
	if (checking.good && *config->name && strcmp(config->name, name))
		check_wrong(&checking, "identity.name",
			    "\"%s\" is not what the file is called; write "
			    "\"%s\", or rename the file", config->name, name);
	if (checking.good) {
		strcpy(config->name, name);
		identity_check(&checking, config);
	}
	config->document = document;
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

static bool ends_in(const char *text, const char *suffix)
{
	size_t a = strlen(text), b = strlen(suffix);

	return a >= b && !strcmp(text + a - b, suffix);
}

/* The identity files of a directory, in order; a missing directory has none. */
static char **identity_files(const char *dir, size_t *n, struct problems *problems)
{
	struct dirent **entries;
	char **files = NULL;
	int found;

	*n = 0;
	found = scandir(dir, &entries, visible, alphasort);
	if (found < 0) {
		if (errno != ENOENT)
			problem_add(problems, dir, 0, NULL, "cannot be read: %s", strerror(errno));
		return NULL;
	}
	for (int i = 0; i < found; i++) {
		char *path = must_printf("%s/%s", dir, entries[i]->d_name);

		if (ends_in(path, SUFFIX)) {
			files = must_realloc(files, *n + 1, sizeof(*files));
			files[(*n)++] = path;
		} else {
			if (ends_in(path, ".yml"))
				problem_add(problems, path, 0, NULL,
					    "is not read; name it NAME" SUFFIX);
			free(path);
		}
		free(entries[i]);
	}
	free(entries);
	return files;
}

static const struct identity_config *identity_named(const struct config *config, const char *name)
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

		if (!identity_named(config, name))
			problem_add(problems, file, 0, check_key(key, "arm.%s", name),
				    "there is no identities/%s" SUFFIX "; correct the name, or take it out", name);
	}
}

struct config *config_read_all(const char *dir, struct problems *problems)
{
	struct config *config = must_calloc(1, sizeof(*config));
	size_t before = problems->n, n_files;
	char *path, *node, **files;
	bool reserves = false;

	node = must_printf("%s/node.yaml", dir);
	config->node = node_config_read(node, problems);
	path = must_printf("%s/identities", dir);
	files = identity_files(path, &n_files, problems);
	free(path);
	config->identities = must_calloc(n_files, sizeof(config->identities[0]));
	for (size_t i = 0; i < n_files; i++) {
		struct identity_config *identity = identity_read(files[i], problems);

		free(files[i]);
		if (!identity)
			continue;
		for (size_t j = 0; j < config->n_identities; j++)
			identity_check_pair(identity, config->identities[j], problems, NULL);
		config->identities[config->n_identities++] = identity;
		reserves |= identity->fence == FENCE_RESERVATION;
	}
	if (config->node && reserves)
		node_check_keys(config->node, node, problems);
	/* A file that is wrong is there nevertheless. */
	if (config->node && problems->n == before)
		check_arm_names(config, node, problems);
	free(node);
	free(files);
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
	const struct identity_config *identity = identity_named(config, name);
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
	size_t n_files;
	char **files;
	bool good;

	files = identity_files(dir, &n_files, &passed_over);
	for (size_t i = 0; i < n_files; i++) {
		struct identity_config *other = identity_read(files[i], &passed_over);

		if (other && strcmp(other->name, identity->name))
			identity_check_pair(identity, other, &problems, NULL);
		identity_config_free(other);
		free(files[i]);
	}
	free(files);
	problems_clear(&passed_over);
	good = !problems.n;
	problems_first(&problems, error);
	return good;
}

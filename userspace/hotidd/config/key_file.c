// SPDX-License-Identifier: GPL-2.0
/*
 * The file with the cluster keys: one line, or two while a key is rotated,
 * each "GENERATION KEY", or "KEY" alone for generation 1. The first is signed
 * with, both are accepted.
 */
#include "config/config_node.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/values.h"

#define FIELD	"node.key-file"
#define MAKE	"(umask 077; od -An -N16 -tx1 /dev/urandom | tr -d ' \\n' > key)"

/* Two lines of the longest generation and a key. */
#define TEXT_MAX	(2 * (10 + 1 + 2 * HOTID_KEY_LEN + 1))

/* Who may read it decides what it is worth. */
static bool is_private(struct checking *checking, const char *path, int fd)
{
	struct stat status;

	if (fstat(fd, &status))
		check_wrong(checking, FIELD, "%s: %s", path, strerror(errno));
	else if (!S_ISREG(status.st_mode))
		check_wrong(checking, FIELD, "%s is not a regular file", path);
	else if (status.st_mode & 077)
		check_wrong(checking, FIELD, "%s has mode %04o, others than its owner may use it; chmod "
			    "0600 %s", path, status.st_mode & 07777, path);
	else if (status.st_uid && status.st_uid != geteuid())
		check_wrong(checking, FIELD, "%s belongs to user %u; chown root %s", path,
			    status.st_uid,
			    path);
	else
		return true;
	return false;
}

static bool line_read(const char *line, struct cluster_key *key)
{
	const struct value_limits limits = { .min = 1, .max = UINT32_MAX };
	char generation[16] = "1", why[VALUE_WHY_MAX];
	const char *space = strchr(line, ' ');

	if (space) {
		snprintf(generation, sizeof(generation), "%.*s", (int)(space - line), line);
		line = space + 1;
	}
	return value_u32(generation, &limits, &key->generation, why) &&
	       value_hex(line, key->key, sizeof(key->key));
}

static void text_read(struct checking *checking, const char *path, char *text,
		      struct node_config *config)
{
	char *rest = text;

	for (char *line; (line = strsep(&rest, "\n")); ) {
		if (!rest && !*line && config->n_keys)
			break;		/* the end of the last line */
		if (config->n_keys == NODE_KEYS_MAX ||
		    !line_read(line, &config->keys[config->n_keys++])) {
			check_wrong(checking, FIELD, "%s does not hold a key; it must be exactly %d hex "
				    "digits, or \"GENERATION KEY\" in each of at most %d lines", path,
				    2 * HOTID_KEY_LEN, NODE_KEYS_MAX);
			return;
		}
	}
	for (size_t i = 0; i < config->n_keys; i++)
		if (bytes_are_zero(config->keys[i].key, HOTID_KEY_LEN))
			check_wrong(checking, FIELD, "%s holds the zero key; make a random one: %s", path,
				    MAKE);
	if (config->n_keys == 2 && config->keys[0].generation == config->keys[1].generation)
		check_wrong(checking, FIELD, "%s has two keys of generation %u; give the new one a "
			    "higher generation", path, config->keys[0].generation);
}

void key_file_read(struct checking *checking, struct node_config *config)
{
	char text[TEXT_MAX + 2] = "";
	ssize_t length;
	int fd;

	fd = open(config->key_file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0) {
		check_wrong(checking, FIELD, "%s: %s; make one for all nodes: %s", config->key_file,
			    strerror(errno), MAKE);
		return;
	}
	if (is_private(checking, config->key_file, fd)) {
		length = read(fd, text, sizeof(text) - 1);
		if (length < 0)
			check_wrong(checking, FIELD, "%s: %s", config->key_file, strerror(errno));
		else
			text_read(checking, config->key_file, text, config);
	}
	explicit_bzero(text, sizeof(text));
	close(fd);
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Configuration files of a test: a directory of its own, texts that are right to
 * begin with, and what is said about one that is not.
 */
#ifndef HOTID_UNIT_CONFIG_FILES_H
#define HOTID_UNIT_CONFIG_FILES_H

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/reader.h"
#include "ktap.h"

#define KEY	"000102030405060708090a0b0c0d0e0f\n"
#define ID	"0f0e0d0c0b0a09080706050403020100"
#define NODE	"node: {name: spare, id: " ID "}\n"

#define PORT	"ports:\n- match: {ID_PATH: \"pci-0000:00:04.0\"}\n  mac: 02:00:00:77:00:10\n"
#define ISCSI	"iscsi:\n- {initiator: \"iqn.2026-01.hotid:web\", portal: 10.78.0.3, " \
		"target: \"iqn.2026-01.hotid:store\", luns: [0, 1]}\n"
#define DISKS	"disks:\n- {name: data, iscsi: \"iqn.2026-01.hotid:store\", lun: 0, serial: y, " \
		"foreign-keys: preempt}\n" \
		"- {name: log, iscsi: \"iqn.2026-01.hotid:store\", lun: 1, wwid: x}\n"

static char dir[64], *dir_files[32];
static size_t n_files;

static inline char *path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

/* A file below the test's directory. */
static inline void put(const char *name, const char *text, mode_t mode)
{
	FILE *file = fopen(path_of(name), "w");

	if (!CHECK(file))
		return;
	CHECK(fputs(text, file) >= 0);
	fclose(file);
	CHECK(!chmod(path_of(name), mode));
	for (size_t i = 0; i < n_files; i++)
		if (!strcmp(dir_files[i], name))
			return;
	dir_files[n_files++] = strdup(name);
}

/* The directory, with the key in it. */
static inline void begin(void)
{
	strcpy(dir, "/tmp/hotid-test-XXXXXX");
	CHECK(mkdtemp(dir));
	CHECK(!mkdir(path_of("identities"), 0700));
	put("key", KEY, 0600);
}

static inline void end(void)
{
	while (n_files) {
		unlink(path_of(dir_files[--n_files]));
		free(dir_files[n_files]);
	}
	rmdir(path_of("identities"));
	CHECK(!rmdir(dir));
}

/* What is wrong, without the directory; "" for nothing. */
static inline const char *without_dir(const char *error)
{
	return strncmp(error, dir, strlen(dir)) ? error : error + strlen(dir) + 1;
}

/* What is wrong begins with these words. */
static inline void wrong(const char *error, const char *want)
{
	error = without_dir(error);
	if (!CHECK(!strncmp(error, want, strlen(want))))
		printf("#   is \"%s\"\n#   should begin with \"%s\"\n", error, want);
}

/* identities/web.yaml with this text. */
static inline void bad_identity(const char *text, const char *want)
{
	char error[CONFIG_ERROR_MAX] = "";
	struct identity_config *config;

	put("identities/web.yaml", text, 0644);
	config = config_read_identity(path_of("identities/web.yaml"), error);
	CHECK(!config);
	identity_config_free(config);
	wrong(error, want);
}

static inline struct identity_config *good_identity(const char *text)
{
	char error[CONFIG_ERROR_MAX] = "";
	struct identity_config *config;

	put("identities/web.yaml", text, 0644);
	config = config_read_identity(path_of("identities/web.yaml"), error);
	if (!CHECK(config))
		printf("#   %s\n", error);
	return config;
}

#endif /* HOTID_UNIT_CONFIG_FILES_H */

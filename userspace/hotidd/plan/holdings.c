// SPDX-License-Identifier: GPL-2.0
/* Compares an identity with those that are armed or held on this node. */
#include "plan/holdings.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "config/config_identity.h"
#include "config/reader.h"
#include "step/rundir.h"

/* From the check to the mark, or to the copy, of one identity. */
static pthread_mutex_t holdings_lock = PTHREAD_MUTEX_INITIALIZER;

/* What a check looks at, and what it found. */
struct holdings_look {
	const char *run_dir;
	const struct identity_config *identity;
	bool arming;			/* others that are only armed count too */
	char *error;
};

/* One other identity, by its name. 0 or -EBUSY. */
static int holdings_look_at(const struct holdings_look *look, const char *name)
{
	struct problems own = { 0 }, places = { 0 };
	char *path, why[CONFIG_ERROR_MAX];
	struct identity_config *other;
	bool here = rundir_is_taken(look->run_dir, name);

	if (!here && !look->arming)
		return 0;
	path = rundir_copy_path(look->run_dir, name);
	other = config_read_identity(path, why);
	free(path);
	if (!other) {
		snprintf(look->error, CONFIG_ERROR_MAX, "it cannot be seen what identity %s has on "
			 "this node: %.300s; %s that one first", name, why,
			 here ? "release" : "disarm");
		return -EBUSY;
	}
	identity_check_pair(look->identity, other, &own, here ? &places : NULL);
	identity_config_free(other);
	if (!own.n && !places.n)
		return 0;
	snprintf(look->error, CONFIG_ERROR_MAX, "identity %s is %s; %s it first: %s", name,
		 here ? "on this node now" : "armed on this node", here ? "release" : "disarm",
		 own.n ? own.text[0] : places.text[0]);
	problems_clear(&own);
	problems_clear(&places);
	return -EBUSY;
}

static int holdings_look(const struct holdings_look *look)
{
	static const char suffix[] = ".yaml";
	DIR *directory = opendir(look->run_dir);
	struct dirent *entry;
	int result = 0;

	if (!directory && errno == ENOENT)
		return 0;
	if (!directory) {
		snprintf(look->error, CONFIG_ERROR_MAX, "%s: %s", look->run_dir, strerror(errno));
		return -EBUSY;
	}
	for (;;) {
		size_t length;
		char *name;

		errno = 0;
		entry = readdir(directory);
		if (!entry && errno) {
			snprintf(look->error, CONFIG_ERROR_MAX, "%s: %s", look->run_dir,
				 strerror(errno));
			result = -EBUSY;
		}
		if (!entry || result)
			break;
		length = strlen(entry->d_name);
		if (length < sizeof(suffix) ||
		    strcmp(entry->d_name + length + 1 - sizeof(suffix), suffix))
			continue;
		name = must_strdup(entry->d_name);
		name[length + 1 - sizeof(suffix)] = '\0';
		if (strcmp(name, look->identity->name))
			result = holdings_look_at(look, name);
		free(name);
	}
	closedir(directory);
	return result;
}

int holdings_arm(const char *run_dir, const struct identity_config *identity, char *error)
{
	struct holdings_look look = {
		.run_dir = run_dir, .identity = identity, .arming = true, .error = error,
	};
	int result;

	pthread_mutex_lock(&holdings_lock);
	result = holdings_look(&look);
	if (result)
		goto unlock;
	result = rundir_keep(run_dir, identity->name, identity->path);
	if (result)
		snprintf(error, CONFIG_ERROR_MAX, "cannot keep a copy of the plan in %s: %s; make room",
			 run_dir, strerror(-result));
unlock:
	pthread_mutex_unlock(&holdings_lock);
	return result;
}

int holdings_check(const char *run_dir, const struct identity_config *identity, char *error)
{
	struct holdings_look look = { .run_dir = run_dir, .identity = identity, .error = error };
	int result;

	pthread_mutex_lock(&holdings_lock);
	result = holdings_look(&look);
	pthread_mutex_unlock(&holdings_lock);
	return result;
}

int holdings_take(const char *run_dir, const struct identity_config *identity, char *error)
{
	struct holdings_look look = { .run_dir = run_dir, .identity = identity, .error = error };
	int result, failed;

	pthread_mutex_lock(&holdings_lock);
	result = holdings_look(&look);
	if (!result) {
		failed = rundir_mark_taken(run_dir, identity->name);
		if (failed)
			/* A later daemon would leave alone what must be undone; this one knows. */
			log_warning("identity %s: cannot write to %s: %s", identity->name, run_dir,
				    strerror(-failed));
	}
	pthread_mutex_unlock(&holdings_lock);
	return result;
}

// SPDX-License-Identifier: GPL-2.0
/* Compares an identity with those that are armed or held on this node. */
#include "plan/holdings.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "config/config_identity.h"
#include "config/reader.h"
#include "step/rundir.h"

/* From the check to the mark, or to the copy, of one identity. */
static pthread_mutex_t holdings_lock = PTHREAD_MUTEX_INITIALIZER;

/* A check against the others. */
struct holdings_look {
	const char *run_dir;
	const struct identity_config *identity;
	bool arming;			/* others that are only armed count too */
	char *error;
};

/* One other identity, by its name. 0 or -EBUSY. */
static int holdings_compare(const struct holdings_look *look, const char *name)
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

/* A file of the run directory, which may be the copy of another identity's. */
static int holdings_look_at(const char *file, void *data)
{
	static const char suffix[] = ".yaml";
	const struct holdings_look *look = data;
	size_t length = strlen(file);
	char *name;
	int result = 0;

	if (length < sizeof(suffix) || strcmp(file + length + 1 - sizeof(suffix), suffix))
		return 0;
	name = must_printf("%.*s", (int)(length + 1 - sizeof(suffix)), file);
	if (strcmp(name, look->identity->name))
		result = holdings_compare(look, name);
	free(name);
	return result;
}

/* Under the lock. 0 or -EBUSY. */
static int holdings_look(const char *run_dir, const struct identity_config *identity, bool arming,
			 char *error)
{
	struct holdings_look look = { run_dir, identity, arming, error };
	int result = file_each_in(run_dir, holdings_look_at, &look);

	if (!result || result == -ENOENT || result == -EBUSY)
		return result == -EBUSY ? result : 0;
	snprintf(error, CONFIG_ERROR_MAX, "%s: %s", run_dir, strerror(-result));
	return -EBUSY;
}

int holdings_arm(const char *run_dir, const struct identity_config *identity, char *error)
{
	int result;

	pthread_mutex_lock(&holdings_lock);
	result = holdings_look(run_dir, identity, true, error);
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
	int result;

	pthread_mutex_lock(&holdings_lock);
	result = holdings_look(run_dir, identity, false, error);
	pthread_mutex_unlock(&holdings_lock);
	return result;
}

int holdings_take(const char *run_dir, const struct identity_config *identity, char *error)
{
	int result, failed;

	pthread_mutex_lock(&holdings_lock);
	result = holdings_look(run_dir, identity, false, error);
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

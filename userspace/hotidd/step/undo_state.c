// SPDX-License-Identifier: GPL-2.0
/* Files of "key=value" lines that undo reads. */
#include "step/undo_state.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "step/job.h"

/* RUN_DIR/web.net.0; identity names hold no slash. */
static void undo_state_path(const struct step_env *env, const char *kind, size_t item, char *path)
{
	snprintf(path, PATH_MAX, "%s/%s.%s.%zu", env->run_dir, env->identity->name, kind, item);
}

int undo_state_load(const struct step_env *env, const char *kind, size_t item,
		    struct undo_state *keep)
{
	char path[PATH_MAX];
	ssize_t got;

	undo_state_path(env, kind, item, path);
	got = file_read(path, keep->text, sizeof(keep->text));
	return got < 0 ? (int)got : 0;
}

int undo_state_save(struct step_env *env, const char *kind, size_t item,
		    const struct undo_state *keep)
{
	char path[PATH_MAX];
	int result;

	mkdir(env->run_dir, 0755);
	undo_state_path(env, kind, item, path);
	result = file_replace(path, keep->text, strlen(keep->text), false);
	if (result)
		job_fail(env, result, "%s: %s; nothing was changed, since undo would not find its way back",
			 path, strerror(-result));
	return result;
}

void undo_state_drop(const struct step_env *env, const char *kind, size_t item)
{
	char path[PATH_MAX];

	undo_state_path(env, kind, item, path);
	unlink(path);
}

bool undo_state_put(struct undo_state *keep, const char *key, const char *value)
{
	size_t used = strlen(keep->text);
	int length = snprintf(keep->text + used, sizeof(keep->text) - used, "%s=%s\n", key, value);

	if (length < 0 || used + length >= sizeof(keep->text)) {
		keep->text[used] = '\0';
		return false;
	}
	return true;
}

bool undo_state_get(const struct undo_state *keep, const char *key, char *value, size_t size)
{
	size_t length = strlen(key);

	for (const char *line = keep->text; *line; line = strchr(line, '\n') + 1) {
		const char *end = strchr(line, '\n');

		if (!end)
			return false;
		if (strncmp(line, key, length) || line[length] != '=')
			continue;
		line += length + 1;
		if ((size_t)(end - line) >= size)
			return false;
		memcpy(value, line, end - line);
		value[end - line] = '\0';
		return true;
	}
	return false;
}

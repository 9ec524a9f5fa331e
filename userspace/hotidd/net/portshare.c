// SPDX-License-Identifier: GPL-2.0
/* Finds other identities that are staged on the same port. */
#include "net/portshare.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "step/job.h"
#include "step/rundir.h"

static pthread_mutex_t portshare_mutex = PTHREAD_MUTEX_INITIALIZER;

void portshare_lock(void)
{
	pthread_mutex_lock(&portshare_mutex);
}

void portshare_unlock(void)
{
	pthread_mutex_unlock(&portshare_mutex);
}

/* "web.net.0" into "web" and 0. Names may hold dots. */
static bool parse_name(const char *file, char identity[HOTID_NAME_MAX + 1], size_t *item)
{
	static const char middle[] = "." PORTSHARE_KIND ".";
	const char *number = strrchr(file, '.'), *at;
	char *end;

	if (!number || !number[1] || (size_t)(number - file) + 2 < sizeof(middle))
		return false;
	at = number + 2 - sizeof(middle);
	if (strncmp(at, middle, sizeof(middle) - 1) || at == file || at - file > HOTID_NAME_MAX)
		return false;
	*item = strtoul(number + 1, &end, 10);
	memcpy(identity, file, at - file);
	identity[at - file] = '\0';
	return !*end;
}

static bool is_of(const struct undo_state *keep, const struct port *port)
{
	char name[IF_NAMESIZE], number[16];

	return undo_state_get(keep, "port", name, sizeof(name)) &&
	       undo_state_get(keep, "ifindex", number, sizeof(number)) &&
	       !strcmp(name, port->name) && atoi(number) == port->ifindex;
}

/* One file of the directory: 1 when it is another one's memory of the port. */
static int portshare_look_at(const char *file, const struct port *port, struct portshare *other,
			     struct step_env *env)
{
	struct identity_config identity = { 0 };
	struct step_env theirs = { .identity = &identity, .run_dir = env->run_dir };
	size_t item;
	int result;

	if (!parse_name(file, identity.name, &item) || !strcmp(identity.name, env->identity->name))
		return 0;
	result = undo_state_load(&theirs, PORTSHARE_KIND, item, &other->keep);
	if (result == -ENOENT)
		return 0;	/* it was undone just now */
	if (result)
		return job_fail(env, result,
				"%s: identity %s may have it, and %s/%s cannot be read: %m",
				port->name, identity.name, env->run_dir, file);
	strcpy(other->identity, identity.name);
	other->here = rundir_is_taken(env->run_dir, identity.name);
	return is_of(&other->keep, port);
}

int portshare_find(const struct port *port, struct portshare *other, struct step_env *env)
{
	DIR *directory = opendir(env->run_dir);
	struct portshare found;
	int result = 0, any = 0;

	if (!directory && errno == ENOENT)
		return 0;
	if (!directory)
		return job_fail(env, errno, "%s: %m", env->run_dir);
	for (;;) {
		struct dirent *entry;

		errno = 0;
		entry = readdir(directory);
		if (!entry && errno)
			result = job_fail(env, errno, "%s: %m", env->run_dir);
		if (!entry)
			break;
		result = portshare_look_at(entry->d_name, port, &found, env);
		if (result < 0)
			break;
		if (!result || (any && !found.here))
			continue;
		*other = found;
		any = 1;
	}
	closedir(directory);
	return result < 0 ? result : any;
}

int portshare_refuse(const struct port *port, const struct portshare *other, struct step_env *env)
{
	return job_fail(env, EBUSY, "%s is the port of identity %s, which is on this node now; release that one first",
			port->name, other->identity);
}

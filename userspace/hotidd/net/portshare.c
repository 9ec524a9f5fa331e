// SPDX-License-Identifier: GPL-2.0
/* Finds other identities that are staged on the same port. */
#include "net/portshare.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "step/job.h"
#include "step/rundir.h"

/* A search for who else has @port, and what it found. */
struct portshare_search {
	const struct port *port;
	struct step_env *env;
	struct portshare *other;
	bool found;
};

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

bool portshare_port(const struct undo_state *keep, struct port *port)
{
	char number[16];

	if (!undo_state_get(keep, "port", port->name, sizeof(port->name)) ||
	    !undo_state_get(keep, "ifindex", number, sizeof(number)))
		return false;
	port->ifindex = atoi(number);
	return true;
}

/* One file of the directory, which may be another one's memory of the port. */
static int portshare_look_at(const char *file, void *data)
{
	struct portshare_search *search = data;
	struct step_env *env = search->env;
	struct identity_config identity = { 0 };
	struct step_env theirs = { .identity = &identity, .run_dir = env->run_dir };
	struct portshare share;
	struct port port;
	size_t item;
	int result;

	if (!parse_name(file, identity.name, &item) || !strcmp(identity.name, env->identity->name))
		return 0;
	result = undo_state_load(&theirs, PORTSHARE_KIND, item, &share.keep);
	if (result == -ENOENT)
		return 0;	/* it was undone just now */
	if (result)
		return job_fail(env, result,
				"%s: identity %s may have it, and %s/%s cannot be read: %m",
				search->port->name, identity.name, env->run_dir, file);
	if (!portshare_port(&share.keep, &port) || strcmp(port.name, search->port->name) ||
	    port.ifindex != search->port->ifindex)
		return 0;
	strcpy(share.identity, identity.name);
	share.here = rundir_is_taken(env->run_dir, identity.name);
	if (!search->found || share.here)
		*search->other = share;
	search->found = true;
	return 0;
}

int portshare_find(const struct port *port, struct portshare *other, struct step_env *env)
{
	struct portshare_search search = { .port = port, .env = env, .other = other };
	int result;

	*env->message = '\0';
	result = file_each_in(env->run_dir, portshare_look_at, &search);
	if (result == -ENOENT)
		return 0;
	if (result && !*env->message)
		job_fail(env, result, "%s: %m", env->run_dir);
	return result ? result : search.found;
}

int portshare_check(const struct port *port, struct portshare *other, struct step_env *env)
{
	int result = portshare_find(port, other, env);

	if (result <= 0 || !other->here)
		return result;
	return job_fail(env, EBUSY, "%s is the port of identity %s, which is on this node now; release that one first",
			port->name, other->identity);
}

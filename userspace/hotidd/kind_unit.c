// SPDX-License-Identifier: GPL-2.0
/* A systemd unit of the identity: started when its file systems are there. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "job.h"
#include "systemd.h"

static const char *name_of(const struct step *step, const struct step_env *env)
{
	return env->identity->units[step->item];
}

/* A link in systemd's directories that leads into one of the identity's file systems. */
static bool comes_with_mount(const char *name, const struct step_env *env, const char **where)
{
	static const char *const directories[] = {
		"/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system",
	};

	for (size_t d = 0; d < sizeof(directories) / sizeof(directories[0]); d++) {
		char path[PATH_MAX], target[PATH_MAX];
		ssize_t length;

		snprintf(path, sizeof(path), "%s/%s", directories[d], name);
		length = readlink(path, target, sizeof(target) - 1);
		if (length < 0)
			continue;
		target[length] = '\0';
		for (size_t m = 0; m < env->identity->n_mounts; m++) {
			size_t prefix = strlen(env->identity->mounts[m].where);

			*where = env->identity->mounts[m].where;
			if (!strncmp(target, *where, prefix) && target[prefix] == '/')
				return true;
		}
	}
	return false;
}

static int refuse(const char *name, const struct systemd_unit *unit, struct step_env *env)
{
	if (!strcmp(unit->load, "not-found"))
		return job_fail(env, ENOENT, "%s: there is no such unit; install it, or link it from /etc/systemd/system into the identity's file system",
				name);
	if (!strcmp(unit->load, "masked"))
		return job_fail(env, EPERM, "%s is masked; run \"systemctl unmask %s\"", name, name);
	return job_fail(env, EINVAL, "%s: systemd cannot read it (%s); \"systemctl status %s\" says why",
			name, unit->load, name);
}

static int unit_validate(struct step *step, struct step_env *env)
{
	const char *name = name_of(step, env), *where;
	struct systemd *systemd;
	struct systemd_unit unit;
	int result = systemd_open(&systemd, env);

	if (result)
		return result;
	result = systemd_load(systemd, name, &unit);
	if (result)
		goto close;
	if (!strcmp(unit.load, "loaded")) {
		job_say(env, "%s%s", name, systemd_is_enabled(systemd, name) ?
			" is enabled, so it also starts with this node; disable it" : "");
	} else if (!strcmp(unit.load, "not-found") && comes_with_mount(name, env, &where)) {
		job_say(env, "%s comes with %s", name, where);
	} else {
		result = refuse(name, &unit, env);
	}
close:
	systemd_close(systemd);
	return result;
}

static void unit_free(struct step *step)
{
	systemd_close(step->priv);
	step->priv = NULL;
}

/* All that can be done ahead is to have it in memory, which the connection keeps up. */
static int unit_stage(struct step *step, struct step_env *env)
{
	const char *name = name_of(step, env), *where;
	struct systemd *systemd;
	struct systemd_unit unit;
	int result = systemd_open(&systemd, env);

	if (result)
		return result;
	unit_free(step);
	step->priv = systemd;
	result = systemd_load(systemd, name, &unit);
	if (result)
		return result;
	if (strcmp(unit.load, "loaded")) {
		unit_free(step);
		if (!comes_with_mount(name, env, &where))
			return refuse(name, &unit, env);
		job_say(env, "%s comes with %s", name, where);
		return 0;
	}
	job_say(env, "%s is loaded", name);
	return systemd_pin(systemd, name);
}

static int say_failure(struct systemd *systemd, const char *name, const char *ended,
		       struct step_env *env)
{
	struct systemd_service service;
	char detail[96] = "";

	if (!systemd_service(systemd, name, &service) && *service.result &&
	    strcmp(service.result, "success"))
		snprintf(detail, sizeof(detail), ", %s, status %d", service.result,
			 service.exit_status);
	return job_fail(env, EIO, "%s did not start (%s%s); \"journalctl -u %s\" says why", name,
			ended, detail, name);
}

static int unit_take(struct step *step, struct step_env *env)
{
	const char *name = name_of(step, env), *where;
	struct systemd *systemd;
	struct systemd_unit unit;
	char ended[32];
	int result = systemd_open(&systemd, env);

	if (result)
		return result;
	result = systemd_load(systemd, name, &unit);
	if (!result && !strcmp(unit.load, "not-found") && comes_with_mount(name, env, &where)) {
		result = systemd_reload(systemd);
		if (!result)
			result = systemd_load(systemd, name, &unit);
	}
	if (!result && strcmp(unit.load, "loaded"))
		result = refuse(name, &unit, env);
	if (result)
		goto close;
	systemd_forget_failure(systemd, name);
	result = systemd_run(systemd, name, SYSTEMD_START, ended, sizeof(ended));
	if (!result && strcmp(ended, "done"))
		result = say_failure(systemd, name, ended, env);
	if (!result)
		job_say(env, "%s started", name);
close:
	systemd_close(systemd);
	return result;
}

static bool is_up(struct systemd *systemd, const char *name, const struct systemd_unit *unit)
{
	struct systemd_service service;

	if (!strcmp(unit->active, "active") || !strcmp(unit->active, "reloading"))
		return true;
	/* It did its work and ended, as it should. */
	return !strcmp(unit->active, "inactive") && !systemd_service(systemd, name, &service) &&
	       !strcmp(service.type, "oneshot") && !strcmp(service.result, "success");
}

static int unit_verify(struct step *step, struct step_env *env)
{
	const char *name = name_of(step, env);
	struct systemd *systemd;
	struct systemd_unit unit;
	int result = systemd_open(&systemd, env);

	if (result)
		return result;
	result = systemd_load(systemd, name, &unit);
	if (!result && !is_up(systemd, name, &unit))
		result = job_fail(env, EIO, "%s is %s (%s) instead of active; \"journalctl -u %s\" says why",
				  name, unit.active, unit.sub, name);
	if (!result)
		job_say(env, "%s is %s (%s)", name, unit.active, unit.sub);
	systemd_close(systemd);
	return result;
}

/* Most of the time is the unit's own to end well; the rest is for ending it. */
static int stop(struct systemd *systemd, const char *name, struct step_env *env)
{
	uint64_t deadline = env->deadline_ns;
	char ended[32];
	int result;

	env->deadline_ns -= job_left(env) / 3;
	result = systemd_run(systemd, name, SYSTEMD_STOP, ended, sizeof(ended));
	env->deadline_ns = deadline;
	if (result == -ENOENT)
		return 0;
	if (result == -ETIMEDOUT) {
		result = systemd_kill(systemd, name);
		if (!result)
			result = systemd_run(systemd, name, SYSTEMD_STOP, ended, sizeof(ended));
	}
	return result;
}

static int unit_undo(struct step *step, struct step_env *env)
{
	const char *name = name_of(step, env);
	struct systemd *systemd;
	struct systemd_unit unit;
	int result;

	if (!env->taken) {
		/* If it runs, somebody else started it. */
		unit_free(step);
		job_say(env, "%s was not started", name);
		return 0;
	}
	result = systemd_open(&systemd, env);
	if (result)
		return result;
	result = stop(systemd, name, env);
	if (!result)
		result = systemd_load(systemd, name, &unit);
	if (!result && strcmp(unit.active, "inactive") && strcmp(unit.active, "failed"))
		result = job_fail(env, EBUSY, "%s is %s (%s) although it was stopped; \"systemctl status %s\" says why",
				  name, unit.active, unit.sub, name);
	/* A start that failed is told in the step's record, not left in systemd's. */
	if (!result) {
		systemd_forget_failure(systemd, name);
		unit_free(step);
		job_say(env, "%s stopped", name);
	}
	systemd_close(systemd);
	return result;
}

const struct kind kind_unit = {
	.name = "unit",
	.stage = HOTID_STAGE_UNITS,
	.validate = unit_validate,
	.stage_ahead = unit_stage,
	.take = unit_take,
	.verify = unit_verify,
	.undo = unit_undo,
	.owns = owned_by_unit,
	.free = unit_free,
};

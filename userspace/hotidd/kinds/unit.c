// SPDX-License-Identifier: GPL-2.0
/*
 * A systemd unit of the identity: started when its file systems are there.
 *
 * Some types of services notify systemd when they are ready. Of the others it
 * only knows that there is a process, which may end at once, as one does that
 * does not like its configuration. So when the last unit is verified, each of
 * those must have been active for a moment, in one go.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "step/job.h"
#include "step/systemd.h"
#include "step/unit_log.h"

/*
 * How long a service has to live until it counts as started, where systemd only
 * knows that there is a process. It is waited for once, not for each unit. On a
 * slow machine the process may not have come far in that time: as long as it is
 * not seen waiting for something, twice in a row, it gets more, up to BUSY_NS. So
 * long has one to live in any case that systemd had to start more than once.
 */
#define SETTLE_NS	(200 * JOB_MS)
#define BUSY_NS		(2000 * JOB_MS)
#define BUSY_POLL_NS	(20 * JOB_MS)
#define LOG_NS		(5000 * JOB_MS)		/* for the journal, on a slow machine */

static const char *name_of(const struct step *step, const struct step_env *env)
{
	return env->identity->units[step->item];
}

/* Into which of the identity's file systems a link in systemd's directories leads, or NULL. */
static const char *comes_with(const char *name, const struct step_env *env)
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
			const char *where = env->identity->mounts[m].where;
			size_t prefix = strlen(where);

			if (!strncmp(target, where, prefix) && target[prefix] == '/')
				return where;
		}
	}
	return NULL;
}

/* 0 when systemd has it; -ENOENT when it knows of no such unit. */
static int load_unit(struct systemd *systemd, const char *name, struct step_env *env)
{
	struct systemd_unit unit;
	int result = systemd_load(systemd, name, &unit);

	if (result || !strcmp(unit.load, "loaded"))
		return result;
	if (!strcmp(unit.load, "not-found"))
		return job_fail(env, ENOENT, "%s: there is no such unit; install it, or link it from /etc/systemd/system into the identity's file system",
				name);
	if (!strcmp(unit.load, "masked"))
		return job_fail(env, EPERM, "%s is masked; run \"systemctl unmask %s\"", name,
				name);
	return job_fail(env, EINVAL,
			"%s: systemd cannot read it (%s); \"systemctl status %s\" says why",
			name, unit.load, name);
}

/*
 * 0 with a connection to be closed, and the unit loaded, or @where, the file
 * system that it comes with.
 */
static int open_unit(const char *name, struct systemd **systemd, const char **where,
		     struct step_env *env)
{
	int result = systemd_open(systemd, env);

	if (result)
		return result;
	result = load_unit(*systemd, name, env);
	*where = result == -ENOENT ? comes_with(name, env) : NULL;
	if (*where)
		return 0;
	if (result)
		systemd_close(*systemd);
	return result;
}

static int unit_validate(struct step *step, struct step_env *env)
{
	const char *name = name_of(step, env), *where;
	struct systemd *systemd;
	int result = open_unit(name, &systemd, &where, env);

	if (result)
		return result;
	if (where)
		job_say(env, "%s comes with %s", name, where);
	else if (systemd_is_enabled(systemd, name))
		job_say(env, "%s is enabled, so it also starts with this node; disable it", name);
	else
		job_say(env, "%s", name);
	systemd_close(systemd);
	return 0;
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
	int result = open_unit(name, &systemd, &where, env);

	if (result)
		return result;
	unit_free(step);
	if (where) {
		systemd_close(systemd);
		job_say(env, "%s comes with %s", name, where);
		return 0;
	}
	step->priv = systemd;
	job_say(env, "%s is loaded", name);
	return systemd_pin(systemd, name);
}

#define DETAIL_TEXT	96

/* ", exit-code, status 1"; "" when that is not known. Returns @text. */
static const char *detail(const struct systemd_service *service, char text[DETAIL_TEXT])
{
	*text = '\0';
	if (*service->result && strcmp(service->result, "success"))
		snprintf(text, DETAIL_TEXT, ", %s, status %d", service->result,
			 service->exit_status);
	return text;
}

static int say_failure(struct systemd *systemd, const char *name, const char *ended,
		       struct step_env *env)
{
	struct systemd_service service = { 0 };
	char text[DETAIL_TEXT];
	int result;

	systemd_service(systemd, name, &service);
	result = job_fail(env, EIO, "%s did not start (%s%s); \"journalctl -u %s\" says why", name,
			  ended, detail(&service, text), name);
	unit_log_add(env, service.id, service.begun_ns);
	return result;
}

static int unit_take(struct step *step, struct step_env *env)
{
	const char *name = name_of(step, env), *where;
	struct systemd *systemd;
	char ended[32];
	int result = open_unit(name, &systemd, &where, env);

	if (result)
		return result;
	/* By now the file system that it comes with is there. */
	if (where)
		result = systemd_reload(systemd);
	if (where && !result)
		result = load_unit(systemd, name, env);
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

static bool is_up(const struct systemd_unit *unit, const struct systemd_service *service)
{
	if (!strcmp(unit->active, "active") || !strcmp(unit->active, "reloading"))
		return true;
	/* It did its work and ended, as it should. */
	return !strcmp(unit->active, "inactive") && !strcmp(service->type, "oneshot") &&
	       !strcmp(service->result, "success");
}

/* It has ended and systemd starts it again, as its Restart= says. */
static bool is_coming(const struct systemd_unit *unit)
{
	return !strcmp(unit->active, "activating") || !strcmp(unit->active, "deactivating");
}

/* What systemd calls active says no more than that there is, or was, a process. */
static bool is_started_blindly(const struct systemd_service *service)
{
	static const char *const types[] = { "simple", "exec", "idle", "forking" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(service->type, types[i]))
			return true;
	return false;
}

/*
 * Its process runs, waits for a disk, or is systemd's own still, which calls it
 * "(name)" until then; also when that cannot be seen.
 */
static bool is_busy(const struct systemd_service *service)
{
	char path[32], line[256];
	const char *name, *state;

	if (!service->main_pid)
		return false;
	snprintf(path, sizeof(path), "/proc/%u/stat", service->main_pid);
	file_read_line(path, line, sizeof(line));
	name = strchr(line, '(');
	state = strrchr(line, ')');
	return !name || !state || name[1] == '(' || strlen(state) < 3 || state[2] != 'S';
}

/*
 * Until when a service that was active at @now_ns is to be looked at; 0 when it has settled.
 * What was read of it since may be of a later run.
 */
static uint64_t unsettled_until(const struct systemd_service *service, uint64_t now_ns, int *waits)
{
	if (!is_started_blindly(service) || now_ns >= service->active_ns + BUSY_NS)
		return 0;
	/* One that died already may only die later the next time. */
	if (service->restarts)
		return service->active_ns + BUSY_NS;
	if (now_ns < service->active_ns + SETTLE_NS)
		return service->active_ns + SETTLE_NS;
	*waits = is_busy(service) ? 0 : *waits + 1;
	return *waits >= 2 ? 0 : now_ns + BUSY_POLL_NS;
}

static int say_down(const char *name, const struct systemd_unit *unit,
		    const struct systemd_service *service, struct step_env *env)
{
	char text[DETAIL_TEXT];
	int result = job_fail(env, EIO,
			      "%s is %s (%s%s) instead of active; \"journalctl -u %s\" says why",
			      name, unit->active, unit->sub, detail(service, text), name);

	unit_log_add(env, service->id, service->begun_ns);
	return result;
}

static int say_restarting(const char *name, const struct systemd_service *service, int error,
			  struct step_env *env)
{
	uint64_t deadline_ns = env->deadline_ns;

	job_end(env, error, "%s did not stay active (%u restarts; \"journalctl -u %s\" says why)",
		name, service->restarts, name);
	/* Its time is up, and what it said is wanted all the same. */
	env->deadline_ns = clock_ns() + LOG_NS;
	unit_log_add(env, service->id, service->begun_ns);
	env->deadline_ns = deadline_ns;
	return error;
}

/* The unit is active; with @settle it has been for long enough, which is waited for. */
static int check_up(struct systemd *systemd, const char *name, bool settle,
		    struct systemd_unit *unit, struct step_env *env)
{
	struct systemd_service service = { 0 }, read;
	int waits = 0;
	int result = settle ? systemd_watch(systemd, name) : 0;

	while (!result) {
		uint64_t until_ns = UINT64_MAX, now_ns = clock_ns();

		result = systemd_load(systemd, name, unit);
		if (!result && !settle && !strcmp(unit->active, "active"))
			return 0;	/* each question is a round trip */
		if (!result)
			result = systemd_service(systemd, name, &read);
		if (!result)
			service = read;
		if (result == -ETIMEDOUT && service.begun_ns)
			return say_restarting(name, &service, result, env);
		if (result)
			return result;
		if (!is_up(unit, &service) && !is_coming(unit))
			return say_down(name, unit, &service, env);
		if (!settle)
			return 0;	/* it is checked again with the last one */
		if (is_up(unit, &service)) {
			until_ns = unsettled_until(&service, now_ns, &waits);
			if (!until_ns)
				return 0;
		}
		result = systemd_change(systemd, until_ns);
		if (result)
			return say_restarting(name, &service, result, env);
	}
	return result;
}

static int unit_verify(struct step *step, struct step_env *env)
{
	bool last = step->item + 1 == env->identity->n_units;
	const char *name = name_of(step, env);
	struct systemd *systemd;
	struct systemd_unit unit;
	int result = systemd_open(&systemd, env);

	if (result)
		return result;
	for (size_t i = 0; last && i < step->item && !result; i++)
		result = check_up(systemd, env->identity->units[i], true, &unit, env);
	if (!result)
		result = check_up(systemd, name, last, &unit, env);
	if (!result)
		job_say(env, "%s is %s (%s)", name, unit.active, unit.sub);
	systemd_close(systemd);
	return result;
}

/* Most of the time is the unit's own to end well; the rest is for ending it. */
static int unit_stop(struct systemd *systemd, const char *name, struct step_env *env)
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
		/* If it runs, it was not started by a takeover. */
		unit_free(step);
		job_say(env, "%s was not started", name);
		return 0;
	}
	result = systemd_open(&systemd, env);
	if (result)
		return result;
	result = unit_stop(systemd, name, env);
	if (!result)
		result = systemd_load(systemd, name, &unit);
	if (!result && strcmp(unit.active, "inactive") && strcmp(unit.active, "failed"))
		result = job_fail(env, EBUSY, "%s is %s (%s) although it was stopped; \"systemctl status %s\" says why",
				  name, unit.active, unit.sub, name);
	/* A start that failed is in the step's record, and need not stay in systemd's. */
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
	.free = unit_free,
};

// SPDX-License-Identifier: GPL-2.0
/* Units, over the system bus. */
#include "step/systemd.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "base/clock.h"
#include "base/memory.h"
#include "step/job.h"

#define SERVICE		"org.freedesktop.systemd1"
#define MANAGER_PATH	"/org/freedesktop/systemd1"
#define MANAGER		"org.freedesktop.systemd1.Manager"
#define SERVICE_UNIT	"org.freedesktop.systemd1.Service"
#define UNIT		"org.freedesktop.systemd1.Unit"

struct systemd {
	sd_bus *bus;
	struct step_env *env;
	char *waiting_for;		/* a job's path */
	char *ended;			/* its result */
	bool changed;			/* a unit that is watched, since systemd_change() */
	int unread;			/* why a property could not be read, not being absent */
};

static int say_bus(struct systemd *systemd, int error, const char *what, const char *name,
		   const sd_bus_error *said)
{
	return job_fail(systemd->env, error, "%s%s%s: %s", name, *name ? ": " : "", what,
			said && said->message ? said->message : strerror(-error));
}

static int on_job_removed(sd_bus_message *signal, void *data, sd_bus_error *error)
{
	struct systemd *systemd = data;
	const char *job, *unit, *result;
	uint32_t id;

	if (sd_bus_message_read(signal, "uoss", &id, &job, &unit, &result) < 0)
		return 0;
	if (systemd->waiting_for && !strcmp(job, systemd->waiting_for) && !systemd->ended)
		systemd->ended = must_strdup(result);
	return 0;
}

int systemd_open(struct systemd **out, struct step_env *env)
{
	struct systemd *systemd = must_calloc(1, sizeof(*systemd));
	int result;

	systemd->env = env;
	result = sd_bus_open_system(&systemd->bus);
	if (result < 0) {
		job_fail(env, result, "the system's D-Bus: %s; install and start dbus",
			 strerror(-result));
		systemd_close(systemd);
		return result;
	}
	*out = systemd;
	return 0;
}

void systemd_close(struct systemd *systemd)
{
	if (!systemd)
		return;
	sd_bus_flush_close_unref(systemd->bus);
	free(systemd->waiting_for);
	free(systemd->ended);
	free(systemd);
}

/* What one call may take: not longer than the verb. */
static void limit_calls(struct systemd *systemd)
{
	uint64_t left = job_left(systemd->env) / 1000;

	/* 0 would mean the default of 25 s */
	sd_bus_set_method_call_timeout(systemd->bus, left ? left : 1);
}

/*
 * A method of the manager, with arguments as sd_bus_message_append() has them. Returns 0
 * or a negative errno, with the message that @doing of @name failed.
 */
static int call(struct systemd *systemd, const char *doing, const char *name, const char *method,
		sd_bus_message **reply, const char *types, ...)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	va_list args;
	int result;

	limit_calls(systemd);
	va_start(args, types);
	result = sd_bus_call_methodv(systemd->bus, SERVICE, MANAGER_PATH, MANAGER, method, &error,
				     reply, types, args);
	va_end(args);
	if (sd_bus_error_has_name(&error, SERVICE ".NoSuchUnit"))
		result = -ENOENT;
	if (sd_bus_error_has_name(&error, SERVICE ".AlreadySubscribed"))
		result = 0;
	if (result < 0)
		say_bus(systemd, result, doing, name, &error);
	sd_bus_error_free(&error);
	return result < 0 ? result : 0;
}

/* Each question to systemd is a round trip, and this is asked while clients wait. */
int systemd_load(struct systemd *systemd, const char *name, struct systemd_unit *unit)
{
	static const char doing[] = "loading the unit";
	const char *load, *active, *sub;
	sd_bus_message *reply = NULL;
	int result;

	memset(unit, 0, sizeof(*unit));
	result = call(systemd, doing, name, "ListUnitsByNames", &reply, "as", 1, name);
	if (result < 0)
		return result;
	result = sd_bus_message_enter_container(reply, 'a', "(ssssssouso)");
	if (result >= 0)
		result = sd_bus_message_enter_container(reply, 'r', "ssssssouso");
	if (result > 0)
		result = sd_bus_message_read(reply, "sssss", NULL, NULL, &load, &active, &sub);
	else if (!result)
		result = -ENOENT;
	if (result >= 0) {
		snprintf(unit->load, sizeof(unit->load), "%s", load);
		snprintf(unit->active, sizeof(unit->active), "%s", active);
		snprintf(unit->sub, sizeof(unit->sub), "%s", sub);
	} else {
		say_bus(systemd, result, doing, name, NULL);
	}
	sd_bus_message_unref(reply);
	return result < 0 ? result : 0;
}

/* A property that a unit of this kind does not have is no error; one that did not come is. */
static bool property_came(struct systemd *systemd, int result)
{
	if (result == -ETIMEDOUT || result == -ENOTCONN || result == -ECONNRESET)
		systemd->unread = result;
	return result >= 0;
}

static void get_string(struct systemd *systemd, const char *path, const char *interface,
		       const char *name, char *value, size_t size)
{
	char *text = NULL;

	*value = '\0';
	if (property_came(systemd, sd_bus_get_property_string(systemd->bus, SERVICE, path,
							      interface, name, NULL, &text)))
		snprintf(value, size, "%s", text);
	free(text);
}

/* A number of the D-Bus type @type; @value stays when there is none. */
static void get_number(struct systemd *systemd, const char *path, const char *interface,
		       const char *name, char type, void *value)
{
	property_came(systemd, sd_bus_get_property_trivial(systemd->bus, SERVICE, path, interface,
							   name, NULL, type, value));
}

/* A time of CLOCK_MONOTONIC; 0 when it was never set. */
static uint64_t get_ns(struct systemd *systemd, const char *path, const char *interface,
		       const char *name)
{
	uint64_t us = 0;

	get_number(systemd, path, interface, name, 't', &us);
	return us * 1000;
}

int systemd_service(struct systemd *systemd, const char *name, struct systemd_service *service)
{
	char *path = NULL;
	int result;

	memset(service, 0, sizeof(*service));
	result = sd_bus_path_encode(MANAGER_PATH "/unit", name, &path);
	if (result < 0)
		return say_bus(systemd, result, "its path", name, NULL);
	limit_calls(systemd);
	systemd->unread = 0;
	get_string(systemd, path, SERVICE_UNIT, "Type", service->type, sizeof(service->type));
	get_string(systemd, path, SERVICE_UNIT, "Result", service->result,
		   sizeof(service->result));
	get_number(systemd, path, SERVICE_UNIT, "ExecMainStatus", 'i', &service->exit_status);
	get_number(systemd, path, SERVICE_UNIT, "NRestarts", 'u', &service->restarts);
	get_number(systemd, path, SERVICE_UNIT, "MainPID", 'u', &service->main_pid);
	service->active_ns = get_ns(systemd, path, UNIT, "ActiveEnterTimestampMonotonic");
	/* With a restart the unit leaves its idle state as soon as the run before has ended. */
	service->begun_ns = service->restarts ?
		get_ns(systemd, path, SERVICE_UNIT, "ExecMainStartTimestampMonotonic") :
		get_ns(systemd, path, UNIT, "InactiveExitTimestampMonotonic");
	get_string(systemd, path, UNIT, "Id", service->id, sizeof(service->id));
	free(path);
	if (systemd->unread)
		return say_bus(systemd, systemd->unread, "reading its state", name, NULL);
	return 0;
}

bool systemd_is_enabled(struct systemd *systemd, const char *name)
{
	sd_bus_message *reply = NULL;
	const char *state = "";
	bool enabled;

	limit_calls(systemd);
	if (sd_bus_call_method(systemd->bus, SERVICE, MANAGER_PATH, MANAGER, "GetUnitFileState",
			       NULL, &reply, "s", name) >= 0)
		sd_bus_message_read(reply, "s", &state);
	enabled = !strcmp(state, "enabled");
	sd_bus_message_unref(reply);
	return enabled;
}

/* One message, or a wait for one. Positive, 0 when @until_ns passed, or a negative errno. */
static int bus_turn(struct systemd *systemd, uint64_t until_ns)
{
	struct pollfd fd = { .fd = sd_bus_get_fd(systemd->bus) };
	uint64_t bus_us = UINT64_MAX, bus_ns;
	int result = sd_bus_process(systemd->bus, NULL);

	if (result)
		return result;
	fd.events = (short)sd_bus_get_events(systemd->bus);
	/* An absolute time of CLOCK_MONOTONIC, UINT64_MAX for none. */
	sd_bus_get_timeout(systemd->bus, &bus_us);
	bus_ns = bus_us > UINT64_MAX / 1000 ? UINT64_MAX : bus_us * 1000;
	result = job_poll(systemd->env, &fd, 1, bus_ns < until_ns ? bus_ns : until_ns);
	return result || bus_ns >= until_ns ? result : 1;
}

static int wait_for_job(struct systemd *systemd, const char *name, const char *doing)
{
	while (!systemd->ended) {
		int result = bus_turn(systemd, UINT64_MAX);

		if (job_ended(result))
			return job_end(systemd->env, result, "%s did not %s", name, doing);
		if (result < 0)
			return say_bus(systemd, result, "the system's D-Bus", name, NULL);
	}
	return 0;
}

/* systemd sends its signals to those who ask for them. */
static int subscribe(struct systemd *systemd, const char *name)
{
	return call(systemd, "subscribing to its signals", name, "Subscribe", NULL, "");
}

static int on_changed(sd_bus_message *signal, void *data, sd_bus_error *error)
{
	struct systemd *systemd = data;

	systemd->changed = true;
	return 0;
}

int systemd_watch(struct systemd *systemd, const char *name)
{
	char *path = NULL;
	int result = sd_bus_path_encode(MANAGER_PATH "/unit", name, &path);

	/* The match goes with the connection. */
	if (result >= 0)
		result = sd_bus_match_signal(systemd->bus, NULL, SERVICE, path,
					     "org.freedesktop.DBus.Properties",
					     "PropertiesChanged", on_changed, systemd);
	free(path);
	if (result < 0)
		return say_bus(systemd, result, "watching it", name, NULL);
	return subscribe(systemd, name);
}

int systemd_change(struct systemd *systemd, uint64_t until_ns)
{
	int result = 1;

	while (!systemd->changed && result > 0)
		result = bus_turn(systemd, until_ns);
	systemd->changed = false;
	return result < 0 ? result : 0;
}

int systemd_run(struct systemd *systemd, const char *name, enum systemd_job job,
		char *ended, size_t size)
{
	static const struct {
		const char *method, *doing;
	} jobs[] = {
		[SYSTEMD_START] = { "StartUnit", "start" },
		[SYSTEMD_STOP] = { "StopUnit", "stop" },
	};
	const char *method = jobs[job].method, *path;
	sd_bus_message *reply = NULL;
	sd_bus_slot *slot = NULL;
	int result;

	/* The signal is sent to those who subscribed; the match comes before the job. */
	result = sd_bus_match_signal(systemd->bus, &slot, SERVICE, MANAGER_PATH, MANAGER,
				     "JobRemoved", on_job_removed, systemd);
	if (result < 0)
		say_bus(systemd, result, "watching its job", name, NULL);
	else
		result = subscribe(systemd, name);
	if (!result)
		result = call(systemd, method, name, method, &reply, "ss", name, "replace");
	if (result < 0)
		goto free_slot;
	result = sd_bus_message_read(reply, "o", &path);
	if (result < 0) {
		say_bus(systemd, result, method, name, NULL);
		goto free_reply;
	}
	free(systemd->waiting_for);
	free(systemd->ended);
	systemd->waiting_for = must_strdup(path);
	systemd->ended = NULL;
	result = wait_for_job(systemd, name, jobs[job].doing);
	if (!result)
		snprintf(ended, size, "%s", systemd->ended);
free_reply:
	sd_bus_message_unref(reply);
free_slot:
	sd_bus_slot_unref(slot);
	return result < 0 ? result : 0;
}

void systemd_forget_failure(struct systemd *systemd, const char *name)
{
	limit_calls(systemd);
	sd_bus_call_method(systemd->bus, SERVICE, MANAGER_PATH, MANAGER, "ResetFailedUnit", NULL,
			   NULL, "s", name);
}

int systemd_pin(struct systemd *systemd, const char *name)
{
	return call(systemd, "keeping it loaded", name, "RefUnit", NULL, "s", name);
}

int systemd_kill(struct systemd *systemd, const char *name)
{
	return call(systemd, "killing its processes", name, "KillUnit", NULL, "ssi", name, "all",
		    (int32_t)SIGKILL);
}

int systemd_reload(struct systemd *systemd)
{
	return call(systemd, "reading unit files again", "", "Reload", NULL, "");
}

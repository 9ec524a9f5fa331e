/* SPDX-License-Identifier: GPL-2.0 */
/* What kinds ask of systemd, over D-Bus. One handle is for one verb, as its messages go there. */
#ifndef HOTIDD_SYSTEMD_H
#define HOTIDD_SYSTEMD_H

#include "step/kind.h"

struct systemd;

/* Connects to the system bus. Returns 0 or a negative errno with the message set. */
int systemd_open(struct systemd **systemd, struct step_env *env);
void systemd_close(struct systemd *systemd);

/* How a unit is. */
struct systemd_unit {
	char load[24];			/* loaded, not-found, masked, bad-setting, error */
	char active[24];		/* active, inactive, failed, activating... */
	char sub[24];			/* running, dead, exited... */
};

/* Loads @name, so that it is in memory, and says how it is. */
int systemd_load(struct systemd *systemd, const char *name, struct systemd_unit *unit);

/* What is told of a unit besides; what only services have is empty for others. */
struct systemd_service {
	char type[16];			/* simple, oneshot... */
	char result[32];		/* success, exit-code, start-limit-hit... */
	int exit_status;		/* of its main process */
	unsigned int restarts;		/* by systemd itself, since it was started */
	uint32_t main_pid;		/* 0 when there is none */
	uint64_t active_ns;		/* since when it is active, CLOCK_MONOTONIC */
	char id[256];			/* its name, where it was asked for by another one */
	uint64_t begun_ns;		/* when its present or last run began; 0 for never */
};

int systemd_service(struct systemd *systemd, const char *name, struct systemd_service *service);

/* Whether "systemctl enable" was done to @name, so that it starts with the node. */
bool systemd_is_enabled(struct systemd *systemd, const char *name);

enum systemd_job {
	SYSTEMD_START,
	SYSTEMD_STOP,
};

/**
 * systemd_run() - queue a job for @name and wait until it ends
 * @result: systemd's word for how it ended: done, failed, timeout, canceled...
 *
 * Return: 0 when the job ended, whatever @result; -ENOENT when there is no
 * such unit; -ETIMEDOUT; -ECANCELED; or another negative errno. The message is
 * set on each of these.
 */
int systemd_run(struct systemd *systemd, const char *name, enum systemd_job job,
		char *result, size_t size);

/*
 * From here on systemd_change() hears of @name. Returns 0 or a negative errno
 * with the message set.
 */
int systemd_watch(struct systemd *systemd, const char *name);

/*
 * Waits until something changed about a unit that is watched since the last
 * call, or until @until_ns: both 0. Else -ETIMEDOUT, -ECANCELED or another
 * negative errno, and the message is the caller's to set.
 */
int systemd_change(struct systemd *systemd, uint64_t until_ns);

/* Forgets that @name failed before, which would count against its start limit. */
void systemd_forget_failure(struct systemd *systemd, const char *name);

/* Ends all processes of @name at once. */
int systemd_kill(struct systemd *systemd, const char *name);

/* Keeps @name in memory until the handle is closed. */
int systemd_pin(struct systemd *systemd, const char *name);

/* Reads all unit files again. */
int systemd_reload(struct systemd *systemd);

#endif /* HOTIDD_SYSTEMD_H */

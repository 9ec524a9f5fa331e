/* SPDX-License-Identifier: GPL-2.0 */
/* What kinds ask of systemd, over D-Bus. One handle is for one verb, as its messages go there. */
#ifndef HOTIDD_SYSTEMD_H
#define HOTIDD_SYSTEMD_H

#include "kind.h"

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

/* What is told of a service besides; strings are empty for other units. */
struct systemd_service {
	char type[16];			/* simple, oneshot... */
	char result[32];		/* success, exit-code, start-limit-hit... */
	int exit_status;		/* of its main process */
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

/* Forgets that @name failed before, which would count against its start limit. */
void systemd_forget_failure(struct systemd *systemd, const char *name);

/* Ends all processes of @name at once. */
int systemd_kill(struct systemd *systemd, const char *name);

/* Keeps @name in memory until the handle is closed. */
int systemd_pin(struct systemd *systemd, const char *name);

/* Reads all unit files again. */
int systemd_reload(struct systemd *systemd);

#endif /* HOTIDD_SYSTEMD_H */

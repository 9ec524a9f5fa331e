/* SPDX-License-Identifier: GPL-2.0 */
/* The daemon: its event loop and what hangs on it. */
#ifndef HOTIDD_DAEMON_H
#define HOTIDD_DAEMON_H

#include <stdbool.h>

struct config;

/**
 * struct daemon_options - what the command line says
 * @config_dir: "/etc/hotid"
 * @run_dir: as rundir_open() gave it
 * @state_dir: "/var/lib/hotid"; NULL where nothing outlives a boot
 * @pins: directory of the probe's pins
 * @detach: take the probe away on a clean stop
 */
struct daemon_options {
	const char *config_dir;
	const char *run_dir;
	const char *state_dir;
	const char *pins;
	bool detach;
};

/**
 * daemon_run() - serve until a signal says to stop
 * @config: that it begins with; the daemon frees it
 *
 * SIGTERM and SIGINT end it; nothing of an identity is undone. SIGHUP reads
 * the configuration again. All three must be blocked in the calling thread.
 *
 * Return: the exit status.
 */
int daemon_run(const struct daemon_options *options, struct config *config);

#endif /* HOTIDD_DAEMON_H */

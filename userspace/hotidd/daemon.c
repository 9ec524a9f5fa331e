// SPDX-License-Identifier: GPL-2.0
/*
 * The daemon: starts and stops its parts, and dispatches events between them.
 * All of it runs in the main thread. The module's state is the truth: what a
 * daemon before this one did is read from there and from the run directory.
 *
 * Timers, besides those of keepalive.c and watch.c:
 *   pulse     every second: this thread's sign of life, and a log line for each
 *             thread that gives none (pulse.h)
 *   devices   every five seconds: peers and probe follow devices and routes
 *   announce  off until a peer comes back that was down. It may still act as the
 *             holder of what this node took since, and send once for it; then
 *             switches forward the identity's traffic to that node. So what is
 *             held is announced again, in intervals that double from half a
 *             second, when the peer has learned of the new epoch, to sixteen,
 *             when it has undone its part.
 */
#include "daemon.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/problems.h"
#include "base/pulse.h"
#include "base/thread.h"
#include "config/config.h"
#include "config/reader.h"
#include "epochs.h"
#include "identities.h"
#include "module.h"
#include "probe/probe.h"
#include "watch.h"

#define PULSE_US		1000000
#define DEVICES_LOOK_US	5000000
#define HALT_MS		5000
#define ANNOUNCE_FIRST_US	500000
#define ANNOUNCE_LAST_US	16000000

struct daemon {
	const struct daemon_options *options;
	struct config *config;
	sd_event *loop;
	struct module *module;
	struct module_events events;
	struct pulse pulse;		/* of the main loop */
	struct worker_shared shared;
	struct identities *identities;
	sd_event_source *announce_source;
	uint64_t announce_us;		/* until the next time */
	struct probe *probe;
	struct watch *watch;
	char *identities_dir;
	char status[512];		/* as systemd has it */
};

/* One line for "systemctl status", when it changed. */
static void tell_status(struct daemon *daemon)
{
	char identities[256], probe[128], status[sizeof(daemon->status)];

	identities_describe(daemon->identities, identities, sizeof(identities));
	probe_describe(daemon->probe, probe, sizeof(probe));
	snprintf(status, sizeof(status), "%s; probe %s", identities, probe);
	if (!strcmp(status, daemon->status))
		return;
	strcpy(daemon->status, status);
	sd_notifyf(0, "STATUS=%s", status);
}

static void on_identity(const struct hotid_identity *identity, void *data)
{
	struct daemon *daemon = data;

	identities_heard(daemon->identities, identity);
	tell_status(daemon);
}

static void on_removed(const char *identity, void *data)
{
	struct daemon *daemon = data;

	identities_removed(daemon->identities, identity);
	tell_status(daemon);
}

/* Replaces a time that was set before. */
static void announce_in(struct daemon *daemon, uint64_t us)
{
	daemon->announce_us = us;
	sd_event_source_set_time_relative(daemon->announce_source, us);
	sd_event_source_set_enabled(daemon->announce_source, SD_EVENT_ONESHOT);
}

static int on_announce_timer(sd_event_source *source, uint64_t now_us, void *data)
{
	struct daemon *daemon = data;

	identities_announce(daemon->identities);
	if (daemon->announce_us < ANNOUNCE_LAST_US)
		announce_in(daemon, daemon->announce_us * 2);
	return 0;
}

static void on_peer(const struct hotid_peer *peer, void *data)
{
	struct daemon *daemon = data;

	if (peer->event == HOTID_REASON_BEAT && peer->state == HOTID_PEER_STATE_UP)
		announce_in(daemon, ANNOUNCE_FIRST_US);
}

static uint64_t on_epoch(const char *identity, void *data)
{
	struct daemon *daemon = data;

	return epochs_known(daemon->shared.epochs, identity);
}

static void on_change(void *data)
{
	struct daemon *daemon = data;

	identities_audit(daemon->identities);
}

static void look_at_probe(struct daemon *daemon)
{
	pulse_slow(&daemon->pulse);
	probe_reconcile(daemon->probe, daemon->config->node, module_connection(daemon->module));
	tell_status(daemon);
}

/*
 * The probe comes before the peers: when it attaches, some drivers stop to
 * receive for a moment, and a peer that is not known yet is not missed.
 */
static int daemon_apply(struct daemon *daemon)
{
	int error;

	pulse_slow(&daemon->pulse);
	identities_configure(daemon->identities, daemon->config);
	error = module_apply_node(daemon->module, daemon->config->node);

	if (error)
		return error;
	look_at_probe(daemon);
	daemon->shared.audit_ms = daemon->config->node->audit_ms;
	identities_audit(daemon->identities);	/* and from then on in that period */
	watch_units(daemon->watch, daemon->config);
	return module_apply(daemon->module, daemon->config);
}

static int on_devices_timer(sd_event_source *source, uint64_t now_us, void *data)
{
	struct daemon *daemon = data;

	module_complete_peers(daemon->module, daemon->config->node);
	look_at_probe(daemon);
	sd_event_source_set_time_relative(source, DEVICES_LOOK_US);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/*
 * Between two of these the main loop may make requests to the kernel, and wait for
 * locks there.
 */
static int on_pulse_timer(sd_event_source *source, uint64_t now_us, void *data)
{
	struct daemon *daemon = data;

	pulse_slow(&daemon->pulse);
	pulses_tell(clock_ns());
	sd_event_source_set_time_relative(source, PULSE_US);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *signal, void *data)
{
	log_notice("signal %u: stopping; what is held stays held", signal->ssi_signo);
	sd_notify(0, "STOPPING=1");
	return sd_event_exit(sd_event_source_get_event(source), EXIT_SUCCESS);
}

/* Read everything again. One mistake anywhere, and all stays as it is. */
static void daemon_reload(struct daemon *daemon)
{
	struct problems problems = { 0 };
	struct config *config = config_read_all(daemon->options->config_dir, &problems);

	for (size_t i = 0; i < problems.n; i++)
		log_error("%s", problems.text[i]);
	problems_clear(&problems);
	if (config && memcmp(config->node->id, daemon->config->node->id, HOTID_ID_LEN)) {
		/* Reservations were made under the old one. */
		log_error("node.id is another one now; restart hotidd for that, with nothing held");
		config_free(config);
		config = NULL;
	}
	if (!config) {
		log_error("configuration not read again; nothing changed");
		return;
	}
	if (config->node->priority != daemon->config->node->priority &&
	    priority_set(config->node->priority))
		log_warning("daemon.priority: %m");
	config_free(daemon->config);
	daemon->config = config;
	probe_retry(daemon->probe);
	if (!daemon_apply(daemon))
		log_notice("configuration read again");
	module_look(daemon->module);
}

static int on_reload(sd_event_source *source, const struct signalfd_siginfo *signal, void *data)
{
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu",
		   (unsigned long long)(clock_ns() / 1000));
	daemon_reload(data);
	sd_notify(0, "READY=1");
	return 0;
}

/* 0 or a negative errno. */
static int sources_add(struct daemon *daemon)
{
	int error;

	error = sd_event_add_signal(daemon->loop, NULL, SIGTERM, on_stop, daemon);
	if (error >= 0)
		error = sd_event_add_signal(daemon->loop, NULL, SIGINT, on_stop, daemon);
	if (error >= 0)
		error = sd_event_add_signal(daemon->loop, NULL, SIGHUP, on_reload, daemon);
	if (error >= 0)
		error = sd_event_add_time_relative(daemon->loop, NULL, CLOCK_MONOTONIC,
						   DEVICES_LOOK_US, 0, on_devices_timer, daemon);
	if (error >= 0)
		error = sd_event_add_time_relative(daemon->loop, NULL, CLOCK_MONOTONIC, 0, 0,
						   on_pulse_timer, daemon);
	if (error >= 0)
		error = sd_event_add_time(daemon->loop, &daemon->announce_source, CLOCK_MONOTONIC,
					  0, 0, on_announce_timer, daemon);
	if (error >= 0)
		error = sd_event_source_set_enabled(daemon->announce_source, SD_EVENT_OFF);
	return error;
}

/* In this order: who listens, what is set, where all stand. */
static bool daemon_started(struct daemon *daemon)
{
	int error;

	error = sd_event_new(&daemon->loop);
	if (error >= 0)
		error = sources_add(daemon);
	if (error < 0) {
		log_error("event loop: %s", strerror(-error));
		return false;
	}
	daemon->watch = watch_new(daemon->loop, on_change, daemon);
	daemon->module = module_open(daemon->loop, &daemon->events, &daemon->pulse);
	return daemon->module && !daemon_apply(daemon) && !module_look(daemon->module);
}

/* Undo nothing. A worker that does not end takes the process with it, not the other way round. */
static void daemon_stop(struct daemon *daemon, int *status)
{
	pulse_slow(&daemon->pulse);
	if (daemon->module && daemon->options->detach && *status == EXIT_SUCCESS)
		probe_detach(daemon->probe, module_connection(daemon->module));
	if (!identities_free(daemon->identities, HALT_MS))
		_exit(*status);
	epochs_free(daemon->shared.epochs);
	probe_free(daemon->probe);
	sd_event_source_disable_unref(daemon->announce_source);
	watch_free(daemon->watch);
	module_close(daemon->module);
	pulse_leave(&daemon->pulse);
	sd_event_unref(daemon->loop);
	config_free(daemon->config);
	free(daemon->identities_dir);
}

int daemon_run(const struct daemon_options *options, struct config *config)
{
	struct daemon daemon = {
		.options = options,
		.config = config,
		.identities_dir = must_printf("%s/identities", options->config_dir),
		.events = {
			.identity = on_identity,
			.removed = on_removed,
			.peer = on_peer,
			.epoch = on_epoch,
			.data = &daemon,
		},
	};
	int status = EXIT_FAILURE;

	daemon.shared = (struct worker_shared){
		.identities_dir = daemon.identities_dir,
		.run_dir = options->run_dir,
		/* The main thread and the keepalives must not wait for a busy worker. */
		.priority = config->node->priority > 1 ? config->node->priority - 1 :
							 config->node->priority,
		.audit_ms = config->node->audit_ms,
	};
	memcpy(daemon.shared.node_id, config->node->id, HOTID_ID_LEN);
	daemon.shared.epochs = epochs_new(options->state_dir, daemon.shared.priority);
	if (!daemon.shared.epochs)
		_exit(EXIT_FAILURE);
	daemon.pulse.name = "main loop";
	pulse_join(&daemon.pulse);
	daemon.identities = identities_new(&daemon.shared);
	daemon.probe = probe_new(options->pins);
	if (daemon_started(&daemon)) {
		sd_notify(0, "READY=1");
		log_notice("node %s: ready; %s", config->node->name, daemon.status);
		status = sd_event_loop(daemon.loop) ? EXIT_FAILURE : EXIT_SUCCESS;
	}
	daemon_stop(&daemon, &status);
	return status;
}

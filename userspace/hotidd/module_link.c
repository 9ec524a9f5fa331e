// SPDX-License-Identifier: GPL-2.0
/* Connects to the module, receives its events and keeps its sign of life of this daemon fresh. */
#include "module.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "keepalive.h"
#include "module_parts.h"

/* The module was unloaded, or cannot be talked to: a new start finds out. */
static void module_lost(struct module *module, const char *what, const char *why)
{
	log_error("%s: %s", what, why);
	sd_event_exit(module->loop, EXIT_FAILURE);
}

static void log_peer(const struct hotid_peer *peer)
{
	bool path = peer->event == HOTID_REASON_PATH_SILENT ||
		    peer->event == HOTID_REASON_PATH_BEAT;
	bool good = peer->state == HOTID_PEER_STATE_UP && peer->event != HOTID_REASON_PATH_SILENT;
	char paths[64] = "";
	size_t alive = 0;

	/* It is new; before its first beat there is nothing to report. */
	if (peer->state == HOTID_PEER_STATE_UNKNOWN)
		return;
	for (size_t i = 0; i < peer->n_paths; i++)
		alive += peer->paths[i].state == HOTID_PEER_STATE_UP;
	if (path)
		snprintf(paths, sizeof(paths), ", %zu of %zu paths alive", alive, peer->n_paths);
	log_line(good ? LOG_NOTICE : LOG_WARNING, "peer %s: %s, %s%s%s%s", peer->name,
		 hotid_peer_state_name(peer->state), hotid_reason_name(peer->event), paths,
		 peer->event == HOTID_REASON_PEER_GASP ? ": " : "",
		 peer->event == HOTID_REASON_PEER_GASP ? hotid_gasp_name(peer->gasp) : "");
}

static void log_node(const struct hotid_node *node)
{
	if (*node->pending_cpus)
		log_warning("CPU %s of this node does not receive; silent peers are "
			    "judged without it", node->pending_cpus);
	else
		log_notice("all CPUs of this node receive again");
}

static void on_event(const struct hotid_event *event, void *data)
{
	struct module *module = data;

	switch (event->type) {
	case HOTID_EVENT_PEER:
		module->events->peer(event->peer, module->events->data);
		log_peer(event->peer);
		break;
	case HOTID_EVENT_IDENTITY:
		module->events->identity(event->identity, module->events->data);
		break;
	case HOTID_EVENT_STEP:
	case HOTID_EVENT_PEER_DEL:
	case HOTID_EVENT_IDENTITY_DEL:
		break;		/* our own reports, and what we removed */
	case HOTID_EVENT_NODE:
		log_node(event->node);
		break;
	case HOTID_EVENT_DONE:
		break;		/* of what is asynchronous, and nothing is */
	case HOTID_EVENT_LOST:
		log_warning("events of the module were lost; reading all identities again");
		module_look(module);
		break;
	}
}

static int on_readable(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct module *module = data;
	int error = hotid_dispatch(module->h);

	if (error)
		module_lost(module, "events", hotid_strerror(module->h, error));
	return 0;
}

static int on_keepalive_refused(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct module *module = data;

	module_lost(module, "keepalive", keepalive_error(module->keepalive));
	return sd_event_source_set_enabled(source, SD_EVENT_OFF);
}

struct module *module_open(sd_event *loop, const struct module_events *events,
			   const struct pulse *pulse)
{
	struct module *module = must_calloc(1, sizeof(*module));
	int error;

	module->events = events;
	module->pulse = pulse;
	module->loop = sd_event_ref(loop);
	error = hotid_open(&module->h);
	if (error) {
		log_error("%s", hotid_strerror(NULL, error));
		goto fail;
	}
	error = hotid_subscribe(module->h, on_event, module);
	if (error) {
		log_error("no events from the module: %s", hotid_strerror(module->h, error));
		goto fail;
	}
	error = sd_event_add_io(loop, &module->event_source, hotid_event_fd(module->h), EPOLLIN,
				on_readable, module);
	if (error < 0) {
		log_error("event loop: %s", strerror(-error));
		goto fail;
	}
	/* A takeover goes before all else. */
	sd_event_source_set_priority(module->event_source, SD_EVENT_PRIORITY_IMPORTANT);
	return module;

fail:
	module_close(module);
	return NULL;
}

void module_close(struct module *module)
{
	if (!module)
		return;
	sd_event_source_disable_unref(module->keepalive_source);
	keepalive_stop(module->keepalive);
	sd_event_source_disable_unref(module->event_source);
	hotid_close(module->h);
	sd_event_unref(module->loop);
	free(module);
}

struct hotid *module_connection(struct module *module)
{
	return module->h;
}

int module_refused(struct module *module, const char *what, const char *name, int error)
{
	log_error("%s%s%s: refused by the module: %s", what, *name ? " " : "", name,
		  hotid_strerror(module->h, error));
	return error;
}

int module_start_keepalive(struct module *module, const struct node_config *config)
{
	uint64_t period_us = config->keepalive_limit_ms * 1000ULL / 4;
	int error;

	if (module->keepalive) {
		keepalive_set(module->keepalive, period_us, config->priority);
		return 0;
	}
	module->keepalive = keepalive_start(period_us, config->priority, module->pulse);
	if (!module->keepalive)
		return -EIO;
	error = sd_event_add_io(module->loop, &module->keepalive_source,
				keepalive_fd(module->keepalive), EPOLLIN,
				on_keepalive_refused, module);
	if (error < 0)
		log_error("event loop: %s", strerror(-error));
	return error < 0 ? error : 0;
}

static int pass_on(const struct hotid_identity *identity, void *data)
{
	struct module *module = data;

	module->events->identity(identity, module->events->data);
	return 0;
}

int module_look(struct module *module)
{
	int error = hotid_identity_dump(module->h, pass_on, module);

	return error ? module_refused(module, "list of identities", "", error) : 0;
}

// SPDX-License-Identifier: GPL-2.0
#include "module.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "kick.h"

struct module {
	struct hotid *h;
	sd_event *loop;
	sd_event_source *event_source;
	sd_event_source *kick_source;
	const struct module_events *events;
	const struct pulse *pulse;	/* of the thread of the loop */
	struct kick *kick;
	size_t paths_missing;		/* left out, since their device is not there yet */
};

/* The module was unloaded, or cannot be talked to: a new start finds out. */
static void lost(struct module *module, const char *what, const char *why)
{
	log_error("%s: %s", what, why);
	sd_event_exit(module->loop, EXIT_FAILURE);
}

static void tell_peer(const struct hotid_peer *peer)
{
	bool path = peer->event == HOTID_REASON_PATH_SILENT || peer->event == HOTID_REASON_PATH_BEAT;
	bool good = peer->state == HOTID_PEER_STATE_UP && peer->event != HOTID_REASON_PATH_SILENT;
	char paths[64] = "";
	size_t alive = 0;

	/* It is new; before its first beat there is nothing to tell. */
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

static void tell_node(const struct hotid_node *node)
{
	if (*node->deaf_cpus)
		log_warning("CPU %s of this node does not receive; peers that are silent are judged without it",
			    node->deaf_cpus);
	else
		log_notice("all CPUs of this node receive again");
}

static void on_event(const struct hotid_event *event, void *data)
{
	struct module *module = data;

	switch (event->type) {
	case HOTID_EVENT_PEER:
		module->events->peer(event->peer, module->events->data);
		tell_peer(event->peer);
		break;
	case HOTID_EVENT_IDENTITY:
		module->events->identity(event->identity, module->events->data);
		break;
	case HOTID_EVENT_STEP:
	case HOTID_EVENT_PEER_DEL:
	case HOTID_EVENT_IDENTITY_DEL:
		break;		/* our own reports, and what we removed */
	case HOTID_EVENT_NODE:
		tell_node(event->node);
		break;
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
		lost(module, "events", hotid_strerror(module->h, error));
	return 0;
}

static int on_kick_refused(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct module *module = data;

	lost(module, "kick", kick_error(module->kick));
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
	sd_event_source_disable_unref(module->kick_source);
	kick_stop(module->kick);
	sd_event_source_disable_unref(module->event_source);
	hotid_close(module->h);
	sd_event_unref(module->loop);
	free(module);
}

struct hotid *module_connection(struct module *module)
{
	return module->h;
}

static int refused(struct module *module, const char *what, const char *name, int error)
{
	log_error("%s%s%s: refused by the module: %s", what, *name ? " " : "", name,
		  hotid_strerror(module->h, error));
	return error;
}

/*
 * The keys. Adding one that is there changes nothing, so a restart of the
 * daemon is no event to the peers. A module that signs with a later
 * generation than the file's was rotated by somebody else: going back would
 * make this node look dead to the others.
 */
static int apply_keys(struct module *module, const struct node_config *config)
{
	const struct cluster_key *first = &config->keys[0];
	struct hotid_node node;
	uint32_t before;
	int error;

	error = hotid_node_get(module->h, &node);
	if (error)
		return refused(module, "settings", "", error);
	before = node.key_generation;
	hotid_node_clear(&node);
	if (before > first->generation) {
		log_warning("the module signs with generation %u of the cluster key, and %s has %u; the "
			    "module's keys are kept: correct the file", before, config->key_file,
			    first->generation);
		return 0;
	}
	error = hotid_node_add_key(module->h, first->generation, first->key);
	if (error == -EEXIST && first->generation == 1) {
		log_warning("%s has another key of generation 1 than the module; it is used from now on",
			    config->key_file);
		error = hotid_node_set_key(module->h, first->key);
	}
	if (!error)
		error = hotid_node_use_key(module->h, first->generation);
	if (!error && config->n_keys > 1)
		error = hotid_node_add_key(module->h, config->keys[1].generation, config->keys[1].key);
	/* What the rotation left, which is refused when there is nothing. */
	if (!error && config->n_keys == 1 && first->generation > 1)
		hotid_node_drop_key(module->h, before < first->generation && before ? before :
				    first->generation - 1);
	return error ? refused(module, "the cluster key", "", error) : 0;
}

static int start_kicks(struct module *module, const struct node_config *config)
{
	uint64_t period_us = config->kick_limit_ms * 1000ULL / 4;
	int error;

	if (module->kick) {
		kick_set(module->kick, period_us, config->priority);
		return 0;
	}
	module->kick = kick_start(period_us, config->priority, module->pulse);
	if (!module->kick)
		return -EIO;
	error = sd_event_add_io(module->loop, &module->kick_source, kick_fd(module->kick), EPOLLIN,
				on_kick_refused, module);
	if (error < 0)
		log_error("event loop: %s", strerror(-error));
	return error < 0 ? error : 0;
}

int module_apply_node(struct module *module, const struct node_config *config)
{
	struct hotid_node node = {
		.port = config->port,
		.interval_us = config->interval_us,
		.user_limit_ms = config->kick_limit_ms,
	};
	int error;

	memcpy(node.id, config->id, sizeof(node.id));
	memcpy(node.name, config->name, sizeof(node.name));
	error = hotid_node_set(module->h, &node, HOTID_SET_ID | HOTID_SET_NAME | HOTID_SET_PORT |
			       HOTID_SET_INTERVAL | HOTID_SET_USER_LIMIT);
	if (error)
		return refused(module, "node.yaml", "", error);
	error = apply_keys(module, config);
	return error ? error : start_kicks(module, config);
}

static size_t address_length(const struct ip_prefix *ip)
{
	return ip->family == AF_INET ? 4 : ip->family == AF_INET6 ? 16 : 0;
}

/* Returns how many paths are left out, since their device is not there. */
static size_t peer_of(const struct peer_config *config, struct hotid_peer *peer)
{
	memset(peer, 0, sizeof(*peer));
	memcpy(peer->id, config->id, sizeof(peer->id));
	memcpy(peer->name, config->name, sizeof(peer->name));
	peer->flags = (config->watch ? HOTID_PEER_FLAGS_WATCH : 0U) |
		      (config->tell ? HOTID_PEER_FLAGS_TELL : 0U);
	peer->multiplier = config->multiplier;
	for (size_t i = 0; i < config->n_paths; i++) {
		const struct path_config *from = &config->paths[i];
		struct hotid_path *path = &peer->paths[peer->n_paths];

		path->index = (uint32_t)i;
		memcpy(path->address, from->address.addr, sizeof(path->address));
		path->address_len = (uint8_t)address_length(&from->address);
		memcpy(path->local, from->local.addr, sizeof(path->local));
		path->local_len = (uint8_t)address_length(&from->local);
		path->port = from->port;
		path->ifindex = from->device ? if_nametoindex(from->device) : 0;
		/* The next path overwrites one without its device. */
		peer->n_paths += !from->device || path->ifindex;
	}
	return config->n_paths - peer->n_paths;
}

static int apply_peers(struct module *module, const struct node_config *config)
{
	module->paths_missing = 0;
	for (size_t i = 0; i < config->n_peers; i++) {
		struct hotid_peer peer;
		size_t missing = peer_of(&config->peers[i], &peer);
		int error;

		if (missing)
			log_warning("peer %s: %zu of its paths wait for their devices to appear", peer.name,
				    missing);
		module->paths_missing += missing;
		if (!peer.n_paths)
			continue;
		error = hotid_peer_new(module->h, &peer);
		if (error)
			return refused(module, "peer", peer.name, error);
	}
	return 0;
}

void module_complete_peers(struct module *module, const struct node_config *config)
{
	struct hotid_peer peer;
	size_t missing = 0;

	if (!module->paths_missing)
		return;
	for (size_t i = 0; i < config->n_peers; i++)
		missing += peer_of(&config->peers[i], &peer);
	if (missing != module->paths_missing)
		apply_peers(module, config);
}

/* Peers of the module that the configuration does not have. */
struct strangers {
	const struct node_config *config;
	uint8_t (*ids)[HOTID_ID_LEN];
	size_t n;
};

static int find_strangers(const struct hotid_peer *peer, void *data)
{
	struct strangers *strangers = data;

	for (size_t i = 0; i < strangers->config->n_peers; i++)
		if (!memcmp(strangers->config->peers[i].id, peer->id, sizeof(peer->id)))
			return 0;
	strangers->ids = must_realloc(strangers->ids, strangers->n + 1, HOTID_ID_LEN);
	memcpy(strangers->ids[strangers->n++], peer->id, HOTID_ID_LEN);
	return 0;
}

static int remove_strangers(struct module *module, const struct node_config *config)
{
	struct strangers strangers = { .config = config };
	char id[33];
	int error;

	error = hotid_peer_dump(module->h, find_strangers, &strangers);
	if (error)
		refused(module, "list of peers", "", error);
	for (size_t i = 0; i < strangers.n && !error; i++) {
		hotid_id_format(strangers.ids[i], id);
		error = hotid_peer_del(module->h, strangers.ids[i]);
		if (error == -ENOENT)
			error = 0;
		if (error)
			refused(module, "removal of peer", id, error);
		else
			log_info("peer %s: removed, it is no longer in node.yaml", id);
	}
	free(strangers.ids);
	return error;
}

static bool is_configured(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->n_identities; i++)
		if (!strcmp(config->identities[i]->name, name))
			return true;
	return false;
}

/* Identities of the module that no file declares. */
struct orphans {
	const struct config *config;
	char **names;
	size_t n;
};

static int find_orphans(const struct hotid_identity *identity, void *data)
{
	struct orphans *orphans = data;

	if (is_configured(orphans->config, identity->name))
		return 0;
	if (identity->state != HOTID_IDENTITY_STATE_OFFLINE &&
	    !(identity->state == HOTID_IDENTITY_STATE_FAILED && identity->clean)) {
		log_warning("identity %s: %s on this node, and its file is gone; put the file back, or "
			    "release or disarm the identity", identity->name,
			    hotid_state_name(identity->state));
		return 0;
	}
	orphans->names = must_realloc(orphans->names, orphans->n + 1, sizeof(orphans->names[0]));
	orphans->names[orphans->n++] = must_strdup(identity->name);
	return 0;
}

static int remove_orphans(struct module *module, const struct config *config)
{
	struct orphans orphans = { .config = config };
	int error;

	error = hotid_identity_dump(module->h, find_orphans, &orphans);
	if (error)
		refused(module, "list of identities", "", error);
	for (size_t i = 0; i < orphans.n; i++) {
		/* It may have been armed meanwhile; then it stays. */
		if (!error && !hotid_identity_del(module->h, orphans.names[i])) {
			log_info("identity %s: removed, it has no file any more", orphans.names[i]);
			module->events->removed(orphans.names[i], module->events->data);
		}
		free(orphans.names[i]);
	}
	free(orphans.names);
	return error;
}

/*
 * An epoch that outlived a boot. A module that went on knows it, and more: that
 * some of them were given in vain, so that an earlier holder still is one.
 */
static int tell_epoch(struct module *module, const char *name)
{
	uint64_t epoch = module->events->epoch(name, module->events->data);
	struct hotid_identity identity;
	int error = 0;

	if (epoch)
		error = hotid_identity_get(module->h, name, &identity);
	if (!epoch || error)
		return error;
	if (epoch > identity.known_epoch)
		error = hotid_identity_know(module->h, name, epoch);
	hotid_identity_clear(&identity);
	return error;
}

static int apply_identities(struct module *module, const struct config *config)
{
	for (size_t i = 0; i < config->n_identities; i++) {
		const struct identity_config *identity = config->identities[i];
		uint32_t flags = (identity->takeover_auto ? HOTID_IDENTITY_FLAGS_AUTO : 0U) |
				 (identity->takeover_hung ? HOTID_IDENTITY_FLAGS_AUTO_HUNG : 0U);
		int error = hotid_identity_new(module->h, identity->name, flags);

		if (!error)
			error = tell_epoch(module, identity->name);
		if (error)
			return refused(module, "identity", identity->name, error);
	}
	return 0;
}

int module_apply(struct module *module, const struct config *config)
{
	int error;

	error = remove_strangers(module, config->node);
	if (!error)
		error = apply_peers(module, config->node);
	if (!error)
		error = remove_orphans(module, config);
	if (!error)
		error = apply_identities(module, config);
	return error;
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

	return error ? refused(module, "list of identities", "", error) : 0;
}

// SPDX-License-Identifier: GPL-2.0
/* Makes the module's settings, keys, peers and identities those of the configuration. */
#include "module.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "config/reader.h"
#include "config/values.h"
#include "hotid_daemon.h"
#include "module_parts.h"

/*
 * The keys. Adding one that is there changes nothing, so a restart of the
 * daemon is no event to the peers. A module that signs with a later
 * generation than the file's was rotated by other means: going back would
 * make this node look dead to the others.
 */
static int apply_keys(struct module *module, const struct node_config *config)
{
	const struct cluster_key *first = &config->keys[0];
	struct hotid_node node;
	uint32_t before, left;
	int error;

	error = hotid_node_get(module->h, &node);
	if (error)
		return module_refused(module, "settings", "", error);
	before = node.key_generation;
	left = before == first->generation ? node.key_other : before;
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
		error = hotid_node_add_key(module->h, config->keys[1].generation,
					   config->keys[1].key);
	/* What a rotation left, also one that was interrupted; a later one is the next one's. */
	if (!error && config->n_keys == 1 && left && left < first->generation)
		hotid_node_drop_key(module->h, left);
	return error ? module_refused(module, "the cluster key", "", error) : 0;
}

int module_apply_node(struct module *module, const struct node_config *config)
{
	struct hotid_node node = {
		.port = config->port,
		.interval_us = config->interval_us,
		.user_limit_ms = config->keepalive_limit_ms,
	};
	int error;

	memcpy(node.id, config->id, sizeof(node.id));
	memcpy(node.name, config->name, sizeof(node.name));
	error = hotid_node_set(module->h, &node, HOTID_SET_ID | HOTID_SET_NAME | HOTID_SET_PORT |
			       HOTID_SET_INTERVAL | HOTID_SET_USER_LIMIT);
	if (error)
		return module_refused(module, "node.yaml", "", error);
	error = apply_keys(module, config);
	return error ? error : module_start_keepalive(module, config);
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
		path->address_len = (uint8_t)(address_bits(&from->address) / 8);
		memcpy(path->local, from->local.addr, sizeof(path->local));
		path->local_len = (uint8_t)(address_bits(&from->local) / 8);
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
			return module_refused(module, "peer", peer.name, error);
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
struct unlisted_peers {
	const struct node_config *config;
	uint8_t (*ids)[HOTID_ID_LEN];
	size_t n;
};

static int find_unlisted(const struct hotid_peer *peer, void *data)
{
	struct unlisted_peers *unlisted = data;

	for (size_t i = 0; i < unlisted->config->n_peers; i++)
		if (!memcmp(unlisted->config->peers[i].id, peer->id, sizeof(peer->id)))
			return 0;
	unlisted->ids = must_realloc(unlisted->ids, unlisted->n + 1, HOTID_ID_LEN);
	memcpy(unlisted->ids[unlisted->n++], peer->id, HOTID_ID_LEN);
	return 0;
}

static int remove_unlisted(struct module *module, const struct node_config *config)
{
	struct unlisted_peers unlisted = { .config = config };
	char id[33];
	int error;

	error = hotid_peer_dump(module->h, find_unlisted, &unlisted);
	if (error)
		module_refused(module, "list of peers", "", error);
	for (size_t i = 0; i < unlisted.n && !error; i++) {
		hotid_id_format(unlisted.ids[i], id);
		error = hotid_peer_del(module->h, unlisted.ids[i]);
		if (error == HOTID_ERR_NO_PEER)
			error = 0;
		if (error)
			module_refused(module, "removal of peer", id, error);
		else
			log_info("peer %s: removed, it is no longer in node.yaml", id);
	}
	free(unlisted.ids);
	return error;
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

	if (config_identity(orphans->config, identity->name))
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
		module_refused(module, "list of identities", "", error);
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
			return module_refused(module, "identity", identity->name, error);
	}
	return 0;
}

int module_apply(struct module *module, const struct config *config)
{
	int error;

	error = remove_unlisted(module, config->node);
	if (!error)
		error = apply_peers(module, config->node);
	if (!error)
		error = remove_orphans(module, config);
	if (!error)
		error = apply_identities(module, config);
	return error;
}

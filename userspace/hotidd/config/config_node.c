// SPDX-License-Identifier: GPL-2.0
/* node.yaml: its keys, and what must hold between them. */
#include "config/config_node.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/file.h"
#include "base/memory.h"
#include "config/config_identity.h"
#include "config/prkey.h"

#define NODE(member)	offsetof(struct node_config, member)
#define PEER(member)	offsetof(struct peer_config, member)
#define PATH(member)	offsetof(struct path_config, member)

#define MULTIPLIERS	FIELD_RANGE(HOTID_MULTIPLIER_MIN, HOTID_MULTIPLIER_MAX)
#define PORTS		FIELD_RANGE(1, UINT16_MAX)

static const struct field node_section[] = {
	{ .key = "name", .required = true, .parse = value_name, .at = NODE(name),
	  .doc = "a name for people" },
	{ .key = "id", .parse = value_id, .at = NODE(id),
	  .doc = "32 hex digits; /etc/machine-id when absent" },
	{ .key = "key-file", .kind = FIELD_STRING, .fallback = "key", .parse = value_text,
	  .at = NODE(key_file), .doc = "file with the cluster key, mode 0600" },
	{ 0 }
};

static const struct field beats_section[] = {
	{ .key = "interval", .fallback = "10ms", .parse = value_duration_us,
	  .limits = FIELD_RANGE(HOTID_INTERVAL_MIN_US, HOTID_INTERVAL_MAX_US),
	  .at = NODE(interval_us), .doc = "between two beats" },
	{ .key = "multiplier", .fallback = "3", .parse = value_u32, .limits = MULTIPLIERS,
	  .at = NODE(multiplier), .doc = "beats to wait for before a peer is down" },
	{ .key = "port", .fallback = "7707", .parse = value_u16, .limits = PORTS,
	  .at = NODE(port), .doc = "UDP port of beats" },
	{ 0 }
};

static const struct field daemon_section[] = {
	{ .key = "priority", .fallback = "50", .parse = value_u32, .limits = FIELD_RANGE(0, 99),
	  .at = NODE(priority), .doc = "SCHED_FIFO; 0 for none" },
	{ .key = "keepalive-limit", .fallback = "500ms", .parse = value_duration_ms,
	  .limits = FIELD_RANGE(10, 600000), .at = NODE(keepalive_limit_ms),
	  .doc = "without a sign of life for so long, beats say that the daemon is dead" },
	{ 0 }
};

static const struct field audit_section[] = {
	{ .key = "period", .fallback = "10s", .parse = value_duration_ms,
	  .limits = FIELD_RANGE(100, 3600000), .at = NODE(audit_ms),
	  .doc = "between two looks at what is held or armed" },
	{ 0 }
};

static const struct field probe_section[] = {
	{ .key = "mode", .fallback = "auto", .parse = value_choice,
	  .limits = FIELD_WORDS([PROBE_AUTO] = "auto", [PROBE_NATIVE] = "native",
				[PROBE_GENERIC] = "generic", [PROBE_OFF] = "off"),
	  .at = NODE(probe_mode), .doc = "where the XDP probe runs" },
	{ .key = "devices", .kind = FIELD_STRINGS, .parse = value_device, .least = 1, .most = 64,
	  FIELD_ARRAY(struct node_config, probe_devices),
	  .doc = "devices of the probe; those that lead to peers when absent" },
	{ .key = "room", .parse = value_u32, .limits = FIELD_RANGE(1, 100000),
	  .at = NODE(probe_room), .doc = "peers to have slots for; those of the list when absent" },
	{ 0 }
};

static const struct field path_fields[] = {
	{ .key = "address", .required = true, .parse = value_address, .at = PATH(address),
	  .doc = "IP address of the peer" },
	{ .key = "local", .parse = value_address, .at = PATH(local),
	  .doc = "own address to send from" },
	{ .key = "port", .parse = value_u16, .limits = PORTS, .at = PATH(port),
	  .doc = "UDP port of the peer; beats.port when absent" },
	{ .key = "device", .kind = FIELD_STRING, .parse = value_device, .at = PATH(device),
	  .doc = "device to send through" },
	{ 0 }
};

static const struct field peer_fields[] = {
	{ .key = "name", .required = true, .parse = value_name, .at = PEER(name),
	  .doc = "a name for people" },
	{ .key = "id", .required = true, .parse = value_id, .at = PEER(id),
	  .doc = "/etc/machine-id of that node, or the id that its node.yaml says" },
	{ .key = "watch", .fallback = "true", .parse = value_bool, .at = PEER(watch),
	  .doc = "detect its failure" },
	{ .key = "tell", .fallback = "true", .parse = value_bool, .at = PEER(tell),
	  .doc = "send it this node's beats" },
	{ .key = "multiplier", .parse = value_u32, .limits = MULTIPLIERS, .at = PEER(multiplier),
	  .doc = "beats to wait for; beats.multiplier when absent" },
	{ .key = "paths", .kind = FIELD_ITEMS, .required = true, .least = 1,
	  .most = HOTID_MAX_PATHS, .fields = path_fields, FIELD_ARRAY(struct peer_config, paths),
	  .doc = "ways to the peer" },
	{ 0 }
};

const struct field node_fields[] = {
	{ .key = "node", .kind = FIELD_MAP, .required = true, .fields = node_section,
	  .doc = "this node" },
	{ .key = "beats", .kind = FIELD_MAP, .fields = beats_section, .doc = "beats" },
	{ .key = "daemon", .kind = FIELD_MAP, .fields = daemon_section, .doc = "hotidd itself" },
	{ .key = "audit", .kind = FIELD_MAP, .fields = audit_section,
	  .doc = "whether what is held or armed is still so" },
	{ .key = "arm", .kind = FIELD_MATCHES, .most = 1000, FIELD_ARRAY(struct node_config, arm),
	  .doc = "identities, and identity.arm of each on this node" },
	{ .key = "probe", .kind = FIELD_MAP, .fields = probe_section, .doc = "the XDP probe" },
	{ .key = "peers", .kind = FIELD_ITEMS, .most = 10000, .fields = peer_fields,
	  FIELD_ARRAY(struct node_config, peers), .doc = "the other nodes" },
	{ 0 }
};

static void check_id(struct checking *checking, struct node_config *config)
{
	char text[64], why[VALUE_WHY_MAX];

	if (!bytes_are_zero(config->id, sizeof(config->id)))
		return;
	file_read_line("/etc/machine-id", text, sizeof(text));
	if (!*text)
		check_wrong(checking, "node.id", "is missing, and there is no /etc/machine-id; give "
			    "32 hex digits, or run systemd-machine-id-setup");
	else if (!value_id(text, NULL, config->id, why))
		check_wrong(checking, "node.id", "/etc/machine-id: %s", why);
}

/* A relative name is one beside the configuration file. */
static void key_file_resolve(const char *beside, struct node_config *config)
{
	char *copy, *path;

	if (*config->key_file == '/')
		return;
	copy = must_strdup(beside);
	path = must_printf("%s/%s", dirname(copy), config->key_file);
	free(copy);
	free(config->key_file);
	config->key_file = path;
}

static void check_paths(struct checking *checking, const struct node_config *config, size_t i)
{
	struct peer_config *peer = &config->peers[i];

	for (size_t j = 0; j < peer->n_paths; j++) {
		struct path_config *path = &peer->paths[j];

		if (!path->port)
			path->port = config->port;
		if (path->local.family && path->local.family != path->address.family)
			check_wrong(checking,
				    check_key(checking, "peers[%zu].paths[%zu].local", i, j),
				    "is of another family than the address; give both as IPv4 or both "
				    "as IPv6");
		check_key(checking, "peers[%zu].paths[%zu].address", i, j);
		if (address_link_local(&path->address) && !path->device)
			check_wrong(checking, checking->key,
				    "is link-local, so it needs its device; add device: NAME");
		for (size_t k = 0; k < j; k++)
			if (address_same(&path->address, &peer->paths[k].address) &&
			    path->port == peer->paths[k].port &&
			    (!path->device || !peer->paths[k].device ||
			     !strcmp(path->device, peer->paths[k].device)))
				check_wrong(checking, checking->key,
					    "is that of paths[%zu] too; two paths must be different "
					    "ways to the peer", k);
	}
}

void node_check_keys(const struct node_config *config, const char *file, struct problems *problems)
{
	char key[CHECK_KEY_MAX];

	for (size_t i = 0; i < config->n_peers; i++) {
		const struct peer_config *peer = &config->peers[i];
		const char *other = NULL;

		if (prkey_node(peer->id) == prkey_node(config->id))
			other = "this node";
		for (size_t j = 0; j < i && !other; j++)
			if (prkey_node(peer->id) == prkey_node(config->peers[j].id))
				other = config->peers[j].name;
		if (!other)
			continue;
		snprintf(key, sizeof(key), "peers[%zu].id", i);
		problem_add(problems, file, 0, key,
			    "and that of %s give the same reservation keys, which have only 16 bits "
			    "for the node; set another node.id on one of them", other);
	}
}

static void check_arm(struct checking *checking, const struct node_config *config)
{
	char why[VALUE_WHY_MAX];
	enum arm_policy policy;

	for (size_t i = 0; i < config->n_arm; i++)
		if (!identity_arm_policy(config->arm[i].value, &policy, why))
			check_wrong(checking,
				    check_key(checking, "arm.%s", config->arm[i].property), "%s",
				    why);
}

void node_check(struct checking *checking, struct node_config *config)
{
	check_arm(checking, config);
	check_id(checking, config);
	key_file_resolve(checking->file, config);
	key_file_read(checking, config);
	for (size_t i = 0; i < config->n_peers; i++) {
		struct peer_config *peer = &config->peers[i];

		if (!peer->multiplier)
			peer->multiplier = config->multiplier;
		if (!memcmp(peer->id, config->id, sizeof(peer->id)))
			check_wrong(checking, check_key(checking, "peers[%zu].id", i),
				    "is this node's own id; leave this node out of its peers");
		if (!peer->watch && !peer->tell)
			check_wrong(checking, check_key(checking, "peers[%zu]", i),
				    "neither watched nor told; set watch or tell to true, or leave the "
				    "peer out");
		for (size_t j = 0; j < i; j++) {
			if (!memcmp(peer->id, config->peers[j].id, sizeof(peer->id)))
				check_wrong(checking, check_key(checking, "peers[%zu].id", i),
					    "is that of peers[%zu] (%s) too; every node has its own", j,
					    config->peers[j].name);
			if (!strcmp(peer->name, config->peers[j].name))
				check_wrong(checking, check_key(checking, "peers[%zu].name", i),
					    "%s is the name of peers[%zu] too; give each its own",
					    peer->name, j);
		}
		check_paths(checking, config, i);
	}
}

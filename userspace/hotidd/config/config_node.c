// SPDX-License-Identifier: GPL-2.0
/* node.yaml: its keys, and what must hold between them. */
#include "config/config_node.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/memory.h"
#include "config/config_identity.h"
#include "config/key_file.h"
#include "config/prkey.h"

#define NODE(member)	offsetof(struct node_config, member)
#define PEER(member)	offsetof(struct peer_config, member)
#define PATH(member)	offsetof(struct path_config, member)

#define PEERS_MAX	10000

static const struct value_limits interval_limits = {
	.min = HOTID_INTERVAL_MIN_US, .max = HOTID_INTERVAL_MAX_US,
};
static const struct value_limits multiplier_limits = {
	.min = HOTID_MULTIPLIER_MIN, .max = HOTID_MULTIPLIER_MAX,
};
static const struct value_limits port_limits = { .min = 1, .max = UINT16_MAX };
static const struct value_limits priority_limits = { .min = 0, .max = 99 };
static const struct value_limits keepalive_limits = { .min = 10, .max = 600000 };
static const struct value_limits audit_limits = { .min = 100, .max = 3600000 };
static const struct value_limits room_limits = { .min = 1, .max = 100000 };
static const struct value_limits mode_limits = {
	.names = (const char *const[]){
		[PROBE_AUTO] = "auto", [PROBE_NATIVE] = "native", [PROBE_GENERIC] = "generic",
		[PROBE_OFF] = "off", NULL
	},
};

static const struct field node_section[] = {
	{ .key = "name", .kind = FIELD_VALUE, .required = true, .parse = value_name,
	  .at = NODE(name), .doc = "a name for people" },
	{ .key = "id", .kind = FIELD_VALUE, .parse = value_id, .at = NODE(id),
	  .doc = "32 hex digits; /etc/machine-id when absent" },
	{ .key = "key-file", .kind = FIELD_STRING, .fallback = "key", .parse = value_text,
	  .at = NODE(key_file), .doc = "file with the cluster key, mode 0600" },
	{ 0 }
};

static const struct field beats_section[] = {
	{ .key = "interval", .kind = FIELD_VALUE, .fallback = "10ms", .parse = value_duration_us,
	  .limits = &interval_limits, .at = NODE(interval_us), .doc = "between two beats" },
	{ .key = "multiplier", .kind = FIELD_VALUE, .fallback = "3", .parse = value_u32,
	  .limits = &multiplier_limits, .at = NODE(multiplier),
	  .doc = "beats to wait for before a peer is down" },
	{ .key = "port", .kind = FIELD_VALUE, .fallback = "7707", .parse = value_u16,
	  .limits = &port_limits, .at = NODE(port), .doc = "UDP port of beats" },
	{ 0 }
};

static const struct field daemon_section[] = {
	{ .key = "priority", .kind = FIELD_VALUE, .fallback = "50", .parse = value_u32,
	  .limits = &priority_limits, .at = NODE(priority), .doc = "SCHED_FIFO; 0 for none" },
	{ .key = "keepalive-limit", .kind = FIELD_VALUE, .fallback = "500ms",
	  .parse = value_duration_ms, .limits = &keepalive_limits, .at = NODE(keepalive_limit_ms),
	  .doc = "without a sign of life for so long, beats say that the daemon is dead" },
	{ 0 }
};

static const struct field audit_section[] = {
	{ .key = "period", .kind = FIELD_VALUE, .fallback = "10s", .parse = value_duration_ms,
	  .limits = &audit_limits, .at = NODE(audit_ms),
	  .doc = "between two looks at what is held or armed" },
	{ 0 }
};

static const struct field probe_section[] = {
	{ .key = "mode", .kind = FIELD_VALUE, .fallback = "auto", .parse = value_choice,
	  .limits = &mode_limits, .at = NODE(probe_mode), .doc = "where the XDP probe runs" },
	{ .key = "devices", .kind = FIELD_STRINGS, .parse = value_device, .least = 1, .most = 64,
	  .at = NODE(probe_devices), .count_at = NODE(n_probe_devices),
	  .doc = "devices of the probe; those that lead to peers when absent" },
	{ .key = "room", .kind = FIELD_VALUE, .parse = value_u32, .limits = &room_limits,
	  .at = NODE(probe_room), .doc = "peers to have slots for; those of the list when absent" },
	{ 0 }
};

static const struct field path_fields[] = {
	{ .key = "address", .kind = FIELD_VALUE, .required = true, .parse = value_address,
	  .at = PATH(address), .doc = "IP address of the peer" },
	{ .key = "local", .kind = FIELD_VALUE, .parse = value_address, .at = PATH(local),
	  .doc = "own address to send from" },
	{ .key = "port", .kind = FIELD_VALUE, .parse = value_u16, .limits = &port_limits,
	  .at = PATH(port), .doc = "UDP port of the peer; beats.port when absent" },
	{ .key = "device", .kind = FIELD_STRING, .parse = value_device, .at = PATH(device),
	  .doc = "device to send through" },
	{ 0 }
};

static const struct field peer_fields[] = {
	{ .key = "name", .kind = FIELD_VALUE, .required = true, .parse = value_name,
	  .at = PEER(name), .doc = "a name for people" },
	{ .key = "id", .kind = FIELD_VALUE, .required = true, .parse = value_id, .at = PEER(id),
	  .doc = "/etc/machine-id of that node, or the id that its node.yaml says" },
	{ .key = "watch", .kind = FIELD_VALUE, .fallback = "true", .parse = value_bool,
	  .at = PEER(watch), .doc = "detect its failure" },
	{ .key = "tell", .kind = FIELD_VALUE, .fallback = "true", .parse = value_bool,
	  .at = PEER(tell), .doc = "send it this node's beats" },
	{ .key = "multiplier", .kind = FIELD_VALUE, .parse = value_u32,
	  .limits = &multiplier_limits, .at = PEER(multiplier),
	  .doc = "beats to wait for; beats.multiplier when absent" },
	{ .key = "paths", .kind = FIELD_ITEMS, .required = true, .least = 1,
	  .most = HOTID_MAX_PATHS, .fields = path_fields, .size = sizeof(struct path_config),
	  .at = PEER(paths), .count_at = PEER(n_paths), .doc = "ways to the peer" },
	{ 0 }
};

const struct field node_fields[] = {
	{ .key = "node", .kind = FIELD_MAP, .required = true, .fields = node_section,
	  .doc = "this node" },
	{ .key = "beats", .kind = FIELD_MAP, .fields = beats_section, .doc = "beats" },
	{ .key = "daemon", .kind = FIELD_MAP, .fields = daemon_section, .doc = "hotidd itself" },
	{ .key = "audit", .kind = FIELD_MAP, .fields = audit_section,
	  .doc = "whether what is held or armed is still so" },
	{ .key = "arm", .kind = FIELD_MATCHES, .most = 1000, .at = NODE(arm),
	  .count_at = NODE(n_arm), .doc = "identities, and identity.arm of each on this node" },
	{ .key = "probe", .kind = FIELD_MAP, .fields = probe_section, .doc = "the XDP probe" },
	{ .key = "peers", .kind = FIELD_ITEMS, .most = PEERS_MAX, .fields = peer_fields,
	  .size = sizeof(struct peer_config), .at = NODE(peers), .count_at = NODE(n_peers),
	  .doc = "the other nodes" },
	{ 0 }
};

static bool is_zero(const uint8_t *bytes, size_t n)
{
	while (n && !bytes[n - 1])
		n--;
	return !n;
}

static void check_id(struct checking *checking, struct node_config *config)
{
	char text[64] = "", why[VALUE_WHY_MAX];
	FILE *file;

	if (!is_zero(config->id, sizeof(config->id)))
		return;
	file = fopen("/etc/machine-id", "re");
	if (file) {
		if (!fgets(text, sizeof(text), file))
			*text = '\0';
		fclose(file);
	}
	text[strcspn(text, "\n")] = '\0';
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
	char key[CHECK_KEY_MAX];

	for (size_t j = 0; j < peer->n_paths; j++) {
		struct path_config *path = &peer->paths[j];

		if (!path->port)
			path->port = config->port;
		if (path->local.family && path->local.family != path->address.family)
			check_wrong(checking, check_key(key, "peers[%zu].paths[%zu].local", i, j),
				    "is of another family than the address; give both as IPv4 or both "
				    "as IPv6");
		if (address_link_local(&path->address) && !path->device)
			check_wrong(checking, check_key(key, "peers[%zu].paths[%zu].address", i, j),
				    "is link-local, so it needs its device; add device: NAME");
		for (size_t k = 0; k < j; k++)
			if (address_same(&path->address, &peer->paths[k].address) &&
			    path->port == peer->paths[k].port &&
			    (!path->device || !peer->paths[k].device ||
			     !strcmp(path->device, peer->paths[k].device)))
				check_wrong(checking,
					    check_key(key, "peers[%zu].paths[%zu].address", i, j),
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
		if (other)
			problem_add(problems, file, 0, check_key(key, "peers[%zu].id", i),
				    "and that of %s give the same reservation keys, which have only 16 bits "
				    "for the node; set another node.id on one of them", other);
	}
}

static void check_arm(struct checking *checking, const struct node_config *config)
{
	char key[CHECK_KEY_MAX], why[VALUE_WHY_MAX];
	enum arm_policy policy;

	for (size_t i = 0; i < config->n_arm; i++) {
		check_key(key, "arm.%s", config->arm[i].property);
		if (!identity_arm_policy(config->arm[i].value, &policy, why))
			check_wrong(checking, key, "%s", why);
	}
}

void node_check(struct checking *checking, struct node_config *config)
{
	char key[CHECK_KEY_MAX];

	check_arm(checking, config);
	check_id(checking, config);
	key_file_resolve(checking->file, config);
	key_file_read(checking, config);
	for (size_t i = 0; i < config->n_peers; i++) {
		struct peer_config *peer = &config->peers[i];

		if (!peer->multiplier)
			peer->multiplier = config->multiplier;
		if (!memcmp(peer->id, config->id, sizeof(peer->id)))
			check_wrong(checking, check_key(key, "peers[%zu].id", i),
				    "is this node's own id; leave this node out of its peers");
		if (!peer->watch && !peer->tell)
			check_wrong(checking, check_key(key, "peers[%zu]", i),
				    "neither watched nor told; set watch or tell to true, or leave the "
				    "peer out");
		for (size_t j = 0; j < i; j++) {
			if (!memcmp(peer->id, config->peers[j].id, sizeof(peer->id)))
				check_wrong(checking, check_key(key, "peers[%zu].id", i),
					    "is that of peers[%zu] (%s) too; every node has its own", j,
					    config->peers[j].name);
			if (!strcmp(peer->name, config->peers[j].name))
				check_wrong(checking, check_key(key, "peers[%zu].name", i),
					    "%s is the name of peers[%zu] too; give each its own",
					    peer->name, j);
		}
		check_paths(checking, config, i);
	}
}

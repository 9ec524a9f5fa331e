// SPDX-License-Identifier: GPL-2.0
/* The nodes of the cluster, as reservation keys name them. */
#include "storage/key_owners.h"

#include <errno.h>

#include "config/prkey.h"
#include "net/peers.h"
#include "step/job.h"

static int add_node(struct key_owners *owners, const uint8_t id[HOTID_ID_LEN], const char *name)
{
	uint16_t node = prkey_node(id);

	if (owners->nodes[node / 8] & 1 << node % 8)
		return job_fail(owners->env, EEXIST, "the ids of %s and of %s give the same reservation keys, which have only 16 bits for the node; set another node.id on one of them",
				name, node == prkey_node(owners->env->node_id) ? "this node" :
				"another peer");
	owners->nodes[node / 8] |= 1 << node % 8;
	return 0;
}

static int add_peer(const struct hotid_peer *peer, void *data)
{
	return add_node(data, peer->id, peer->name);
}

int key_owners_find(struct key_owners *owners, struct step_env *env)
{
	*owners = (struct key_owners){ .env = env };
	add_node(owners, env->node_id, "this node");
	return peers_each(add_peer, owners, env);
}

bool key_owners_have(const struct key_owners *owners, uint64_t key)
{
	struct prkey parsed;

	return prkey_parse(key, &parsed) && owners->nodes[parsed.node / 8] & 1 << parsed.node % 8;
}

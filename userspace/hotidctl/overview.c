// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include "overview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

static int add_peer(const struct hotid_peer *peer, void *data)
{
	struct overview *overview = data;

	overview->peers = reallocarray(overview->peers, overview->n_peers + 1,
				       sizeof(*overview->peers));
	if (!overview->peers)
		text_no_memory();
	overview->peers[overview->n_peers++] = *peer;
	return 0;
}

static struct hotid_identity *new_identity(struct overview *overview)
{
	overview->identities = reallocarray(overview->identities, overview->n_identities + 1,
					    sizeof(*overview->identities));
	if (!overview->identities)
		text_no_memory();
	return &overview->identities[overview->n_identities++];
}

static int add_identity(const struct hotid_identity *identity, void *data)
{
	struct hotid_identity *copy = new_identity(data);

	*copy = *identity;
	copy->steps = text_alloc(identity->n_steps * sizeof(*copy->steps));
	if (identity->n_steps)
		memcpy(copy->steps, identity->steps, identity->n_steps * sizeof(*copy->steps));
	return 0;
}

int overview_read_nodes(struct hotid *h, struct overview *overview)
{
	int err;

	free(overview->peers);
	overview->peers = NULL;
	overview->n_peers = 0;
	err = hotid_peer_dump(h, add_peer, overview);
	if (err)
		return err;
	/* Last, so that no beat is younger than the node's "now". */
	hotid_node_clear(&overview->node);
	return hotid_node_get(h, &overview->node);
}

int overview_read(struct hotid *h, const char *name, struct overview *overview)
{
	int err;

	memset(overview, 0, sizeof(*overview));
	if (name)
		err = hotid_identity_get(h, name, new_identity(overview));
	else
		err = hotid_identity_dump(h, add_identity, overview);
	if (!err)
		err = overview_read_nodes(h, overview);
	if (err)
		overview_free(overview);
	return err;
}

void overview_free(struct overview *overview)
{
	size_t i;

	for (i = 0; i < overview->n_identities; i++)
		hotid_identity_clear(&overview->identities[i]);
	free(overview->identities);
	free(overview->peers);
	hotid_node_clear(&overview->node);
	memset(overview, 0, sizeof(*overview));
}

struct hotid_identity *overview_identity(const struct overview *overview, const char *name)
{
	size_t i;

	for (i = 0; i < overview->n_identities; i++)
		if (!strcmp(overview->identities[i].name, name))
			return &overview->identities[i];
	return NULL;
}

struct hotid_peer *overview_peer(const struct overview *overview, const uint8_t id[HOTID_ID_LEN])
{
	size_t i;

	for (i = 0; i < overview->n_peers; i++)
		if (!memcmp(overview->peers[i].id, id, HOTID_ID_LEN))
			return &overview->peers[i];
	return NULL;
}

bool overview_update_identity(struct overview *overview, const struct hotid_identity *identity)
{
	struct hotid_identity *known = overview_identity(overview, identity->name);
	bool changed;

	if (!known) {
		known = new_identity(overview);
		memset(known, 0, sizeof(*known));
		strcpy(known->name, identity->name);
	}
	changed = known->changed_ns != identity->changed_ns;
	known->changed_ns = identity->changed_ns;
	return changed;
}

bool overview_update_peer(struct overview *overview, const struct hotid_peer *peer)
{
	struct hotid_peer *known = overview_peer(overview, peer->id);
	bool changed = peer->changed_ns != (known ? known->changed_ns : 0);

	if (known)
		*known = *peer;
	else
		add_peer(peer, overview);
	return changed;
}

void overview_forget_identity(struct overview *overview, const char *name)
{
	struct hotid_identity *known = overview_identity(overview, name);

	if (!known)
		return;
	hotid_identity_clear(known);
	*known = overview->identities[--overview->n_identities];
}

void overview_forget_peer(struct overview *overview, const uint8_t id[HOTID_ID_LEN])
{
	struct hotid_peer *known = overview_peer(overview, id);

	if (known)
		*known = overview->peers[--overview->n_peers];
}

bool overview_has(const struct overview *overview, const char *name)
{
	size_t i;

	for (i = 0; i < overview->n_peers; i++)
		if (!strcmp(overview->peers[i].name, name))
			return true;
	return overview_identity(overview, name);
}

static const char *node_name(const struct overview *overview, const uint8_t id[HOTID_ID_LEN])
{
	const struct hotid_peer *peer = overview_peer(overview, id);

	if (!memcmp(overview->node.id, id, HOTID_ID_LEN))
		return overview->node.name;
	return peer ? peer->name : "";
}

bool overview_knows(const struct overview *overview, const uint8_t id[HOTID_ID_LEN])
{
	return *node_name(overview, id);
}

void overview_node(const struct overview *overview, const uint8_t id[HOTID_ID_LEN],
		   char text[OVERVIEW_NODE_MAX])
{
	const char *name = node_name(overview, id);

	if (*name)
		snprintf(text, OVERVIEW_NODE_MAX, "%s", name);
	else
		hotid_id_format(id, text);
}

/* SPDX-License-Identifier: GPL-2.0 */
/* Everything the module knows of now: this node, its peers, its identities. */
#ifndef HOTIDCTL_OVERVIEW_H
#define HOTIDCTL_OVERVIEW_H

#include "hotid.h"

struct overview {
	struct hotid_node node;
	struct hotid_peer *peers;
	size_t n_peers;
	struct hotid_identity *identities;
	size_t n_identities;
};

/* All identities when @name is NULL, else that one. 0 or a negative errno. */
int overview_read(struct hotid *h, const char *name, struct overview *overview);
void overview_free(struct overview *overview);

/* What is known of one; NULL when nothing is. */
struct hotid_identity *overview_identity(const struct overview *overview, const char *name);
struct hotid_peer *overview_peer(const struct overview *overview, const uint8_t id[HOTID_ID_LEN]);

/* There is an identity or a peer of that name. */
bool overview_has(const struct overview *overview, const char *name);

/* The name of a node: this one or a peer; its id where it is neither. */
#define OVERVIEW_NODE_MAX	(HOTID_NAME_MAX + 1)
void overview_node(const struct overview *overview, const uint8_t id[HOTID_ID_LEN],
		   char text[OVERVIEW_NODE_MAX]);

/* Whether overview_node() finds a name; read the nodes again when it should. */
bool overview_knows(const struct overview *overview, const uint8_t id[HOTID_ID_LEN]);
int overview_read_nodes(struct hotid *h, struct overview *overview);

/* What an event says. Each returns whether it is a change of state. */
bool overview_update_identity(struct overview *overview, const struct hotid_identity *identity);
bool overview_update_peer(struct overview *overview, const struct hotid_peer *peer);

/* What is gone. Does nothing when it is not known. */
void overview_forget_identity(struct overview *overview, const char *name);
void overview_forget_peer(struct overview *overview, const uint8_t id[HOTID_ID_LEN]);

#endif /* HOTIDCTL_OVERVIEW_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* Nodes of a test, by libhotid. A failure ends the program with a message. */
#ifndef SELFTEST_NODE_H
#define SELFTEST_NODE_H

#include <err.h>
#include <hotid_daemon.h>

/* What must succeed for the test to mean anything. */
#define MUST(h, call)								\
	do {									\
		int _error = (call);						\
										\
		if (_error)							\
			errx(1, "%s:%d: %s: %s", __FILE__, __LINE__, #call,	\
			     hotid_strerror(h, _error));			\
	} while (0)

#define WATCH	HOTID_PEER_FLAGS_WATCH
#define TELL	HOTID_PEER_FLAGS_TELL

extern const uint8_t cluster_key[HOTID_KEY_LEN];

/**
 * struct node - a namespace that is a node
 * @ns: the namespace
 * @h: connection to the module in it
 * @id: its node id
 */
struct node {
	int ns;
	struct hotid *h;
	uint8_t id[HOTID_ID_LEN];
};

/* The id of the n-th node of a test; n below 65536. */
void node_id(unsigned int n, uint8_t id[HOTID_ID_LEN]);

/* Load the module, unless it is loaded. */
void module_load(void);

/* Load the module: 0, or a positive errno. */
int module_try_load(void);

/* The module goes, once whoever reads a list has come to its end. */
bool module_unload(void);

/* Load another module that lies beside it. */
void module_load_other(const char *name);

/* A connection to the module in a namespace. */
struct hotid *node_connect(int ns);

/* Make ns the n-th node, with the cluster key and the default port. */
void node_start(struct node *node, int ns, unsigned int n, uint32_t interval_us);

/* Its daemon gives a sign of life, which is good for ten minutes. */
void node_daemon_lives(const struct node *node);

/* ... and has given none for too long. */
void node_daemon_dies(const struct node *node);

/* What it says of itself; of its probes only their number. */
struct hotid_node node_read(const struct node *node);

/* Its settings of a peer, to be completed with peer_path() and peer_set(). */
struct hotid_peer peer_with(const uint8_t id[HOTID_ID_LEN], uint32_t flags);
void peer_path(struct hotid_peer *peer, const char *address);
void peer_path_raw(struct hotid_peer *peer, const uint8_t *address, uint8_t length,
		   uint32_t ifindex);
void peer_set(const struct node *node, const struct hotid_peer *peer);

/* All that at once: a peer on one path. */
void peer_add(const struct node *node, const uint8_t id[HOTID_ID_LEN], uint32_t flags,
	      const char *address);

/* What the node thinks of a peer. */
struct hotid_peer peer_read(const struct node *node, const uint8_t id[HOTID_ID_LEN]);
uint32_t peer_state(const struct node *node, const uint8_t id[HOTID_ID_LEN]);

/* The newest stamp of all paths. */
uint64_t peer_last_ns(const struct hotid_peer *peer);

#endif /* SELFTEST_NODE_H */

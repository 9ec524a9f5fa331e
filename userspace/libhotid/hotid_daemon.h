/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libhotid: what only hotidd calls, to bring its configuration into the module and to
 * report. Not installed, and not part of the ABI: program and library are of the same
 * version. Structs and errors are as in hotid.h.
 */
#ifndef HOTID_DAEMON_H
#define HOTID_DAEMON_H

#include "hotid.h"

/* The node. hotid_node_set() sends only what @fields names. */
#define HOTID_SET_ID		(1u << 0)
#define HOTID_SET_NAME		(1u << 1)
#define HOTID_SET_PORT		(1u << 2)
#define HOTID_SET_INTERVAL	(1u << 3)
#define HOTID_SET_USER_LIMIT	(1u << 4)
int hotid_node_set(struct hotid *h, const struct hotid_node *node, unsigned int fields);

/*
 * The cluster key. hotid_node_set_key() replaces all keys by this one, as
 * generation 1. To rotate without a gap do each on all nodes before the next:
 * add the new key as a higher generation, sign with it, drop the old one.
 */
int hotid_node_set_key(struct hotid *h, const uint8_t key[HOTID_KEY_LEN]);
int hotid_node_add_key(struct hotid *h, uint32_t generation, const uint8_t key[HOTID_KEY_LEN]);
int hotid_node_use_key(struct hotid *h, uint32_t generation);
int hotid_node_drop_key(struct hotid *h, uint32_t generation);

/* The daemon lives; @health is HOTID_HEALTH_*. */
int hotid_keepalive(struct hotid *h, uint32_t health);

/* The XDP probe. Mode is enum hotid_probe_mode; ifindex 0 in del means all. */
int hotid_probe_set(struct hotid *h, int slots_fd, int counters_fd,
		    uint32_t ifindex, uint32_t mode);
int hotid_probe_del(struct hotid *h, uint32_t ifindex);

/* Peers. Fields that are read only are ignored. */
int hotid_peer_new(struct hotid *h, const struct hotid_peer *peer);
/*
 * The same for @n peers, many to a message. What the module refuses keeps none
 * of the others out: the return value is the error of the first refused, whose
 * place among @peers is in *@first then.
 */
int hotid_peer_new_many(struct hotid *h, const struct hotid_peer *peers, size_t n, size_t *first);
int hotid_peer_del(struct hotid *h, const uint8_t id[HOTID_ID_LEN]);

/* Identities. */
int hotid_identity_new(struct hotid *h, const char *name, uint32_t flags);
/* @epoch was given before, as a disk tells: the next takeover goes beyond it. */
int hotid_identity_know(struct hotid *h, const char *name, uint64_t epoch);
/* Guard its ports; without ports, no more. -ENODEV for a port that is not there. */
int hotid_identity_guard(struct hotid *h, const char *name, const struct hotid_guard *guard);
int hotid_identity_del(struct hotid *h, const char *name);

/* Reports. Messages of more than HOTID_MESSAGE_MAX bytes are cut. */
int hotid_step_report(struct hotid *h, const char *name, uint32_t state,
		      uint64_t epoch, const struct hotid_step *step);
int hotid_identity_report(struct hotid *h, const char *name, uint32_t state,
			  uint64_t epoch, uint32_t error, bool clean,
			  const char *message);

#endif /* HOTID_DAEMON_H */

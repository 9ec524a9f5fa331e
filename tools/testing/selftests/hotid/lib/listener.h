/* SPDX-License-Identifier: GPL-2.0 */
/* The events of one node, in the order they came. */
#ifndef SELFTEST_LISTENER_H
#define SELFTEST_LISTENER_H

#include <hotid.h>

/**
 * struct note - one event; @type says which of the rest it is about
 * @identity: without its steps
 * @node: without its probes
 * @step: of the identity, for HOTID_EVENT_STEP
 */
struct note {
	enum hotid_event_type type;
	struct hotid_peer peer;
	struct hotid_identity identity;
	struct hotid_step step;
	struct hotid_node node;
};

/**
 * struct listener - what came, and how much of it was looked at
 * @membership: peers that are new or deleted are noted, too; tests add and delete
 *	peers all the time, so they are not at first
 */
struct listener {
	struct hotid *h;
	struct note *notes;
	size_t n, next;
	bool membership;
};

void listener_open(struct listener *listener, int ns);

/* The next event, or NULL when none comes within limit_ns. */
const struct note *listener_next(struct listener *listener, uint64_t limit_ns);

/* The next one of a peer, or of an identity; what comes before it is passed over. */
const struct note *listener_peer(struct listener *listener, const uint8_t id[HOTID_ID_LEN],
				 uint64_t limit_ns);
const struct note *listener_identity(struct listener *listener, const char *name,
				     uint64_t limit_ns);

#endif /* SELFTEST_LISTENER_H */

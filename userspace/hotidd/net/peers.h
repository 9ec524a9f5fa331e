/* SPDX-License-Identifier: GPL-2.0 */
/* The peers that this node's module knows, for kinds. */
#ifndef HOTIDD_PEERS_H
#define HOTIDD_PEERS_H

#include "step/kind.h"

/*
 * Calls @fn for each peer; non-zero from it ends the walk and is returned.
 * Without the module there are no peers. A negative errno, with the message
 * set, when the module did not answer.
 */
int peers_each(int (*fn)(const struct hotid_peer *peer, void *data), void *data,
	       struct step_env *env);

#endif /* HOTIDD_PEERS_H */

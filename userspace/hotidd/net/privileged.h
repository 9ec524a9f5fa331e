/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Privileged ports: what this node itself lives on must never become part of
 * an identity. Root, /usr, swap or a session of a person that come over the
 * network need an address on the port or a route out of it, so a port with one
 * that the identity does not own is refused, and so is a port below another
 * device, or one that beats or the identity's own storage take. What the
 * identity brings must not be on another port of this node either.
 */
#ifndef HOTIDD_PRIVILEGED_H
#define HOTIDD_PRIVILEGED_H

#include "net/port.h"

/*
 * Returns 0; -EACCES, which is said of nothing else, with a message that names
 * what depends on the port; or another negative errno.
 */
int privileged_check(const struct port_config *config, const struct port *port,
		     struct step_env *env);

#endif /* HOTIDD_PRIVILEGED_H */

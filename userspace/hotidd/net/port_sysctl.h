/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A port that is up, so that its link is ready, and says nothing by itself.
 * Before the fence it has no address; from then until the services run it has
 * them all, but neither announces them nor answers for them (port_filter.h), so that
 * clients go on asking instead of being refused.
 */
#ifndef HOTIDD_PORT_SYSCTL_H
#define HOTIDD_PORT_SYSCTL_H

#include "step/undo_state.h"
#include "net/port.h"

/* Puts the port's settings into @keep. */
bool port_sysctl_save(const struct port *port, struct undo_state *keep);

/* Makes it silent, its filters shut. IPv6 stays off when the identity has none of it. */
int port_sysctl_silence(const struct port *port, bool ipv6, struct step_env *env);

/* Takes every IPv6 address off it. */
int port_sysctl_flush_ipv6(const struct port *port, bool ipv6, struct step_env *env);

/* Writes back what @keep has, as far as the port is still there. */
void port_sysctl_restore(const struct port *port, const struct undo_state *keep);

#endif /* HOTIDD_PORT_SYSCTL_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A port that is up, so that its link is ready, and says nothing by itself.
 * Before the fence it has no address; from then until the services run it has
 * them all, but neither announces them nor answers for them (gate.h), so that
 * clients go on asking instead of being refused.
 */
#ifndef HOTIDD_QUIET_H
#define HOTIDD_QUIET_H

#include "step/undo_state.h"
#include "net/port.h"

/* Puts the port's settings into @keep. */
bool quiet_remember(const struct port *port, struct undo_state *keep);

/* Makes it quiet, gate shut. IPv6 stays off when the identity has none of it. */
int quiet_begin(const struct port *port, bool ipv6, struct step_env *env);

/* Takes every IPv6 address off it. */
int quiet_flush_ipv6(const struct port *port, bool ipv6, struct step_env *env);

/* Opens the gate. */
int quiet_end(const struct port *port, struct step_env *env);

/* Writes back what @keep has, as far as the port is still there. */
void quiet_restore(const struct port *port, const struct undo_state *keep);

#endif /* HOTIDD_QUIET_H */

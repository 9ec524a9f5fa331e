/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A port that is up, so that its link is ready, and says nothing by itself.
 * Before the fence it has no address; from then until the services run it has
 * them all but does not announce them, nor answer ARP for them, so that
 * clients go on asking instead of being refused. IPv6 has no switch for
 * neighbour solicitations: these are answered as soon as the address is there.
 */
#ifndef HOTIDD_QUIET_H
#define HOTIDD_QUIET_H

#include "keep.h"

/* Puts the port's settings into @keep. */
bool quiet_remember(const char *port, struct keep *keep);

/* Makes it quiet. IPv6 stays off when the identity has none of it. */
int quiet_begin(const char *port, bool ipv6, struct step_env *env);

/* Takes every IPv6 address off it without a word. */
int quiet_flush_ipv6(const char *port, bool ipv6, struct step_env *env);

/* ARP is answered again. */
int quiet_end(const char *port, const struct keep *keep, struct step_env *env);

/* Whether ARP is answered. */
bool quiet_ended(const char *port);

/* Writes back what @keep has, as far as the port is still there. */
void quiet_restore(const char *port, const struct keep *keep);

#endif /* HOTIDD_QUIET_H */

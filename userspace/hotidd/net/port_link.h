/* SPDX-License-Identifier: GPL-2.0 */
/* The link of a port: up, and with a carrier. 0 or a negative errno with the message set. */
#ifndef HOTIDD_PORT_LINK_H
#define HOTIDD_PORT_LINK_H

#include "net/port.h"

int port_link_up(const struct port *port, struct step_env *env);

/* A port without a link would take the identity and serve nobody. */
int port_link_wait(const struct port *port, struct step_env *env);

#endif /* HOTIDD_PORT_LINK_H */

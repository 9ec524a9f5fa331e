/* SPDX-License-Identifier: GPL-2.0 */
/* How a port was before it was staged, kept so that undo can put it back (undo_state.h). */
#ifndef HOTIDD_PORT_UNDO_H
#define HOTIDD_PORT_UNDO_H

#include "net/portshare.h"

/**
 * port_undo_locate() - find the device of port @item
 * @keep: what is kept of it; empty when nothing is
 *
 * Once staged it is the one that was staged: udev properties made from the MAC
 * address do not outlive a change of it.
 *
 * Return: 1 when anything is kept, else 0; or a negative errno with the message set.
 */
int port_undo_locate(struct step_env *env, size_t item, struct port *port,
		     struct undo_state *keep);

/**
 * port_undo_save() - keep how the port is now
 * @share: another identity that has the port staged, whose memory of it is
 *	copied; NULL when there is none
 *
 * Return: 0 or a negative errno with the message set.
 */
int port_undo_save(struct step_env *env, size_t item, const struct port *port,
		   const struct portshare *share, struct undo_state *keep);

/* Whether the identity whose memory it is has IPv6 addresses on the port. */
bool port_undo_wants_ipv6(const struct undo_state *keep);

/*
 * Its own MAC address: as it was kept, else as the hardware has it. 1; 0 when
 * that is not known; or a negative errno with the message set.
 */
int port_undo_mac(const struct port *port, const struct undo_state *keep, uint8_t mac[6],
		  struct step_env *env);

#endif /* HOTIDD_PORT_UNDO_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All that a port of an identity gets: the MAC address, addresses, routes, and
 * a table of its own for what is sent from its addresses.
 *
 * That table is there for nodes that have an address of their own in the same
 * network. The main table then leads there through either port, and what comes
 * from the identity's address would leave through the node's port and with its
 * MAC address, which the others on the link would take for the identity's.
 */
#ifndef HOTIDD_PORTPLAN_H
#define HOTIDD_PORTPLAN_H

#include "net/netbatch.h"
#include "net/port.h"

struct portplan;

/* The table of the port. */
uint32_t portplan_table(int ifindex);

struct portplan *portplan_new(const struct port_config *config, const struct port *port);
void portplan_free(struct portplan *plan);

/*
 * The batch that makes the port the identity's. With @cycle the link is taken
 * down for a moment: some drivers set a MAC address only then.
 */
struct netbatch *portplan_take(const struct portplan *plan, bool cycle);

/*
 * The batch that takes it all back and leaves the link down. First the link
 * goes down: taking IPv6 addresses off a port that is up would send a last MLD
 * report, and with it the identity's traffic to this node. With @mac NULL the
 * MAC address stays.
 */
struct netbatch *portplan_undo(const struct portplan *plan, const uint8_t *mac);

/*
 * Whether the port has an IPv6 address besides, as the kernel may have made
 * before it was told not to: 1, 0, or a negative errno with the message set.
 */
int portplan_has_foreign(const struct portplan *plan, struct step_env *env);

/*
 * Of a batch that was sent: 0 when all of it is so now, also what failed
 * because it was so before. Else a negative errno with the message set.
 */
int portplan_judge(const struct portplan *plan, const struct netbatch *batch,
		   struct step_env *env);

/* Reads all of it back from the kernel. */
int portplan_verify(const struct portplan *plan, struct step_env *env);

/* "02:00:00:77:00:10", in @text */
#define MAC_TEXT	18
const char *mac_format(const uint8_t mac[6], char text[MAC_TEXT]);

#endif /* HOTIDD_PORTPLAN_H */

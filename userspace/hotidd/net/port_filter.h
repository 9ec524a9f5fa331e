/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Filters on a port (bpf/hotid_port_filter.bpf.c). While they are shut, answers to ARP,
 * neighbour advertisements and MLD reports do not leave, as each of them would
 * bring clients here before the services run; and clients that come all the
 * same are dropped, not refused. All else passes. They are in the kernel
 * (tc, clsact), so they stand when the daemon does not.
 */
#ifndef HOTIDD_PORT_FILTER_H
#define HOTIDD_PORT_FILTER_H

/* Shuts the port; one that is shut stays so. Returns 0 or a negative errno. */
int port_filter_shut(int ifindex);

/* Opens it; one that is open is fine. */
int port_filter_open(int ifindex);

/* 1 when shut, 0 when open, or a negative errno. */
int port_filter_is_shut(int ifindex);

/* Makes the clsact that the filters hang on: 1, or 0 when the port has one already. */
int port_filter_make(int ifindex);

/* Takes it away, with all that hangs on it. */
void port_filter_remove(int ifindex);

#endif /* HOTIDD_PORT_FILTER_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A gate on a port (bpf/hotid_gate.bpf.c). While it is shut, answers to ARP,
 * neighbour advertisements and MLD reports do not leave, as each of them would
 * bring clients here before the services run; and clients that come all the
 * same are not refused, but not heard. All else passes. It is filters in the
 * kernel (tc, clsact), so it stands when the daemon does not.
 */
#ifndef HOTIDD_GATE_H
#define HOTIDD_GATE_H

/* Shuts the gate; one that is shut stays so. Returns 0 or a negative errno. */
int gate_shut(int ifindex);

/* Opens it; one that is open is fine. */
int gate_open(int ifindex);

/* 1 when shut, 0 when open, or a negative errno. */
int gate_is_shut(int ifindex);

/* Makes the clsact that the gate hangs on: 1, or 0 when the port has one already. */
int gate_make(int ifindex);

/* Takes it away, with all that hangs on it. */
void gate_remove(int ifindex);

#endif /* HOTIDD_GATE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Network namespaces, and the links between them. A namespace is the
 * descriptor that keeps it; the calling thread visits it, and comes home.
 * Everything goes away with the process that made it. A failure here is not
 * the test's subject: it ends the program with a message.
 */
#ifndef SELFTEST_NET_H
#define SELFTEST_NET_H

#include <stdbool.h>
#include <stdint.h>

/* A new namespace with lo up; IPv6 addresses are usable at once in it. */
int ns_new(void);

/* Go there, until ns_home(). */
void ns_enter(int ns);
void ns_home(void);

/* Two ends of a cable, both up. */
void link_veth(int ns, const char *name, int peer_ns, const char *peer_name);
/* The same, each end with so many queues for each direction. */
void link_veth_queues(int ns, const char *name, int peer_ns, const char *peer_name,
		      uint32_t queues);
bool link_exists(int ns, const char *name);
void link_vlan(int ns, const char *parent, const char *name, uint16_t id);
void link_bridge(int ns, const char *name);
/* It sends into the void, and every neighbour is known. */
void link_dummy(int ns, const char *name);
void link_enslave(int ns, const char *name, const char *master);
void link_delete(int ns, const char *name);
void link_set_up(int ns, const char *name, bool up);
uint32_t link_index(int ns, const char *name);
void link_mac(int ns, const char *name, uint8_t mac[6]);

/* "10.0.0.1/24" or "fd00::1/64"; usable when this returns. */
void link_address(int ns, const char *name, const char *address);

void link_address_delete(int ns, const char *name, const char *address);

/*
 * From now on what goes to an address is lost without a word, or not any
 * more. Unlike a device that is set down this disturbs nothing else.
 */
void ns_lose(int ns, const char *address, bool lost);

/* The link-local IPv6 address that the kernel gave it, usable. */
void link_local_address(int ns, const char *name, uint8_t address[16]);

/* Set a file below /proc/sys, as seen in the namespace. */
void ns_sysctl(int ns, const char *path, const char *value);

#endif /* SELFTEST_NET_H */

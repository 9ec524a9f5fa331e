/* SPDX-License-Identifier: GPL-2.0 */
/* Which network device a port of the configuration is, and what it gets. */
#ifndef HOTIDD_PORT_H
#define HOTIDD_PORT_H

#include <net/if.h>
#include <sys/socket.h>

#include "step/kind.h"

struct port {
	int ifindex;
	char name[IF_NAMESIZE];
};

/**
 * port_find() - the one device that has all the properties
 *
 * Return: 0; -ENODEV for none, -ENOTUNIQ for several, or another negative
 * errno, with the message set.
 */
int port_find(const struct port_config *config, struct port *port, struct step_env *env);

/*
 * Whether another port of the configuration means the device too: 1, 0, or a
 * negative errno with the message set.
 */
int port_matches(const struct port_config *config, const struct port *port, struct step_env *env);

/*
 * All addresses of the port: those of the configuration, and the link-local
 * one made from its MAC when there is an IPv6 address but no link-local one.
 * MLD and neighbour discovery require one, and the kernel must not make it by
 * itself, because it announces it too early.
 * To be freed.
 */
struct ip_prefix *port_addresses(const struct port_config *config, size_t *n);

/* Whether the port has an address of that family. */
bool port_has_family(const struct port_config *config, int family);

/* Whether @ip is one of the @n. */
bool port_owns(const struct ip_prefix *owned, size_t n, const struct ip_prefix *ip);

/* Whether they are the same with the same prefix, and lead to the same place the same way. */
bool ip_same(const struct ip_prefix *a, const struct ip_prefix *b);
bool route_same(const struct route_config *a, const struct route_config *b);

/* Bytes of an address of its family. */
static inline size_t ip_length(const struct ip_prefix *ip)
{
	return ip->family == AF_INET ? 4 : 16;
}

#endif /* HOTIDD_PORT_H */

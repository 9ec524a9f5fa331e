/* SPDX-License-Identifier: GPL-2.0 */
/* The address of an iSCSI target: "10.78.0.3:3260" or "[fd78::3]:3260". */
#ifndef HOTIDD_PORTAL_H
#define HOTIDD_PORTAL_H

#include <sys/socket.h>

#include "config/config.h"

struct portal {
	struct ip_prefix ip;		/* a host's, so of full length */
	uint16_t port;
};

/* False when it is neither form, which a portal of a file that was read never is. */
bool portal_parse(const char *text, struct portal *portal);

/* For connect(); returns the length. */
socklen_t portal_sockaddr(const struct portal *portal, struct sockaddr_storage *address);

#endif /* HOTIDD_PORTAL_H */

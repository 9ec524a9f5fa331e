// SPDX-License-Identifier: GPL-2.0
/* ADDRESS:PORT of an iSCSI target. */
#include "config/portal.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

bool portal_parse(const char *text, struct portal *portal)
{
	char address[INET6_ADDRSTRLEN + 2];
	const char *colon = strrchr(text, ':');
	size_t length = colon ? (size_t)(colon - text) : 0;
	unsigned long port;
	char *end;

	if (!length || length >= sizeof(address))
		return false;
	port = strtoul(colon + 1, &end, 10);
	if (*end || end == colon + 1 || !port || port > UINT16_MAX)
		return false;
	memset(portal, 0, sizeof(*portal));
	portal->port = (uint16_t)port;
	memcpy(address, text, length);
	address[length] = '\0';
	if (*address == '[' && address[length - 1] == ']') {
		address[length - 1] = '\0';
		portal->ip.family = AF_INET6;
		portal->ip.prefix = 128;
		return inet_pton(AF_INET6, address + 1, portal->ip.addr) == 1;
	}
	portal->ip.family = AF_INET;
	portal->ip.prefix = 32;
	return inet_pton(AF_INET, address, portal->ip.addr) == 1;
}

socklen_t portal_sockaddr(const struct portal *portal, struct sockaddr_storage *address)
{
	struct sockaddr_in *in = (struct sockaddr_in *)address;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)address;

	memset(address, 0, sizeof(*address));
	address->ss_family = (sa_family_t)portal->ip.family;
	if (portal->ip.family == AF_INET6) {
		in6->sin6_port = htons(portal->port);
		memcpy(&in6->sin6_addr, portal->ip.addr, 16);
		return sizeof(*in6);
	}
	in->sin_port = htons(portal->port);
	memcpy(&in->sin_addr, portal->ip.addr, 4);
	return sizeof(*in);
}

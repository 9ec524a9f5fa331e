// SPDX-License-Identifier: GPL-2.0
/* ADDRESS:PORT of an iSCSI target. */
#include "config/portal.h"

#include <netinet/in.h>
#include <string.h>

#include "config/values.h"

bool portal_parse(const char *text, struct portal *portal)
{
	const struct value_limits ports = { .min = 1, .max = UINT16_MAX };
	const char *colon = strrchr(text, ':');
	bool brackets = *text == '[';
	char why[VALUE_WHY_MAX];

	text += brackets;
	return colon && colon - text > brackets && (!brackets || colon[-1] == ']') &&
	       address_parse(text, (size_t)(colon - text - brackets), &portal->ip) &&
	       (portal->ip.family == AF_INET6) == brackets &&
	       value_u16(colon + 1, &ports, &portal->port, why);
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

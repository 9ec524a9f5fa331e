// SPDX-License-Identifier: GPL-2.0
/* Values that have to do with addresses: IP, networks, iSCSI names and portals. */
#include "config/values.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "config/config.h"

#define SHOWN		"%.96s"
#define ISCSI_PORT	3260
#define ISCSI_NAME_MAX	223	/* RFC 7143, 4.2.7.1 */

bool address_parse(const char *text, size_t length, struct ip_prefix *ip)
{
	char host[INET6_ADDRSTRLEN];

	if (length >= sizeof(host))
		return false;
	memcpy(host, text, length);
	host[length] = '\0';
	*ip = (struct ip_prefix){ .family = strchr(host, ':') ? AF_INET6 : AF_INET };
	ip->prefix = (uint8_t)address_bits(ip);
	return inet_pton(ip->family, host, ip->addr) == 1;
}

unsigned int address_bits(const struct ip_prefix *ip)
{
	return ip->family == AF_INET ? 32 : ip->family == AF_INET6 ? 128 : 0;
}

struct ip_prefix address_fill(struct ip_prefix ip, unsigned int prefix, bool value)
{
	for (unsigned int i = prefix; i < address_bits(&ip); i++) {
		uint8_t bit = 0x80 >> i % 8;

		ip.addr[i / 8] = value ? ip.addr[i / 8] | bit : ip.addr[i / 8] & ~bit;
	}
	return ip;
}

static bool parse_prefix(const char *text, struct ip_prefix *ip, char *why)
{
	const char *slash = strchr(text, '/');
	uint16_t prefix;

	if (!slash)
		return value_wrong(why, "\"" SHOWN "\" has no prefix length; write it like "
				   "10.77.0.10/24 or fd77::10/64", text);
	if (!address_parse(text, (size_t)(slash - text), ip))
		return value_wrong(why, "\"" SHOWN "\" is not an IP address with its prefix; write it "
				   "like 10.77.0.10/24 or fd77::10/64", text);
	if (!value_u16(slash + 1, &(struct value_limits){ .max = ip->prefix }, &prefix, why))
		return value_wrong(why, "\"" SHOWN "\" has a wrong prefix length; give one from 0 to %u",
				   text, ip->prefix);
	ip->prefix = (uint8_t)prefix;
	return true;
}

/* The bits after the prefix are all @value. */
static bool host_bits_are(const struct ip_prefix *ip, bool value)
{
	struct ip_prefix filled = address_fill(*ip, ip->prefix, value);

	return address_same(ip, &filled);
}

/* Why no port or host has this address, or NULL when one may. */
static const char *not_unicast(const struct ip_prefix *ip)
{
	static const uint8_t zero[16], mapped[12] = { [10] = 0xff, [11] = 0xff };
	const uint8_t *a = ip->addr;

	if (ip->family == AF_INET)
		return !a[0] ? "is the unspecified address" :
		       a[0] == 127 ? "is a loopback address" :
		       a[0] >= 240 ? "is a reserved or broadcast address" :
		       a[0] >= 224 ? "is a multicast address" : NULL;
	return a[0] == 0xff ? "is a multicast address" :
	       !memcmp(a, mapped, sizeof(mapped)) ? "is an IPv4 address in IPv6 form" :
	       memcmp(a, zero, 15) ? NULL :
	       a[15] == 1 ? "is a loopback address" :
	       !a[15] ? "is the unspecified address" : NULL;
}

bool address_same(const struct ip_prefix *a, const struct ip_prefix *b)
{
	return a->family == b->family && !memcmp(a->addr, b->addr, sizeof(a->addr));
}

bool address_link_local(const struct ip_prefix *ip)
{
	return ip->family == AF_INET6 && ip->addr[0] == 0xfe && (ip->addr[1] & 0xc0) == 0x80;
}

bool value_address(const char *text, const struct value_limits *limits, void *out, char *why)
{
	struct ip_prefix ip;
	const char *wrong;

	if (!address_parse(text, strlen(text), &ip))
		return value_wrong(why, "\"" SHOWN "\" is not an IP address; write it like 10.77.0.1 or "
				   "fd77::1, without a prefix", text);
	wrong = not_unicast(&ip);
	if (wrong)
		return value_wrong(why, SHOWN " %s; give that of a host", text, wrong);
	*(struct ip_prefix *)out = ip;
	return true;
}

bool value_port_address(const char *text, const struct value_limits *limits, void *out, char *why)
{
	struct ip_prefix ip;
	const char *wrong;

	if (!parse_prefix(text, &ip, why))
		return false;
	wrong = not_unicast(&ip);
	if (wrong)
		return value_wrong(why, SHOWN " %s; give one that clients can reach", text, wrong);
	if (!ip.prefix)
		return value_wrong(why, SHOWN " puts the whole world on the link; give the prefix length "
				   "of its network", text);
	if (ip.family == AF_INET && ip.prefix < 31 && host_bits_are(&ip, false))
		return value_wrong(why, SHOWN " is the network itself; give a host's address in it", text);
	if (ip.family == AF_INET && ip.prefix < 31 && host_bits_are(&ip, true))
		return value_wrong(why, SHOWN " is the broadcast address of its network; give a host's",
				   text);
	*(struct ip_prefix *)out = ip;
	return true;
}

bool value_network(const char *text, const struct value_limits *limits, void *out, char *why)
{
	struct ip_prefix ip = { .family = AF_UNSPEC };

	if (strcmp(text, "default")) {
		if (!parse_prefix(text, &ip, why))
			return false;
		if (ip.addr[0] == 0xff || (ip.family == AF_INET && ip.addr[0] >= 224))
			return value_wrong(why, SHOWN " is not a unicast network", text);
		if (!host_bits_are(&ip, false)) {
			struct ip_prefix net = address_fill(ip, ip.prefix, false);
			char shown[INET6_ADDRSTRLEN];

			inet_ntop(net.family, net.addr, shown, sizeof(shown));
			return value_wrong(why, SHOWN " has bits set after its prefix; write %s/%u",
					   text, shown, net.prefix);
		}
	}
	*(struct ip_prefix *)out = ip;
	return true;
}

/* "2026-01." */
static bool iqn_date(const char *text)
{
	for (int i = 0; i < 7; i++)
		if (i == 4 ? text[i] != '-' : !isdigit((unsigned char)text[i]))
			return false;
	return text[7] == '.' && atoi(text + 5) >= 1 && atoi(text + 5) <= 12;
}

bool value_iscsi_name(const char *text, const struct value_limits *limits, void *out, char *why)
{
	if (strlen(text) > ISCSI_NAME_MAX)
		return value_wrong(why, "\"" SHOWN "...\" is longer than an iSCSI name can be (%d bytes)",
				   text, ISCSI_NAME_MAX);
	for (const char *at = text; *at; at++)
		if (isupper((unsigned char)*at) && !strncmp(text, "iqn.", 4))
			return value_wrong(why, "\"" SHOWN "\" has upper-case letters; iSCSI names are "
					   "compared byte by byte, write it in lower case", text);
	if (!strncmp(text, "iqn.", 4)) {
		if (!iqn_date(text + 4))
			return value_wrong(why, "\"" SHOWN "\" has no date after \"iqn.\"; write it like "
					   "iqn.2026-01.org.example:web", text);
		for (const char *at = text + 4; *at; at++)
			if (!isalnum((unsigned char)*at) && !strchr(".:-", *at) &&
			    !((unsigned char)*at & 0x80))
				return value_wrong(why, "\"" SHOWN "\" holds '%c'; an iSCSI name has only "
						   "letters, digits, \".\", \"-\" and \":\"", text,
						   isprint((unsigned char)*at) ? *at : '?');
		if (!text[12] || strchr(".:", text[12]))
			return value_wrong(why, "\"" SHOWN "\" names no authority after its date; write it "
					   "like iqn.2026-01.org.example:web", text);
	} else if (!(!strncmp(text, "eui.", 4) && value_is_hex(text + 4, 16)) &&
		   !(!strncmp(text, "naa.", 4) &&
		     (value_is_hex(text + 4, 16) || value_is_hex(text + 4, 32)))) {
		return value_wrong(why, "\"" SHOWN "\" is not an iSCSI name; write it like "
				   "iqn.2026-01.org.example:web (or eui. or naa. and hex digits)", text);
	}
	*(char **)out = must_strdup(text);
	return true;
}

bool value_portal(const char *text, const struct value_limits *limits, void *out, char *why)
{
	struct value_limits ports = { .min = 1, .max = UINT16_MAX };
	const char *port = NULL, *wrong;
	uint16_t number = ISCSI_PORT;
	struct ip_prefix ip;
	size_t length;

	if (*text == '[') {
		length = strcspn(++text, "]");
		if (!text[length] || (text[length + 1] && text[length + 1] != ':'))
			goto malformed;
		if (text[length + 1])
			port = text + length + 2;
	} else {
		length = strcspn(text, ":");
		if (text[length])
			port = text + length + 1;
		if (port && strchr(port, ':')) {	/* IPv6 without brackets */
			length = strlen(text);
			port = NULL;
		}
	}
	if (!address_parse(text, length, &ip))
		goto malformed;
	wrong = not_unicast(&ip);
	if (wrong)
		return value_wrong(why, "%.*s %s; give that of the target", (int)length, text, wrong);
	if (port && !value_u16(port, &ports, &number, why))
		return false;
	*(char **)out = must_printf(ip.family == AF_INET ? "%.*s:%u" : "[%.*s]:%u", (int)length,
				    text, number);
	return true;

malformed:
	return value_wrong(why, "\"" SHOWN "\" is not a portal; write ADDRESS:PORT like 10.78.0.3:3260, "
			   "or [ADDRESS]:PORT for IPv6", text);
}

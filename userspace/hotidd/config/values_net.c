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

static bool parse_host(const char *text, struct ip_prefix *ip)
{
	memset(ip, 0, sizeof(*ip));
	if (inet_pton(AF_INET, text, ip->addr) == 1) {
		ip->family = AF_INET;
		ip->prefix = 32;
	} else if (inet_pton(AF_INET6, text, ip->addr) == 1) {
		ip->family = AF_INET6;
		ip->prefix = 128;
	} else {
		return false;
	}
	return true;
}

static bool parse_prefix(const char *text, struct ip_prefix *ip, char *why)
{
	const char *slash = strchr(text, '/');
	char host[INET6_ADDRSTRLEN];
	unsigned int full, prefix = 0;
	const char *at;

	if (!slash)
		return value_wrong(why, "\"" SHOWN "\" has no prefix length; write it like "
				   "10.77.0.10/24 or fd77::10/64", text);
	if ((size_t)(slash - text) >= sizeof(host))
		goto no_address;
	memcpy(host, text, (size_t)(slash - text));
	host[slash - text] = '\0';
	if (!parse_host(host, ip))
		goto no_address;
	full = ip->prefix;
	at = slash + 1;
	if (!isdigit((unsigned char)*at) || (at[0] == '0' && at[1]))
		prefix = full + 1;
	for (; *at && prefix <= full; at++)
		prefix = isdigit((unsigned char)*at) ? prefix * 10 + (unsigned int)(*at - '0') :
						       full + 1;
	if (prefix > full)
		return value_wrong(why, "\"" SHOWN "\" has a wrong prefix length; give one from 0 to %u",
				   text, full);
	ip->prefix = (uint8_t)prefix;
	return true;

no_address:
	return value_wrong(why, "\"" SHOWN "\" is not an IP address with its prefix; write it like "
			   "10.77.0.10/24 or fd77::10/64", text);
}

static bool bit(const struct ip_prefix *ip, unsigned int i)
{
	return ip->addr[i / 8] & (0x80 >> i % 8);
}

/* The bits after the prefix are all @value. */
static bool host_bits_are(const struct ip_prefix *ip, bool value)
{
	unsigned int full = ip->family == AF_INET ? 32 : 128;

	for (unsigned int i = ip->prefix; i < full; i++)
		if (bit(ip, i) != value)
			return false;
	return true;
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

	if (!parse_host(text, &ip))
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
			struct ip_prefix net = ip;
			char shown[INET6_ADDRSTRLEN];

			for (unsigned int i = ip.prefix; i < (ip.family == AF_INET ? 32U : 128U); i++)
				net.addr[i / 8] &= (uint8_t)~(0x80 >> i % 8);
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

static bool all_hex(const char *text, size_t length)
{
	return strlen(text) == length && strspn(text, "0123456789abcdefABCDEF") == length;
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
	} else if (!(!strncmp(text, "eui.", 4) && all_hex(text + 4, 16)) &&
		   !(!strncmp(text, "naa.", 4) &&
		     (all_hex(text + 4, 16) || all_hex(text + 4, 32)))) {
		return value_wrong(why, "\"" SHOWN "\" is not an iSCSI name; write it like "
				   "iqn.2026-01.org.example:web (or eui. or naa. and hex digits)", text);
	}
	*(char **)out = must_strdup(text);
	return true;
}

bool value_portal(const char *text, const struct value_limits *limits, void *out, char *why)
{
	const char *port = NULL, *wrong;
	struct value_limits ports = { .min = 1, .max = UINT16_MAX };
	uint16_t number = ISCSI_PORT;
	char host[INET6_ADDRSTRLEN];
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
	if (length >= sizeof(host))
		goto malformed;
	memcpy(host, text, length);
	host[length] = '\0';
	if (!parse_host(host, &ip))
		goto malformed;
	wrong = not_unicast(&ip);
	if (wrong)
		return value_wrong(why, "%s %s; give that of the target", host, wrong);
	if (port && !value_u16(port, &ports, &number, why))
		return false;
	*(char **)out = must_printf(ip.family == AF_INET ? "%s:%u" : "[%s]:%u", host, number);
	return true;

malformed:
	return value_wrong(why, "\"" SHOWN "\" is not a portal; write ADDRESS:PORT like 10.78.0.3:3260, "
			   "or [ADDRESS]:PORT for IPv6", text);
}

// SPDX-License-Identifier: GPL-2.0
#include "frame.h"

#include <string.h>

#define UDP	17
#define TCP	6

static void put16(uint8_t *at, unsigned int n)
{
	at[0] = n >> 8;
	at[1] = n;
}

static unsigned int get16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

size_t frame_make(enum frame_style style, const uint8_t *payload, size_t length, uint8_t *frame)
{
	bool ipv6 = style == FRAME_IPV6 || style == FRAME_IPV6_EXTENSION;
	uint8_t protocol = style == FRAME_TCP ? TCP : UDP, *at = frame + 12;

	memset(frame, 0x02, 12);
	if (style == FRAME_VLAN) {
		put16(at, 0x8100);
		put16(at + 2, 5);
		at += 4;
	}
	put16(at, style == FRAME_ARP ? 0x0806 : ipv6 ? 0x86dd : 0x0800);
	at += 2;
	if (ipv6) {
		bool extension = style == FRAME_IPV6_EXTENSION;

		memset(at, 0, 48);
		at[0] = 0x60;
		put16(at + 4, 8 + length + 8 * extension);
		at[6] = extension ? 0 : protocol;
		at[7] = 64;
		at += 40;
		if (extension) {
			at[0] = protocol;
			at[2] = 1;	/* PadN */
			at[3] = 4;
			at += 8;
		}
	} else {
		unsigned int words = style == FRAME_IPV4_OPTIONS ? 6 : 5;

		memset(at, 0, 24);
		at[0] = 0x40 | words;
		put16(at + 2, 4 * words + 8 + length);
		put16(at + 6, style == FRAME_FRAGMENT ? 0x2000 : 0);
		at[8] = 64;
		at[9] = protocol;
		/* Whoever takes options for the next header finds the port there. */
		put16(at + 22, 7707);
		at += 4 * words;
	}
	put16(at, 7707);
	put16(at + 2, style == FRAME_OTHER_PORT ? 7708 : 7707);
	put16(at + 4, 8 + length);
	put16(at + 6, 0);
	memcpy(at + 8, payload, length);
	return at + 8 + length - frame;
}

bool frame_read(const uint8_t *frame, size_t length, uint16_t port, struct frame_datagram *datagram)
{
	const uint8_t *at = frame + 12, *end = frame + length, *ip;
	unsigned int protocol, type;

	datagram->probed = true;
	if (end - frame < 14)
		return false;
	type = get16(at);
	at += 2;
	if (type == 0x8100) {
		datagram->probed = false;
		if (end - at < 4)
			return false;
		type = get16(at + 2);
		at += 4;
	}
	ip = at;
	if (type == 0x0800) {
		if (end - ip < 20 || (ip[0] & 15) < 5 || get16(ip + 6) & 0x3fff)
			return false;
		if ((ip[0] & 15) != 5)
			datagram->probed = false;
		protocol = ip[9];
		at = ip + 4 * (ip[0] & 15);
	} else if (type == 0x86dd) {
		if (end - ip < 40)
			return false;
		protocol = ip[6];
		at = ip + 40;
		if (protocol == 0) {
			datagram->probed = false;
			if (end - at < 8 || at[1])
				return false;
			protocol = at[0];
			at += 8;
		}
	} else {
		return false;
	}
	if (protocol != UDP || end - at < 8 || get16(at + 2) != port)
		return false;
	datagram->payload = at + 8;
	datagram->there = end - at - 8;
	datagram->length = get16(at + 4) < 8 ? 0 : get16(at + 4) - 8;
	return true;
}

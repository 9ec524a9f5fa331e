// SPDX-License-Identifier: GPL-2.0
#include "frame.h"

#include <arpa/inet.h>
#include <err.h>
#include <linux/if_ether.h>
#include <string.h>

#include "fake.h"

static void put16(struct made *frame, uint16_t value)
{
	frame->bytes[frame->length++] = value >> 8;
	frame->bytes[frame->length++] = value;
}

void frame_bytes(struct made *frame, const void *bytes, size_t length)
{
	if (frame->length + length > sizeof(frame->bytes))
		errx(1, "a frame that is too long");
	memcpy(frame->bytes + frame->length, bytes, length);
	frame->length += length;
}

static void put_address(struct made *frame, int family, const char *address)
{
	uint8_t raw[16];

	if (inet_pton(family, address, raw) != 1)
		errx(1, "address %s", address);
	frame_bytes(frame, raw, family == AF_INET ? 4 : 16);
}

static uint32_t sum16(uint32_t sum, const uint8_t *bytes, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		sum += i & 1 ? bytes[i] : bytes[i] << 8;
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

void frame_ethernet(struct made *frame, const uint8_t to[6], const uint8_t from[6],
		    uint16_t protocol)
{
	frame->length = 0;
	frame_bytes(frame, to, 6);
	frame_bytes(frame, from, 6);
	put16(frame, protocol);
}

void frame_vlan(struct made *frame, uint16_t id, uint16_t protocol)
{
	/* The tag's protocol takes the place of the one that was there. */
	frame->length -= 2;
	put16(frame, ETH_P_8021Q);
	put16(frame, id);
	put16(frame, protocol);
}

void frame_ip4(struct made *frame, const char *from, const char *to, size_t options,
	       size_t payload, size_t offset, int more)
{
	uint8_t *head = frame->bytes + frame->length, nop[40];
	size_t length = 20 + options;
	uint16_t sum;

	memset(nop, 1, sizeof(nop));
	put16(frame, (0x40 | length / 4) << 8);
	put16(frame, length + payload);
	put16(frame, 0x4242);
	put16(frame, (more ? 0x2000 : 0) | offset / 8);
	put16(frame, 64 << 8 | IPPROTO_UDP);
	put16(frame, 0);
	put_address(frame, AF_INET, from);
	put_address(frame, AF_INET, to);
	frame_bytes(frame, nop, options);
	sum = fold(sum16(0, head, length));
	head[10] = sum >> 8;
	head[11] = sum;
}

void frame_ip6(struct made *frame, const char *from, const char *to, uint8_t next,
	       size_t payload)
{
	put16(frame, 0x6000);
	put16(frame, 0);
	put16(frame, payload);
	put16(frame, next << 8 | 64);
	put_address(frame, AF_INET6, from);
	put_address(frame, AF_INET6, to);
}

void frame_options6(struct made *frame, uint8_t next)
{
	/* One PadN of four bytes. */
	const uint8_t options[8] = { next, 0, 1, 4 };

	frame_bytes(frame, options, sizeof(options));
}

size_t datagram_make(uint8_t *datagram, uint16_t port, const void *payload, size_t length,
		     const char *from, const char *to)
{
	struct made made = {};
	uint8_t raw[32];
	uint16_t sum;

	put16(&made, FAKE_PORT);
	put16(&made, port);
	put16(&made, 8 + length);
	put16(&made, 0);
	frame_bytes(&made, payload, length);
	if (strchr(from, ':')) {
		if (inet_pton(AF_INET6, from, raw) != 1 || inet_pton(AF_INET6, to, raw + 16) != 1)
			errx(1, "addresses %s and %s", from, to);
		sum = fold(sum16(sum16(made.length + IPPROTO_UDP, raw, 32), made.bytes,
				 made.length)) ?: 0xffff;
		made.bytes[6] = sum >> 8;
		made.bytes[7] = sum;
	}
	memcpy(datagram, made.bytes, made.length);
	return made.length;
}

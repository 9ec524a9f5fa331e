/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frames by hand, header by header, for those that no socket would send.
 * Each function appends and returns the new length.
 */
#ifndef SELFTEST_FRAME_H
#define SELFTEST_FRAME_H

#include <stddef.h>
#include <stdint.h>

#define FRAME_MAX	1514

struct made {
	uint8_t bytes[FRAME_MAX];
	size_t length;
};

void frame_ethernet(struct made *frame, const uint8_t to[6], const uint8_t from[6],
		    uint16_t protocol);
void frame_vlan(struct made *frame, uint16_t id, uint16_t protocol);

/* The header of one fragment, or of a whole packet with offset 0 and no more. */
void frame_ip4(struct made *frame, const char *from, const char *to, size_t options,
	       size_t payload, size_t offset, int more);
void frame_ip6(struct made *frame, const char *from, const char *to, uint8_t next,
	       size_t payload);

/* Destination options that mean nothing, 8 bytes. */
void frame_options6(struct made *frame, uint8_t next);

void frame_bytes(struct made *frame, const void *bytes, size_t length);

/*
 * A UDP datagram from port 7999, in a buffer of its own, since fragments need
 * it whole. The checksum is right for IPv6 addresses, absent without.
 */
size_t datagram_make(uint8_t *datagram, uint16_t port, const void *payload, size_t length,
		     const char *from, const char *to);

#endif /* SELFTEST_FRAME_H */

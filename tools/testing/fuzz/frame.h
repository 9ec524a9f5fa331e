/* SPDX-License-Identifier: GPL-2.0 */
/* Ethernet frames around datagrams: made as asked for, and read again. */
#ifndef FUZZ_FRAME_H
#define FUZZ_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_MAX	512

enum frame_style {
	FRAME_IPV4,
	FRAME_IPV6,
	FRAME_IPV4_OPTIONS,
	FRAME_IPV6_EXTENSION,
	FRAME_VLAN,
	FRAME_FRAGMENT,
	FRAME_OTHER_PORT,
	FRAME_TCP,
	FRAME_ARP,
	FRAME_STYLES
};

/* A frame with the payload, of whatever style; its length. */
size_t frame_make(enum frame_style style, const uint8_t *payload, size_t length, uint8_t *frame);

/**
 * struct frame_datagram - a UDP datagram in a frame
 * @probed: it is of the kind that the probe looks at
 * @payload: what its header says it has
 * @length: how much that is, as the header says
 * @there: how much of it is in the frame
 */
struct frame_datagram {
	bool probed;
	const uint8_t *payload;
	size_t length;
	size_t there;
};

/* Whether there is a datagram for a port in a frame, in one piece. */
bool frame_read(const uint8_t *frame, size_t length, uint16_t port, struct frame_datagram *datagram);

#endif /* FUZZ_FRAME_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* Frames as they are on a link, both ways. */
#ifndef SELFTEST_CAPTURE_H
#define SELFTEST_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct frame - one received frame
 * @ns: when it came, CLOCK_REALTIME
 */
struct frame {
	uint64_t ns;
	size_t length;
	uint8_t bytes[2048];
};

/**
 * struct datagram - the UDP datagram in a frame
 * @version: 4 or 6
 * @class: type of service, or traffic class
 * @from: address; IPv4 in the first four bytes
 * @payload: inside the frame
 */
struct datagram {
	int version;
	uint8_t class;
	uint8_t hops;
	uint8_t from[16], to[16];
	uint16_t from_port, to_port;
	const uint8_t *payload;
	size_t length;
};

/* A socket that gets what the device receives, and that frames can be sent with. */
int capture_open(int ns, const char *device);

/* The next frame, or false when none came within limit_ns. */
bool capture_next(int capture, struct frame *frame, uint64_t limit_ns);

/* The next UDP datagram to a port. */
bool capture_datagram(int capture, uint16_t port, struct frame *frame,
		      struct datagram *datagram, uint64_t limit_ns);

/* Send a frame as it is. */
void capture_send(int capture, const void *bytes, size_t length);

/* A UDP socket in a namespace, connected to address and port. */
int udp_open(int ns, const char *address, uint16_t port);

/* Send one datagram; an ICMP error about an earlier one does not count. */
void udp_send(int socket, const void *bytes, size_t length);

#endif /* SELFTEST_CAPTURE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* A flood of junk out of a device, as fast as the processor makes it. */
#ifndef BENCH_FLOOD_H
#define BENCH_FLOOD_H

#include <stdint.h>
#include <sys/types.h>

/**
 * struct flood - what it is made of
 * @ns: namespace of @device
 * @device: a veth whose other end has an XDP program
 * @to: IPv4 address behind it
 * @mac: and MAC
 * @forged: node whose beats are forged
 * @ports: further UDP ports that get some; 0 ends
 */
struct flood {
	int ns;
	const char *device;
	const char *to;
	uint8_t mac[6];
	const uint8_t *forged;
	uint16_t ports[4];
};

/* A child that floods until it is ended; flood_sent() counts. */
pid_t flood_start(const struct flood *flood);
uint64_t flood_sent(void);

#endif /* BENCH_FLOOD_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* What feed.bpf.c and its loader agree on. */
#ifndef BENCH_FEED_H
#define BENCH_FEED_H

#include <linux/types.h>

#define FEED_BEATS		65536	/* a power of two */
#define FEED_HEADERS		(14 + 20 + 8)	/* Ethernet, IPv4, UDP */
#define FEED_FRAME		(FEED_HEADERS + 72)
#define FEED_SEQ		(FEED_HEADERS + 32)
#define FEED_MAC		(FEED_HEADERS + 64)

#define FEED_TARGET_PROBE	0
#define FEED_TARGET_NOTHING	1

/**
 * struct feed_beat - what differs from one beat to the next
 * @seq: sequence, as the wire has it
 * @mac: of the beat with that sequence
 */
struct feed_beat {
	__u64 seq;
	__u64 mac;
};

#endif /* BENCH_FEED_H */

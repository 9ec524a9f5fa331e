/* SPDX-License-Identifier: GPL-2.0 */
/* What junk.bpf.c and its loader agree on. */
#ifndef BENCH_JUNK_H
#define BENCH_JUNK_H

#define JUNK_HEADERS	(14 + 20 + 8)	/* Ethernet, IPv4, UDP */
#define JUNK_FRAME	(JUNK_HEADERS + 72)
#define JUNK_PORTS	4

#endif /* BENCH_JUNK_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* One XDP probe on several devices of an observer. */
#ifndef BENCH_WATCH_H
#define BENCH_WATCH_H

struct node;

/*
 * Attach the probe in native mode to the devices PREFIX0 .. PREFIX(count - 1)
 * of a node, and let the module read its maps. It stays until the program ends.
 */
void watch_natively(const struct node *node, const char *prefix, unsigned int count);

#endif /* BENCH_WATCH_H */

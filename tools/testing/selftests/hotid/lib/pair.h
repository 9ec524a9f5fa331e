/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two namespaces and two cables, as most tests want them:
 *
 *   ┌──────────────┐                        ┌──────────────┐
 *   │ sender       │ s0 ──────────────── o0 │ observer     │
 *   │ 10.1.0.2     │    first path          │ 10.1.0.1     │
 *   │ fd01::2      │                        │ fd01::1      │
 *   │ 10.2.0.2     │ s1 ──────────────── o1 │ 10.2.0.1     │
 *   │ fd02::2      │    second path         │ fd02::1      │
 *   └──────────────┘                        └──────────────┘
 */
#ifndef SELFTEST_PAIR_H
#define SELFTEST_PAIR_H

#define SENDER		"10.1.0.2"
#define SENDER_TWO	"10.2.0.2"
#define OBSERVER	"10.1.0.1"
#define OBSERVER_TWO	"10.2.0.1"

struct pair {
	int sender, observer;
};

void pair_make(struct pair *pair);

/* Another sender with the same cables and addresses, after pair_unplug(). */
void pair_plug(struct pair *pair);

/* Take both cables away. */
void pair_unplug(struct pair *pair);

#endif /* SELFTEST_PAIR_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* A process that leaves no time to others. */
#ifndef SELFTEST_HOG_H
#define SELFTEST_HOG_H

#include <stdbool.h>
#include <stdint.h>

/*
 * From here on the caller yields to no other process on its CPU. It has the
 * highest real-time priority that a network survives: on a real-time kernel
 * that is the next below the threads that serve interrupts.
 */
void hog_begin(void);

/* Spin for so long, and end the process. */
void hog_spin(uint64_t for_ns) __attribute__((noreturn));

/* Whether real-time processes may take all time there is. */
void hog_allow(int ns, bool allow);

#endif /* SELFTEST_HOG_H */

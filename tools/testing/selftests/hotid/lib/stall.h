/* SPDX-License-Identifier: GPL-2.0 */
/* A CPU that does nothing for a while, by the module of that name. */
#ifndef SELFTEST_STALL_H
#define SELFTEST_STALL_H

#include <stdint.h>

/* Interrupts off on this CPU, for so long. stall.ko must be loaded. */
void stall_cpu(uint64_t ns);

#endif /* SELFTEST_STALL_H */

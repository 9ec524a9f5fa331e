/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kick: reports to the module that this daemon lives, so that beats say so,
 * and to systemd's watchdog that the main loop does. It has a thread and a
 * connection of its own, and does nothing else: what is slow elsewhere does
 * not delay it.
 *
 * It stands for all threads (pulse.h). When one of them does not live, the
 * module is not kicked: a daemon that cannot do its work must not look as if
 * it could. systemd ends the daemon only for the main loop; a worker that
 * waits in the kernel for a device could not be ended anyway, and the others
 * go on.
 */
#ifndef HOTIDD_KICK_H
#define HOTIDD_KICK_H

#include <stdint.h>

#include "base/pulse.h"

struct kick;

/**
 * kick_start() - kick now, and from now on
 * @period_us: between two kicks
 * @priority: SCHED_FIFO of its thread, 0 for none
 * @main_loop: of the thread that systemd's watchdog is about
 *
 * Return: the kick, or NULL after an error was logged.
 */
struct kick *kick_start(uint64_t period_us, int priority, const struct pulse *main_loop);
void kick_stop(struct kick *kick);

/* Both hold from the next kick on. */
void kick_set(struct kick *kick, uint64_t period_us, int priority);

/* Turns readable when the module does not take kicks any more; kick_error() says why. */
int kick_fd(const struct kick *kick);
const char *kick_error(const struct kick *kick);

#endif /* HOTIDD_KICK_H */

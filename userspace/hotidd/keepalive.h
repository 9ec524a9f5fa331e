/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keepalives: reports to the module that this daemon lives, so that beats say so,
 * and to systemd's watchdog that the main loop does. It has a thread and a
 * connection of its own, and does nothing else: what is slow elsewhere does
 * not delay it.
 *
 * It stands for all threads (pulse.h). When one of them does not live, the
 * module gets no keepalive: a daemon that cannot do its work must not look as if
 * it could. systemd ends the daemon only for the main loop; a worker that
 * waits in the kernel for a device could not be ended anyway, and the others
 * go on.
 */
#ifndef HOTIDD_KEEPALIVE_H
#define HOTIDD_KEEPALIVE_H

#include <stdint.h>

#include "base/pulse.h"

struct keepalive;

/**
 * keepalive_start() - send one now, and from now on
 * @period_us: between two keepalives
 * @priority: SCHED_FIFO of its thread, 0 for none
 * @main_loop: of the thread that systemd's watchdog is about
 *
 * Return: its state, or NULL after an error was logged.
 */
struct keepalive *keepalive_start(uint64_t period_us, int priority, const struct pulse *main_loop);
void keepalive_stop(struct keepalive *keepalive);

/* Both hold from the next keepalive on. */
void keepalive_set(struct keepalive *keepalive, uint64_t period_us, int priority);

/* Turns readable when the module does not take keepalives any more; keepalive_error() says why. */
int keepalive_fd(const struct keepalive *keepalive);
const char *keepalive_error(const struct keepalive *keepalive);

#endif /* HOTIDD_KEEPALIVE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When something that failed is worth trying again. A cause may pass by
 * itself (a link that is down, a target that is not there yet, a device that
 * appears late), or it needs a person (a mistake in a file, a port that is the
 * node's own). Pure.
 */
#ifndef HOTIDD_RETRY_H
#define HOTIDD_RETRY_H

#include <stdbool.h>
#include <stdint.h>

/* A takeover is tried again so often; then its cause is not one that passes. */
#define RETRY_TAKEOVERS	8

/* Whether the cause of a step's @error, a positive or negative errno, may pass by itself. */
bool retry_may_pass(int error);

/* How long to wait before the next try, in milliseconds, after @tries (from 0 on) in vain. */
uint32_t retry_delay_ms(unsigned int tries);

#endif /* HOTIDD_RETRY_H */

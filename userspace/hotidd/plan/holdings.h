/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the identities of this node have here by now, by the copies and marks in
 * the run directory (rundir.h), which outlive the daemon. An identity can be
 * armed unless another one that is armed or here has something of its own, or
 * one that is here stands in a place it needs. It can be taken unless one
 * that is here has either. A copy that cannot be read counts as a collision:
 * nobody knows what it has.
 *
 * From any thread; checking and marking is one act.
 */
#ifndef HOTIDD_HOLDINGS_H
#define HOTIDD_HOLDINGS_H

#include "config/config.h"

/**
 * holdings_arm() - check an identity against the others, and keep its copy
 * @run_dir: of this daemon
 * @error: CONFIG_ERROR_MAX bytes for both identities, the thing, files and lines
 *
 * Return: 0, -EBUSY for a collision, or another negative errno.
 */
int holdings_arm(const char *run_dir, const struct identity_config *identity, char *error);

/* For one that is armed: 0 when it could be taken now, else as above. Changes nothing. */
int holdings_check(const char *run_dir, const struct identity_config *identity, char *error);

/*
 * Marks it taken, from where on it is here. 0 or -EBUSY. When the mark cannot
 * be written that is logged, and the takeover goes on.
 */
int holdings_take(const char *run_dir, const struct identity_config *identity, char *error);

#endif /* HOTIDD_HOLDINGS_H */

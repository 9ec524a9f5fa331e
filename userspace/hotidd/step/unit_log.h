/* SPDX-License-Identifier: GPL-2.0 */
/* What a unit said last, for the report on its failure. */
#ifndef HOTIDD_UNIT_LOG_H
#define HOTIDD_UNIT_LOG_H

#include "step/kind.h"

#define UNIT_LOG_LINES	3

/**
 * unit_log_add() - add the last lines of a unit's run to env->message
 * @unit: its name, as systemd has it
 * @begun_ns: when the run began, CLOCK_MONOTONIC; 0 adds nothing
 *
 * Where there is no room for all it is the last ones that stay. Whatever goes
 * wrong here adds nothing: it is not the failure that is reported.
 */
void unit_log_add(struct step_env *env, const char *unit, uint64_t begun_ns);

#endif /* HOTIDD_UNIT_LOG_H */

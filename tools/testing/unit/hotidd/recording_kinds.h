/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kinds of resource of hotidd's plans, for tests of what stands above
 * them: they touch nothing, record every verb, and fail where they are told.
 */
#ifndef RECORDING_KINDS_H
#define RECORDING_KINDS_H

#include "step/kind.h"

/* "take mount /srv/web (taken)\n" for each verb since the last recording_reset(). */
extern char recording[16384];

void recording_reset(void);

/* The verb @verb of the step @name fails with @error (negative) and @message. */
void recording_fail(const char *verb, const char *name, int error, const char *message);

/* Called in that verb of that step, before it returns. */
void recording_call(const char *verb, const char *name, void (*call)(struct step_env *env));

/* Does all verbs instead, and nothing is recorded, while it is not NULL. */
extern int (*recording_verb)(const char *verb, struct step *step, struct step_env *env);

#endif /* RECORDING_KINDS_H */

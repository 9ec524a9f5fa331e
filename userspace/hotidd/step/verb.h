/* SPDX-License-Identifier: GPL-2.0 */
/* Runs a verb of a step: in this process, or in one that can be left behind. */
#ifndef HOTIDD_VERB_H
#define HOTIDD_VERB_H

#include "step/kind.h"

/* As the verb itself returns. */
int verb_run(struct step *step, enum hotid_verb verb, struct step_env *env);

#endif /* HOTIDD_VERB_H */

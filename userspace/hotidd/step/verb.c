// SPDX-License-Identifier: GPL-2.0
/* Dispatches a verb, to a process of its own where the kind is so. */
#include "step/verb.h"

#include <errno.h>

#include "step/apart.h"

int verb_run(struct step *step, enum hotid_verb verb, struct step_env *env)
{
	const struct kind *kind = step->kind;

	switch (verb) {
	case HOTID_VERB_VALIDATE:
		return kind->validate(step, env);
	case HOTID_VERB_STAGE:
		return kind->stage_ahead(step, env);
	case HOTID_VERB_TAKE:
		return kind->apart ? apart_run(kind->take, "take", step, env) :
				     kind->take(step, env);
	case HOTID_VERB_VERIFY:
		return kind->apart ? apart_run(kind->verify, "verify", step, env) :
				     kind->verify(step, env);
	case HOTID_VERB_UNDO:
		return kind->apart ? apart_run(kind->undo, "undo", step, env) :
				     kind->undo(step, env);
	default:
		return -EINVAL;
	}
}

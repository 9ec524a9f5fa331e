// SPDX-License-Identifier: GPL-2.0
#include "stages.h"

#include <string.h>

size_t stages_read(const struct hotid_identity *identity, struct span spans[STAGES])
{
	size_t i, n = 0;

	memset(spans, 0, STAGES * sizeof(*spans));
	for (i = 0; i < identity->n_steps; i++) {
		const struct hotid_step *step = &identity->steps[i];
		struct span *span;

		if (step->stage >= STAGES || !step->end_ns || step->end_ns < step->start_ns ||
		    (step->verb != HOTID_VERB_TAKE && step->verb != HOTID_VERB_VERIFY))
			continue;
		span = &spans[step->stage];
		n += !span->end_ns;
		if (!span->end_ns || step->start_ns < span->start_ns)
			span->start_ns = step->start_ns;
		if (step->end_ns > span->end_ns)
			span->end_ns = step->end_ns;
	}
	return n;
}

const struct hotid_step *stages_failed(const struct hotid_identity *identity)
{
	size_t i;

	/* Steps of a plan that failed earlier may still be listed. */
	if (identity->state != HOTID_IDENTITY_STATE_FAILED)
		return NULL;
	for (i = 0; i < identity->n_steps; i++)
		if (identity->steps[i].status == HOTID_STEP_STATUS_FAILED)
			return &identity->steps[i];
	return NULL;
}

bool stages_is_finding(const struct hotid_identity *identity, const struct hotid_step *step)
{
	return step->status == HOTID_STEP_STATUS_FAILED &&
	       ((identity->state == HOTID_IDENTITY_STATE_HELD && step->verb == HOTID_VERB_VERIFY) ||
		(identity->state == HOTID_IDENTITY_STATE_ARMED &&
		 step->verb == HOTID_VERB_VALIDATE));
}

/* SPDX-License-Identifier: GPL-2.0 */
/* Where the time of a takeover went. */
#ifndef HOTIDCTL_STAGES_H
#define HOTIDCTL_STAGES_H

#include "hotid.h"

#define STAGES	(HOTID_STAGE_ANNOUNCE + 1)

struct span {
	uint64_t start_ns, end_ns;	/* both 0: no step of the stage ran */
};

/*
 * From the first start to the last end of the steps of each stage, as far as
 * they were taken or verified. Returns how many stages have a step.
 */
size_t stages_read(const struct hotid_identity *identity, struct span spans[STAGES]);

/* The step for which the identity failed; NULL when it did not fail now. */
const struct hotid_step *stages_failed(const struct hotid_identity *identity);

/* An audit found that this step of what is held or armed is not so any more. */
bool stages_is_finding(const struct hotid_identity *identity, const struct hotid_step *step);

#endif /* HOTIDCTL_STAGES_H */

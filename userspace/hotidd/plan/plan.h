/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A plan: what an identity's file says, as steps in the order in which they
 * are taken. Undo goes the other way.
 */
#ifndef HOTIDD_PLAN_H
#define HOTIDD_PLAN_H

#include "step/kind.h"

struct plan {
	struct identity_config *identity;
	struct step *steps;		/* reported with index 1 and up */
	size_t n_steps;
};

/* The plan; it owns @identity from then on. */
struct plan *plan_compile(struct identity_config *identity);
void plan_free(struct plan *plan);

#endif /* HOTIDD_PLAN_H */

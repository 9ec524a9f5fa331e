/* SPDX-License-Identifier: GPL-2.0 */
/* The nodes of the cluster, as reservation keys name them (prkey.h). */
#ifndef HOTIDD_KEY_OWNERS_H
#define HOTIDD_KEY_OWNERS_H

#include "step/kind.h"

struct key_owners {
	struct step_env *env;
	/* A bit for each node that there can be: prkey_node() of this one and its peers. */
	uint8_t nodes[(UINT16_MAX + 1) / 8];
};

/* Two nodes that have the same keys are refused. 0 or a negative errno with the message set. */
int key_owners_find(struct key_owners *owners, struct step_env *env);

/* Whether the key is of one of them. */
bool key_owners_have(const struct key_owners *owners, uint64_t key);

#endif /* HOTIDD_KEY_OWNERS_H */

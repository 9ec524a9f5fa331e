/* SPDX-License-Identifier: GPL-2.0 */
/* identities/NAME.yaml: its table of fields, and what must hold between them. */
#ifndef HOTIDD_CONFIG_IDENTITY_H
#define HOTIDD_CONFIG_IDENTITY_H

#include "config/checking.h"
#include "config/config.h"
#include "config/schema.h"

extern const struct field identity_fields[];
void identity_check(struct checking *checking, struct identity_config *config);

/* A word for identity.arm. False with VALUE_WHY_MAX bytes of what is wrong with it. */
bool identity_arm_policy(const char *text, enum arm_policy *policy, char *why);

/*
 * What two identities of one node share. What is the server's own is a mistake
 * in their files, for @problems; a place of the node, where only one of them can
 * be at a time, is for @places. NULL for what is not asked for.
 */
void identity_check_pair(const struct identity_config *a, const struct identity_config *b,
			 struct problems *problems, struct problems *places);

#endif /* HOTIDD_CONFIG_IDENTITY_H */

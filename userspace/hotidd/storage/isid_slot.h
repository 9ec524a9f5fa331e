/* SPDX-License-Identifier: GPL-2.0 */
/* Steers the kernel's iSCSI session number into this node's slot (isid.h). */
#ifndef HOTIDD_ISID_SLOT_H
#define HOTIDD_ISID_SLOT_H

#include "storage/isid.h"
#include "step/kind.h"

/* This node's slot. Returns 0 or a negative errno with the message set. */
int isid_slot_of_node(struct step_env *env, struct isid_slot *slot);

/**
 * isid_slot_reserve() - see to it that the next sessions are in @slot
 * @n: how many are going to be made, at most ISID_RUN
 *
 * Makes and removes sessions that are connected to nothing until the number
 * that comes next fits. That takes 63 of them at most with the usual 16
 * slots, a millisecond or two each. Others who log in meanwhile move the number
 * on: look at it afterwards.
 *
 * Return: 0, or a negative errno with the message set.
 */
int isid_slot_reserve(const struct isid_slot *slot, unsigned int n, struct step_env *env);

/* Removes what isid_slot_reserve() left when the daemon was killed in it. */
void isid_slot_sweep(struct step_env *env);

#endif /* HOTIDD_ISID_SLOT_H */

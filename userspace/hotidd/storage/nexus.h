/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whether a target distinguishes this node's path to a disk (SAM's I_T nexus) from
 * those of other nodes. A reservation fences only whom it distinguishes from us.
 */
#ifndef HOTIDD_NEXUS_H
#define HOTIDD_NEXUS_H

#include "storage/lun.h"
#include "storage/session.h"

struct nexus {
	int fd;				/* of the path */
	const char *disk;		/* its name, for messages */
	const struct lun *lun;		/* behind it */
	const struct session *session;	/* of it */
};

/**
 * nexus_check() - refuse a disk where a reservation would prove nothing
 * @key: that is going to be registered
 *
 * Refused are a target that takes a node which is registered for this one, one
 * that does not answer, and a node that has the same key. Targets that do not
 * report registrants (READ FULL STATUS) are trusted, but not LIO,
 * which is known to mix them up.
 *
 * Return: 0, or a negative errno with the message set.
 */
int nexus_check(const struct nexus *nexus, uint64_t key, struct step_env *env);

#endif /* HOTIDD_NEXUS_H */

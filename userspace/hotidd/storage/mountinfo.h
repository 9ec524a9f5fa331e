/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is mounted, as /proc/self/mountinfo has it. A table that cannot be read
 * is an error and never looks like one in which nothing is mounted.
 */
#ifndef HOTIDD_MOUNTINFO_H
#define HOTIDD_MOUNTINFO_H

#include <libmount.h>

#include "step/kind.h"

/*
 * 0 with a table, to be given back with mnt_unref_table(); or a negative errno with
 * the message set.
 */
int mountinfo_read(struct libmnt_table **table, struct step_env *env);

/* What is at @where, the one on top; NULL for nothing. */
struct libmnt_fs *mountinfo_at(struct libmnt_table *table, const char *where);

#endif /* HOTIDD_MOUNTINFO_H */

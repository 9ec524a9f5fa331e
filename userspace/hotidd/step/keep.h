/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What undo needs to know and nothing else remembers, such as the port's own
 * MAC address: "key=value" lines in a file of the daemon's run directory. It
 * outlives the daemon and goes with the boot, as the state it describes does.
 */
#ifndef HOTIDD_KEEP_H
#define HOTIDD_KEEP_H

#include "step/kind.h"

#define KEEP_MAX	4096		/* bytes of one file */

struct keep {
	char text[KEEP_MAX];
};

/*
 * Each file belongs to one item of a kind: the third port is "net", 2.
 * keep_load() returns 0, -ENOENT, or another negative errno. keep_save()
 * writes all or nothing; 0 or a negative errno with the message set.
 */
int keep_load(const struct step_env *env, const char *kind, size_t item, struct keep *keep);
int keep_save(struct step_env *env, const char *kind, size_t item, const struct keep *keep);
void keep_drop(const struct step_env *env, const char *kind, size_t item);

/* Appends a line. Values hold no newline. False when it does not fit. */
bool keep_put(struct keep *keep, const char *key, const char *value);

/* The value of @key into @value. False when there is none. */
bool keep_get(const struct keep *keep, const char *key, char *value, size_t size);

#endif /* HOTIDD_KEEP_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What undo needs to know and nothing else remembers, such as the port's own
 * MAC address: "key=value" lines in a file of the daemon's run directory. It
 * outlives the daemon and goes with the boot, as the state it describes does.
 */
#ifndef HOTIDD_UNDO_STATE_H
#define HOTIDD_UNDO_STATE_H

#include "step/kind.h"

#define UNDO_STATE_MAX	4096		/* bytes of one file */

struct undo_state {
	char text[UNDO_STATE_MAX];
};

/*
 * Each file belongs to one item of a kind: the third port is "net", 2.
 * undo_state_load() returns 0, -ENOENT, or another negative errno. undo_state_save()
 * writes all or nothing; 0 or a negative errno with the message set.
 */
int undo_state_load(const struct step_env *env, const char *kind, size_t item,
		    struct undo_state *keep);
int undo_state_save(struct step_env *env, const char *kind, size_t item,
		    const struct undo_state *keep);
void undo_state_drop(const struct step_env *env, const char *kind, size_t item);

/* Appends a line. Values hold no newline. False when it does not fit. */
bool undo_state_put(struct undo_state *keep, const char *key, const char *value);

/* The value of @key into @value. False when there is none. */
bool undo_state_get(const struct undo_state *keep, const char *key, char *value, size_t size);

#endif /* HOTIDD_UNDO_STATE_H */

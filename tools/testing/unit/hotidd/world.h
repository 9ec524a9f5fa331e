/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A node as the verbs of a plan change it: memory that outlives the daemons, as
 * links and mounts do. The verbs of world.c check what step/kind.h promises to
 * a kind, and note the first breach.
 */
#ifndef WORLD_H
#define WORLD_H

#include "step/kind.h"

#define NAME		"web"		/* of the identity */
#define STEPS		8
#define PORT		2		/* of them */
#define MOUNT		4
#define TRACE		16384

enum verb_word { VALIDATE, STAGE, TAKE, VERIFY, UNDO, VERBS };

/* Of a step's success: in which stay of the identity it was acknowledged, and to which daemon. */
struct success {
	unsigned int stay, daemon;
};

/* All that outlives a daemon, but files. */
struct world {
	bool staged[STEPS], up[STEPS], undo_failed[STEPS];
	struct success recorded[VERBS][STEPS];
	unsigned int stay;		/* counts the changes of state */
	unsigned int daemon;		/* counts them */
	/* What fails in this life, and how often. */
	enum verb_word fail_verb;
	size_t fail_step;
	unsigned int fail_times;
	char fault[512];		/* the first breach of a contract */
	char trace[TRACE];
	size_t traced;
};

extern struct world *world;		/* in shared memory */
extern const char *const world_words[VERBS], *const world_steps[STEPS];

__attribute__((format(printf, 1, 2)))
void world_trace(const char *format, ...);
__attribute__((format(printf, 1, 2)))
void world_breach(const char *format, ...);

/* For recording_verb. */
int world_verb(const char *word, struct step *step, struct step_env *env);

#endif /* WORLD_H */

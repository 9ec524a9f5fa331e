/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A kind of resource: one file, five verbs, one row in the table of plan.c.
 *
 * Verbs run in the worker thread of the identity's plan, so they may block,
 * but never past env->deadline_ns, and they end early with -ECANCELED when
 * env->cancel_fd turns readable (job.h has the waits that watch both). Each
 * returns 0 or a negative errno and leaves one sentence in env->message: what
 * it did, or which thing failed and the fix. Undo is never cancelled.
 *
 * Contract of the verbs:
 *   validate  checks the step against the real hardware; changes nothing.
 *   stage     does what may be done before the old holder is fenced.
 *   take      does it. It converges: whatever part is already there (from a
 *             run that was interrupted, a daemon that was killed) is kept.
 *             Normally validate and stage ran before it in this process; a
 *             daemon that was restarted in the middle of a takeover calls
 *             take alone, with a new step->priv, so it stages what it needs.
 *   verify    reads back from the system that it is so; changes nothing.
 *   undo      takes back both take and stage, however far they came, also
 *             when the daemon was restarted in between and step->priv is
 *             new. What is not there is not an error. env->taken says
 *             whether take may have run: without it, what belongs to take (a
 *             mounted file system, a running unit) is not the identity's
 *             and is left alone.
 *
 * Beside the verbs a kind says what an item of it has that no other identity
 * of the node may have with it (owned.c): from the file alone, so that it can be
 * compared before anything is touched.
 */
#ifndef HOTIDD_KIND_H
#define HOTIDD_KIND_H

#include "config/config.h"

struct step;

struct step_env {
	const struct identity_config *identity;
	const uint8_t *node_id;		/* HOTID_ID_LEN bytes */
	uint64_t epoch;			/* of this takeover; while arming the epoch known */
	uint64_t deadline_ns;		/* CLOCK_MONOTONIC */
	int cancel_fd;			/* eventfd; -1 during undo, which nothing cancels */
	bool taken;			/* for undo: take may have run since arming */
	bool superseded;		/* for undo: another node holds the identity by now */
	const char *run_dir;		/* kept over restarts: "/run/hotid/default" */
	uint64_t seen_epoch;		/* set by take: by which another node has a disk; or 0 */
	char message[HOTID_MESSAGE_MAX + 1];
};

/* What is known once a step of the kind was taken and verified. */
enum proof {
	PROOF_NONE,
	PROOF_FENCE,			/* the old holder cannot write any more */
	PROOF_DEVICE,			/* the device answers that the steps after it lie on */
};

struct kind {
	const char *name;
	uint32_t stage;			/* enum hotid_stage */
	enum proof proves;
	int (*validate)(struct step *step, struct step_env *env);
	int (*stage_ahead)(struct step *step, struct step_env *env);
	int (*take)(struct step *step, struct step_env *env);
	int (*verify)(struct step *step, struct step_env *env);
	int (*undo)(struct step *step, struct step_env *env);
	void (*free)(struct step *step);	/* step->priv; may be NULL */

	/*
	 * Take, verify and undo make requests to storage, so each runs in a
	 * process of its own, which can be left behind (apart.h). Such a kind
	 * has nothing in step->priv.
	 */
	bool apart;
};

/* One step of a compiled plan. */
struct step {
	const struct kind *kind;
	char name[HOTID_NAME_MAX + 1];	/* what a person reads: "mount /srv/web" */
	size_t item;			/* index into the config's array of this kind */
	void *priv;			/* the kind's own */
};

/* One per file; the order of a plan is that of the table in plan.c. */
extern const struct kind kind_guard;		/* identity->voters, all ports */
extern const struct kind kind_iscsi;		/* identity->iscsi[item] */
extern const struct kind kind_reservation;	/* identity->disks[item] */
extern const struct kind kind_net;		/* identity->ports[item] */
extern const struct kind kind_disk;		/* identity->disks[item] */
extern const struct kind kind_mount;		/* identity->mounts[item] */
extern const struct kind kind_unit;		/* identity->units[item] */
extern const struct kind kind_announce;		/* identity->ports[item] */

#endif /* HOTIDD_KIND_H */

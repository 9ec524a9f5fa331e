/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs a plan: all of its steps, verb by verb, each reported as it goes.
 * What a takeover does can be read here from top to bottom.
 */
#ifndef HOTIDD_RUNNER_H
#define HOTIDD_RUNNER_H

#include <stdatomic.h>

#include "plan/plan.h"
#include "base/pulse.h"

/**
 * struct run - one run of a plan
 * @plan: what to do
 * @node_id: of this node
 * @run_dir: of this daemon, for kinds
 * @epoch: for which it is done
 * @taken: steps may have been taken before this run: by a daemon that was
 *	killed, or by the takeover that is undone now
 * @superseded: another node has the identity by now, and this one undoes it
 * @cancel_fd: an eventfd; readable once the run is to end
 * @report: called as each step begins and ends; a negative errno from it
 *	ends the run, because it is stale for the module (undo goes on)
 * @data: for @report
 * @halt: may turn true in the middle: end between two verbs, also of an undo,
 *	and undo nothing; the next daemon goes on
 * @pulse: of the thread that runs it
 * @verb_ms: longest time of one verb, when that is less than step-timeout; else 0
 * @clean: after a failure: everything was undone
 * @seen_epoch: after a failure: another node has a disk by this epoch; else 0
 * @message: after a failure: "mount /srv/web: ..."
 */
struct run {
	struct plan *plan;
	const uint8_t *node_id;
	const char *run_dir;
	uint64_t epoch;
	bool taken;
	bool superseded;
	int cancel_fd;
	int (*report)(const struct hotid_step *step, void *data);
	void *data;
	const atomic_bool *halt;
	struct pulse *pulse;
	uint32_t verb_ms;
	bool clean;
	uint64_t seen_epoch;
	char message[HOTID_MESSAGE_MAX + 1];
};

/*
 * Each returns 0, or a negative errno of the step that failed, with message
 * and clean set. -ECANCELED means that the run was ended: then nothing was
 * undone, and the next order says what follows.
 */
int run_arm(struct run *run);		/* validate and stage; undone on failure */
int run_takeover(struct run *run);	/* take and verify; undone on failure */
int run_audit(struct run *run, enum hotid_verb verb);	/* see below */
int run_announce(struct run *run);	/* take what announces, once more */
int run_undo(struct run *run);		/* undo all, as far as it goes */

/*
 * run_audit() checks all steps with a verb that changes nothing: verify for what
 * is held, validate for what is armed. It reports only how each ends, and goes
 * on after a failure; the first one is returned, with its message. What lies on
 * a session or a disk that is lost is left out, since that could hang.
 */

#endif /* HOTIDD_RUNNER_H */

// SPDX-License-Identifier: GPL-2.0
/* What each state requires. In the worker's thread. */
#include "worker_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "config/reader.h"
#include "epochs.h"
#include "hotid_daemon.h"
#include "plan/holdings.h"
#include "step/rundir.h"

/* How long a takeover that is done waits for its epoch to be on disk. */
#define EPOCH_WAIT_MS	2000

static void worker_arm(struct worker *worker)
{
	char error[CONFIG_ERROR_MAX], *path;
	int failed = -EINVAL;
	struct run run;

	if (!worker_undo_leftovers(worker)) {
		worker_report(worker, -EUCLEAN, false, "what an earlier daemon left cannot be undone; see "
			      "its log");
		return;
	}
	worker_plan_drop(worker);
	rundir_forget(worker->shared->run_dir, worker->name);
	path = must_printf("%s/%s.yaml", worker->shared->identities_dir, worker->name);
	if (!worker_plan_from(worker, path, error) ||
	    !config_check_others(worker->plan->identity, worker->shared->identities_dir, error))
		goto refuse;
	failed = holdings_arm(worker->shared->run_dir, worker->plan->identity, error);
	if (failed)
		goto refuse;
	free(path);
	run = worker_run(worker, false);
	failed = run_arm(&run);
	worker->staged = !failed;
	if (!failed)
		worker_verified(worker);
	snprintf(error, sizeof(error), "%zu steps staged", worker->plan->n_steps);
	worker_report_run(worker, &run, failed, error);
	return;

refuse:
	free(path);
	worker_plan_drop(worker);
	if (strlen(error) > HOTID_MESSAGE_MAX)
		/* The whole of what the report has to cut. */
		log_error("identity %s: not armed: %s", worker->name, error);
	worker_report(worker, failed, true, error);
}

/*
 * Armed, says the module, but this process has staged nothing: the daemon was
 * restarted. Stage again; a takeover that comes meanwhile is not held up. If
 * it cannot be staged any more the node is no spare: arm it again, so that the
 * failure is there to be seen in its state. So it is when another identity
 * came to this node and stands where this one would have to.
 */
static void worker_stage_again(struct worker *worker)
{
	char error[CONFIG_ERROR_MAX];
	struct run run;
	int failed;

	if (worker->arm_again)
		return;		/* on its way */
	if (worker_plan_again(worker, error) &&
	    !holdings_check(worker->shared->run_dir, worker->plan->identity, error)) {
		if (worker->staged)
			return;
		run = worker_run(worker, false);
		run.report = worker_log_step;
		failed = run_arm(&run);
		worker->staged = !failed;
		if (!failed)
			log_info("identity %s: staged again", worker->name);
		if (!failed || failed == -ECANCELED)
			return;
		snprintf(error, sizeof(error), "%.*s", HOTID_MESSAGE_MAX, run.message);
	}
	log_error("identity %s: no longer fit to be taken over: %s", worker->name, error);
	worker->arm_again = true;
	failed = hotid_identity_disarm(worker->h, worker->name);
	if (failed)
		log_error("identity %s: not disarmed: %s", worker->name,
			  hotid_strerror(worker->h, failed));
}

/* Another identity is in its place. Nothing was taken; what was staged goes. */
static void worker_refuse_takeover(struct worker *worker, bool taken, const char *error)
{
	struct run run = worker_run(worker, taken);

	log_error("identity %s: not taken over: %s", worker->name, error);
	worker->staged = false;
	if (run_undo(&run) != -ECANCELED)	/* else the next daemon comes here again */
		worker_report(worker, -EBUSY, run.clean, error);
}

/* Before it is reported as held: after a crash of all nodes nothing else may know. */
static void epoch_is_kept(struct worker *worker)
{
	uint64_t deadline_ns = clock_ns() + EPOCH_WAIT_MS * 1000000ULL;

	pulse_until(&worker->pulse, deadline_ns);
	if (!epochs_wait(worker->shared->epochs, worker->name, worker->order.epoch, deadline_ns))
		log_warning("identity %s: epoch %llu is not on this node's disk yet", worker->name,
			    (unsigned long long)worker->order.epoch);
	pulse_slow(&worker->pulse);
}

/*
 * Another node has the disk, by an epoch that the module did not know, or knew
 * as its own: the next takeover goes beyond it. It is not made before it is
 * requested, or that node is seen up and then lost.
 */
static void learn_epoch(struct worker *worker, uint64_t epoch)
{
	int error = hotid_identity_know(worker->h, worker->name, epoch);

	if (error)
		log_error("identity %s: epoch %llu not reported to the module: %s", worker->name,
			  (unsigned long long)epoch, hotid_strerror(worker->h, error));
	else
		log_notice("identity %s: epoch %llu is known from a disk now", worker->name,
			   (unsigned long long)epoch);
}

static void worker_take_over(struct worker *worker)
{
	const char *run_dir = worker->shared->run_dir;
	bool taken = rundir_is_taken(run_dir, worker->name) ||
		     (!worker->staged && !rundir_has_copy(run_dir, worker->name));
	char error[CONFIG_ERROR_MAX];
	struct run run;
	int failed;

	if (!worker_plan_again(worker, error)) {
		log_error("identity %s: not taken over: %s", worker->name, error);
		worker_report(worker, -EINVAL, !taken, error);
		return;
	}
	if (holdings_take(run_dir, worker->plan->identity, error)) {
		worker_refuse_takeover(worker, taken, error);
		return;
	}
	if (taken)
		log_notice("identity %s: going on with a takeover that was interrupted", worker->name);
	/* Written beside the takeover, which does not wait for this node's own disk. */
	epochs_note(worker->shared->epochs, worker->name, worker->order.epoch);
	run = worker_run(worker, taken);
	failed = run_takeover(&run);
	if (failed && failed != -ECANCELED && run.clean)
		/* Before it is reported, since another identity may be taken there then. */
		rundir_unmark_taken(run_dir, worker->name);
	if (!failed)
		epoch_is_kept(worker);
	else if (run.seen_epoch)
		learn_epoch(worker, run.seen_epoch);
	worker->staged = false;
	if (!failed)
		worker_verified(worker);
	worker_report_run(worker, &run, failed, "all steps taken");
}

/* What is held: announced. What is armed: looked at, whether it could still be taken. */
void worker_once_more(struct worker *worker)
{
	char error[CONFIG_ERROR_MAX];
	struct run run;
	int failed;

	if (worker->order.state == HOTID_IDENTITY_STATE_ARMED)
		worker_stage_again(worker);
	if (worker->order.state != HOTID_IDENTITY_STATE_HELD || !worker_plan_again(worker, error))
		return;
	run = worker_run(worker, true);
	failed = run_announce(&run);
	if (failed && failed != -ECANCELED)
		log_error("identity %s: not announced again: %s", worker->name, run.message);
	else if (!failed)
		log_info("identity %s: announced again", worker->name);
}

static void worker_release(struct worker *worker)
{
	uint32_t from = worker->order.previous;
	bool copy = rundir_has_copy(worker->shared->run_dir, worker->name);
	/* Without the run directory, the state before decides. */
	bool taken = rundir_is_taken(worker->shared->run_dir, worker->name) ||
		     (!copy && (from == HOTID_IDENTITY_STATE_TAKING ||
				from == HOTID_IDENTITY_STATE_HELD || !worker->order.clean));
	char error[CONFIG_ERROR_MAX];
	struct run run;
	int failed;

	worker->pulse.fault = false;
	if (!worker->plan && !copy && !taken && from != HOTID_IDENTITY_STATE_ARMED) {
		/* Arming did not come so far, or its failure was undone. */
		worker_report(worker, 0, true, "nothing was staged");
		return;
	}
	if (!worker_plan_again(worker, error)) {
		log_error("identity %s: no plan to undo: %s", worker->name, error);
		worker_report(worker, -EINVAL, false, error);
		return;
	}
	run = worker_run(worker, taken);
	run.superseded = worker->order.reason == HOTID_REASON_SUPERSEDED;
	failed = run_undo(&run);
	if (!failed)
		rundir_unmark_taken(worker->shared->run_dir, worker->name);
	worker->staged = false;
	worker_report_run(worker, &run, failed, "all steps undone");
}

static void worker_forget(struct worker *worker)
{
	worker->pulse.fault = false;
	if (worker_undo_leftovers(worker))
		rundir_forget(worker->shared->run_dir, worker->name);
	worker_plan_drop(worker);
	/* Untouched since the module was loaded, which is once in a boot. */
	if (!worker->arm_again &&
	    (worker->order.changed_ns || worker->arm_policy != ARM_BOOT))
		return;
	worker->arm_again = false;
	worker_ask_to_arm(worker);
}

/* What a failure left behind, disarm undoes; all else is over. */
static void worker_give_up(struct worker *worker)
{
	worker->arm_again = false;
	worker->pulse.fault = false;
	if (!worker->order.clean)
		return;
	worker_plan_drop(worker);
	rundir_forget(worker->shared->run_dir, worker->name);
}

void worker_carry_out(struct worker *worker)
{
	worker_audits_begin(worker);
	worker_tries_begin(worker);
	switch (worker->order.state) {
	case HOTID_IDENTITY_STATE_OFFLINE:
		worker_forget(worker);
		break;
	case HOTID_IDENTITY_STATE_ARMING:
		worker_arm(worker);
		break;
	case HOTID_IDENTITY_STATE_ARMED:
		worker_stage_again(worker);
		break;
	case HOTID_IDENTITY_STATE_TAKING:
		worker_take_over(worker);
		break;
	case HOTID_IDENTITY_STATE_HELD:
		break;		/* audits follow */
	case HOTID_IDENTITY_STATE_RELEASING:
		worker_release(worker);
		break;
	case HOTID_IDENTITY_STATE_FAILED:
		worker_give_up(worker);
		worker_plan_retry(worker);
		break;
	}
}

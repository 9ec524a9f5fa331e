// SPDX-License-Identifier: GPL-2.0
/* Runs the verbs of a plan in order, and undoes them in reverse. In the worker's thread. */
#include "plan/runner.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "step/apart.h"

/* Text that is cut where it does not fit. */
__attribute__((format(printf, 2, 3)))
static void say(char text[HOTID_MESSAGE_MAX + 1], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(text, HOTID_MESSAGE_MAX + 1, format, args);
	va_end(args);
}

static bool run_cancelled(const struct run *run)
{
	struct pollfd pollfd = { .fd = run->cancel_fd, .events = POLLIN };

	return *run->halt || poll(&pollfd, 1, 0) > 0;
}

static struct hotid_step running(const struct run *run, size_t i, enum hotid_verb verb,
				 uint64_t start_ns)
{
	const struct step *step = &run->plan->steps[i];
	struct hotid_step report = {
		.index = (uint32_t)i + 1,	/* 0 is the module's own */
		.stage = step->kind->stage,
		.verb = verb,
		.status = HOTID_STEP_STATUS_RUNNING,
		.start_ns = start_ns,
	};

	snprintf(report.name, sizeof(report.name), "%s", step->name);
	snprintf(report.kind, sizeof(report.kind), "%s", step->kind->name);
	return report;
}

static int report_running(const struct run *run, size_t i, enum hotid_verb verb, uint64_t start_ns)
{
	struct hotid_step report = running(run, i, verb, start_ns);

	return run->report(&report, run->data);
}

static int report_end(const struct run *run, size_t i, enum hotid_verb verb, uint64_t start_ns,
		      int error, const char *message)
{
	struct hotid_step report = running(run, i, verb, start_ns);

	report.status = error ? HOTID_STEP_STATUS_FAILED : HOTID_STEP_STATUS_DONE;
	report.error = (uint32_t)-error;
	report.end_ns = clock_ns();
	say(report.message, "%s", message);
	return run->report(&report, run->data);
}

/* One verb of one step, within its time. A negative errno, never a positive one. */
static int run_verb(const struct run *run, size_t i, enum hotid_verb verb, bool taken,
		    struct step_env *env)
{
	uint32_t timeout_ms = run->plan->identity->step_timeout_ms;
	int error;

	if (run->verb_ms && run->verb_ms < timeout_ms)
		timeout_ms = run->verb_ms;

	*env = (struct step_env){
		.identity = run->plan->identity,
		.node_id = run->node_id,
		.epoch = run->epoch,
		.deadline_ns = clock_ns() + timeout_ms * 1000000ULL,
		.cancel_fd = verb == HOTID_VERB_UNDO ? -1 : run->cancel_fd,
		.taken = taken,
		.superseded = run->superseded,
		.run_dir = run->run_dir,
	};
	pulse_step(run->pulse, env->deadline_ns);
	error = verb_run(&run->plan->steps[i], verb, env);
	pulse_step_end(run->pulse);
	if (error > 0)
		error = -error;
	/* A verb that says so without an order to cancel has failed. */
	if (error == -ECANCELED && (verb == HOTID_VERB_UNDO || !run_cancelled(run)))
		error = -EINTR;
	if (error && !*env->message)
		say(env->message, "%s", strerror(-error));
	return error;
}

/* Remember the step that failed, for the report on the whole. */
static void run_failed(struct run *run, size_t i, const char *message)
{
	say(run->message, "%s: %s", run->plan->steps[i].name, message);
}

/*
 * A verb with its two reports. What is taken is read back as well, within the
 * same two; what take did says more than that verify agrees.
 */
static int run_reported(struct run *run, size_t i, enum hotid_verb verb)
{
	bool taking = verb == HOTID_VERB_TAKE;
	char did[HOTID_MESSAGE_MAX + 1];
	uint64_t start_ns = clock_ns();
	struct step_env env;
	int error, refused;

	if (report_running(run, i, verb, start_ns))
		return -ECANCELED;
	error = run_verb(run, i, verb, taking, &env);
	run->seen_epoch = env.seen_epoch;
	memcpy(did, env.message, sizeof(did));
	if (taking && !error) {
		verb = HOTID_VERB_VERIFY;
		error = run_verb(run, i, verb, true, &env);
	}
	if (error && run_cancelled(run))
		return -ECANCELED;
	refused = report_end(run, i, verb, start_ns, error, error ? env.message : did);
	if (error)
		run_failed(run, i, env.message);
	return error ? error : refused ? -ECANCELED : 0;
}

/* How an undo goes: see undo_steps(). */
struct undoing {
	size_t taken, kept;
	bool mounted;			/* still, so what is below it stays */
	int first;			/* error */
};

static void undo_step(struct run *run, size_t i, struct undoing *undoing)
{
	uint32_t stage = run->plan->steps[i].kind->stage;
	uint64_t start_ns = clock_ns();
	struct step_env env;
	int error;

	if (i != undoing->kept)
		report_running(run, i, HOTID_VERB_UNDO, start_ns);
	if (undoing->mounted && (stage == HOTID_STAGE_STORAGE || stage == HOTID_STAGE_FENCE)) {
		error = -EBUSY;
		say(env.message, "kept, since a file system on it may still be mounted");
	} else {
		error = run_verb(run, i, HOTID_VERB_UNDO, i < undoing->taken, &env);
	}
	if (i != undoing->kept || error)
		report_end(run, i, HOTID_VERB_UNDO, start_ns, error, env.message);
	if (!error)
		return;
	undoing->mounted |= stage == HOTID_STAGE_MOUNT;
	run->clean = false;
	if (!undoing->first) {
		undoing->first = error;
		if (undoing->kept == SIZE_MAX)
			run_failed(run, i, env.message);
	}
	log_error("identity %s: undo of \"%s\" failed: %s", run->plan->identity->name,
		  run->plan->steps[i].name, env.message);
}

/*
 * Undo the first @n steps, last one first; the first @taken of them may have
 * been taken, the others were staged at most. A step that cannot be undone stays
 * reported as failed, and the rest goes on, because what can still be taken
 * off this node must be. One exception: a file system that does not come off
 * keeps the disk, the reservation and the session below it. Pulled from under
 * it they would lose what it holds, and the reservation goes on to keep
 * others out.
 *
 * Superseded, this node must not send for the identity any more, and services
 * may take long to stop: so what is undone first are its ports.
 *
 * @kept is the step whose failure led here: its record stays, unless its undo
 * fails too. SIZE_MAX when there is none.
 */
static int undo_steps(struct run *run, size_t n, size_t taken, size_t kept)
{
	struct undoing undoing = { .taken = taken, .kept = kept };

	run->clean = true;
	for (int ports = run->superseded; ports >= 0; ports--)
		for (size_t i = n; i--;) {
			bool early = run->superseded &&
				     run->plan->steps[i].kind->stage == HOTID_STAGE_NET;

			if (early != ports)
				continue;
			if (*run->halt)
				return -ECANCELED;
			undo_step(run, i, &undoing);
		}
	return undoing.first;
}

/* After step @kept failed with @error, unless the run was ended: all that undo_steps() says. */
static int run_back(struct run *run, int error, size_t n, size_t taken, size_t kept)
{
	if (error != -ECANCELED && undo_steps(run, n, taken, kept) == -ECANCELED)
		return -ECANCELED;
	return error;
}

int run_arm(struct run *run)
{
	static const enum hotid_verb verbs[] = { HOTID_VERB_VALIDATE, HOTID_VERB_STAGE };
	size_t n = run->plan->n_steps;
	int error;

	run->clean = true;
	for (size_t v = 0; v < 2; v++)
		for (size_t i = 0; i < n; i++) {
			error = run_cancelled(run) ? -ECANCELED : run_reported(run, i, verbs[v]);
			if (!error)
				continue;
			/* While nothing but validate ran, there is nothing to undo. */
			return verbs[v] == HOTID_VERB_STAGE ?
			       run_back(run, error, i + 1, 0, i) : error;
		}
	return 0;
}

/*
 * The rule that keeps data safe: nothing after the fence stage runs before
 * every step of the fence was taken and read back, and one of them proves that the
 * old holder cannot write, unless the identity says fence: none. The order of the
 * plan has it so already; this checks it again.
 */
static bool fenced(const struct plan *plan, size_t proven)
{
	bool proof = false;

	if (plan->identity->fence == FENCE_NONE)
		return true;
	for (size_t i = 0; i < plan->n_steps; i++) {
		if (plan->steps[i].kind->stage != HOTID_STAGE_FENCE)
			continue;
		if (i >= proven)
			return false;
		proof |= plan->steps[i].kind->proves == PROOF_FENCE;
	}
	return proof;
}

static int refuse_unfenced(struct run *run, size_t i)
{
	static const char *const message = "the old holder is not fenced, so this must not run";

	report_end(run, i, HOTID_VERB_TAKE, clock_ns(), -EPERM, message);
	run_failed(run, i, message);
	return -EPERM;
}

int run_takeover(struct run *run)
{
	struct plan *plan = run->plan;
	int error;

	run->clean = true;
	for (size_t i = 0; i < plan->n_steps; i++) {
		if (run_cancelled(run))
			return -ECANCELED;
		if (plan->steps[i].kind->stage > HOTID_STAGE_FENCE && !fenced(plan, i))
			error = refuse_unfenced(run, i);
		else
			error = run_reported(run, i, HOTID_VERB_TAKE);
		/* The steps after this one are staged, and taken if this run repeats one. */
		if (error)
			return run_back(run, error, plan->n_steps,
					run->taken ? plan->n_steps : i + 1, i);
	}
	return 0;
}

int run_announce(struct run *run)
{
	for (size_t i = 0; i < run->plan->n_steps; i++) {
		struct step_env env;
		int error;

		if (run->plan->steps[i].kind->stage != HOTID_STAGE_ANNOUNCE)
			continue;
		if (run_cancelled(run))
			return -ECANCELED;
		error = run_verb(run, i, HOTID_VERB_TAKE, true, &env);
		if (error && run_cancelled(run))
			return -ECANCELED;
		if (error) {
			run_failed(run, i, env.message);
			return error;
		}
	}
	return 0;
}

/* Checking it needs a device that is not there. */
static bool lies_on_storage(const struct step *step)
{
	return step->kind->stage == HOTID_STAGE_FENCE || step->kind->stage == HOTID_STAGE_STORAGE ||
	       step->kind->stage == HOTID_STAGE_MOUNT;
}

int run_audit(struct run *run, enum hotid_verb verb)
{
	bool device_lost = false;
	int first = 0;

	for (size_t i = 0; i < run->plan->n_steps; i++) {
		const struct step *step = &run->plan->steps[i];
		uint64_t start_ns = clock_ns();
		struct step_env env;
		int error;

		if (device_lost && lies_on_storage(step))
			continue;
		if (run_cancelled(run))
			return -ECANCELED;
		error = run_verb(run, i, verb, verb == HOTID_VERB_VERIFY, &env);
		if (error && run_cancelled(run))
			return -ECANCELED;
		if (report_end(run, i, verb, start_ns, error, env.message))
			return -ECANCELED;
		device_lost |= error && step->kind->proves == PROOF_DEVICE;
		if (!error || first)
			continue;
		first = error;
		run_failed(run, i, env.message);
	}
	return first;
}

int run_undo(struct run *run)
{
	return undo_steps(run, run->plan->n_steps, run->taken ? run->plan->n_steps : 0, SIZE_MAX);
}

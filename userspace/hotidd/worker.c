// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include "worker.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "clock.h"
#include "epochs.h"
#include "holdings.h"
#include "log.h"
#include "memory.h"
#include "priority.h"
#include "pulse.h"
#include "retry.h"
#include "rundir.h"
#include "runner.h"

/* All of it is locked in memory. */
#define STACK_SIZE	(512 * 1024)

/* Between two signs of life of a worker that has nothing to do. */
#define IDLE_NS		1000000000ULL

/* A verb of an audit only looks, and waits for nothing to come true. */
#define AUDIT_VERB_MS	10000

/* How long a takeover that is done waits for its epoch to be on disk. */
#define EPOCH_WAIT_MS	2000

/* An identity that was armed for so long is taken over for a new reason. */
#define RETRY_APART_NS	60000000000ULL

#define NEVER_NS	UINT64_MAX

/* Where the identity stands, as far as the worker cares. */
struct order {
	uint32_t state, previous, reason, flags;
	uint64_t epoch, changed_ns;
	int error;
	bool clean;
};

struct worker {
	char name[HOTID_NAME_MAX + 1];
	const struct worker_shared *shared;
	pthread_t thread;
	int cancel_fd;
	atomic_bool halt;
	char title[HOTID_NAME_MAX + 16];	/* of the pulse: "identity web" */
	struct pulse pulse;

	pthread_mutex_t lock;
	pthread_cond_t news;
	struct order pending, current;	/* lock */
	bool has_pending;		/* lock */
	bool again;			/* lock; nothing is pending, and this is to be done */
	bool audit;			/* lock; the same */
	bool configured;		/* lock; the same: the configuration was read */
	enum arm_policy arm_policy;	/* lock */

	/* The thread's own from here. */
	struct hotid *h;
	struct order order;		/* that is being carried out */
	struct plan *plan;
	bool staged;			/* the plan is, by this process */
	bool arm_again;			/* when what runs now is released */
	uint64_t audit_at_ns;		/* the next one, without a cause */
	uint64_t retry_at_ns;		/* of what failed */
	unsigned int arm_tries, takeover_tries;	/* in vain */
	uint64_t armed_ns;		/* when it was armed last */
	bool audited;			/* in this stay */
	int *findings;			/* error of each step, as the module knows it */
};

/* What the thread has to do next. */
enum errand {
	ERRAND_NONE,
	ERRAND_END,
	ERRAND_ORDER,			/* worker->order is new */
	ERRAND_AGAIN,
	ERRAND_AUDIT,
	ERRAND_CONFIGURED,
	ERRAND_RETRY,
};

static struct order order_of(const struct hotid_identity *identity)
{
	return (struct order){
		.state = identity->state,
		.previous = identity->previous,
		.reason = identity->reason,
		.flags = identity->flags,
		.error = (int)identity->error,
		.epoch = identity->epoch,
		.changed_ns = identity->changed_ns,
		.clean = identity->clean,
	};
}

/* The same stay in the same state; its epoch may have moved on meanwhile. */
static bool same_stay(const struct order *a, const struct order *b)
{
	return a->state == b->state && a->changed_ns == b->changed_ns;
}

static void order_post(struct worker *worker, struct order order)
{
	const struct order *last;

	pthread_mutex_lock(&worker->lock);
	last = worker->has_pending ? &worker->pending : &worker->current;
	if (order.changed_ns >= last->changed_ns && !same_stay(&order, last)) {
		worker->pending = order;
		worker->has_pending = true;
		worker->again = worker->audit = false;
		eventfd_write(worker->cancel_fd, 1);
		pthread_cond_signal(&worker->news);
	}
	pthread_mutex_unlock(&worker->lock);
}

/* Not without end, even when there is no news: the pulse goes on. */
static void news_wait(struct worker *worker)
{
	uint64_t until_ns = clock_ns() + IDLE_NS;
	struct timespec until;

	if (worker->audit_at_ns < until_ns)
		until_ns = worker->audit_at_ns;
	if (worker->retry_at_ns < until_ns)
		until_ns = worker->retry_at_ns;
	until = (struct timespec){
		.tv_sec = (time_t)(until_ns / 1000000000),
		.tv_nsec = (long)(until_ns % 1000000000),
	};
	pulse_until(&worker->pulse, until_ns);
	pthread_cond_clockwait(&worker->news, &worker->lock, CLOCK_MONOTONIC, &until);
}

static enum errand errand_look(struct worker *worker)
{
	uint64_t now_ns = clock_ns();

	if (worker->halt)
		return ERRAND_END;
	if (worker->has_pending)
		return ERRAND_ORDER;
	if (worker->again)
		return ERRAND_AGAIN;
	if (worker->configured)
		return ERRAND_CONFIGURED;
	if (now_ns >= worker->retry_at_ns)
		return ERRAND_RETRY;
	if (worker->audit_at_ns != NEVER_NS && (worker->audit || now_ns >= worker->audit_at_ns))
		return ERRAND_AUDIT;
	return ERRAND_NONE;
}

/* The next errand. An order goes before all else, and is in worker->order then. */
static enum errand errand_wait(struct worker *worker)
{
	enum errand errand;
	eventfd_t drained;

	pthread_mutex_lock(&worker->lock);
	while ((errand = errand_look(worker)) == ERRAND_NONE)
		news_wait(worker);
	pulse_slow(&worker->pulse);
	switch (errand) {
	case ERRAND_ORDER:
		worker->order = worker->current = worker->pending;
		worker->has_pending = false;
		eventfd_read(worker->cancel_fd, &drained);
		break;
	case ERRAND_AGAIN:
		worker->again = false;
		break;
	case ERRAND_AUDIT:
		worker->audit = false;
		break;
	case ERRAND_CONFIGURED:
		worker->configured = false;
		break;
	default:
		break;
	}
	pthread_mutex_unlock(&worker->lock);
	return errand;
}

/*
 * A report was refused as stale: see where the identity stands. True when it
 * is still the same stay and only the epoch moved on, so that the report can
 * be made again.
 */
static bool look_again(struct worker *worker)
{
	struct hotid_identity identity;
	struct order now;
	bool moved;
	int error;

	error = hotid_identity_get(worker->h, worker->name, &identity);
	if (error) {
		log_error("identity %s: cannot read its state: %s", worker->name,
			  hotid_strerror(worker->h, error));
		return false;
	}
	now = order_of(&identity);
	hotid_identity_clear(&identity);
	if (same_stay(&now, &worker->order)) {
		moved = now.epoch != worker->order.epoch;
		worker->order.epoch = now.epoch;
		return moved;
	}
	order_post(worker, now);
	return false;
}

/* For struct run: only a report that the module no longer wants ends a run. */
static int report_step(const struct hotid_step *step, void *data)
{
	struct worker *worker = data;
	int error;

	do
		error = hotid_step_report(worker->h, worker->name, worker->order.state,
					  worker->order.epoch, step);
	while (error == -ESTALE && look_again(worker));
	/* Undone steps that this module never heard of are no news to it. */
	if (error && error != -ESTALE && !(error == -ERANGE && step->verb == HOTID_VERB_UNDO))
		log_warning("identity %s: step \"%s\" not reported: %s", worker->name, step->name,
			    hotid_strerror(worker->h, error));
	if (step->status == HOTID_STEP_STATUS_FAILED)
		log_error("identity %s: %s of \"%s\" failed: %s", worker->name,
			  hotid_verb_name(step->verb), step->name, step->message);
	return error == -ESTALE ? error : 0;
}

/* For what the module has no report: only failures, to the log. */
static int log_step(const struct hotid_step *step, void *data)
{
	struct worker *worker = data;

	if (step->status == HOTID_STEP_STATUS_FAILED)
		log_error("identity %s: %s of \"%s\" failed: %s", worker->name,
			  hotid_verb_name(step->verb), step->name, step->message);
	return 0;
}

static struct run run_of(struct worker *worker, bool taken)
{
	return (struct run){
		.plan = worker->plan,
		.node_id = worker->shared->node_id,
		.run_dir = worker->shared->run_dir,
		.epoch = worker->order.epoch,
		.taken = taken,
		.cancel_fd = worker->cancel_fd,
		.report = report_step,
		.data = worker,
		.halt = &worker->halt,
		.pulse = &worker->pulse,
	};
}

/* The outcome of what worker->order asked for. */
static void worker_report(struct worker *worker, int error, bool clean, const char *message)
{
	char cut[HOTID_MESSAGE_MAX + 1];
	int refused;

	snprintf(cut, sizeof(cut), "%.*s", HOTID_MESSAGE_MAX, message);
	do
		refused = hotid_identity_report(worker->h, worker->name, worker->order.state,
						worker->order.epoch, (uint32_t)-error, clean, cut);
	while (refused == -ESTALE && look_again(worker));
	if (refused && refused != -ESTALE)
		log_error("identity %s: outcome not reported: %s", worker->name,
			  hotid_strerror(worker->h, refused));
}

static void worker_report_run(struct worker *worker, const struct run *run, int error,
			      const char *success)
{
	if (error == -ECANCELED)
		/* Whoever ended it has news; or the module did not want the report. */
		look_again(worker);
	else
		worker_report(worker, error, run->clean, error ? run->message : success);
}

static void plan_drop(struct worker *worker)
{
	free(worker->findings);
	worker->findings = NULL;
	plan_free(worker->plan);
	worker->plan = NULL;
	worker->staged = false;
}

/* Into worker->plan; otherwise false with @error. */
static bool plan_from(struct worker *worker, const char *path, char *error)
{
	struct identity_config *identity = config_read_identity(path, error);

	if (identity)
		worker->plan = plan_compile(identity);
	return identity;
}

/*
 * What the module knows of each step: 0 for well. FINDING_UNKNOWN makes the
 * next audit tell of all, since the daemon before this one told something.
 */
#define FINDING_UNKNOWN	(-1)

static void findings_forget(struct worker *worker, int as)
{
	worker->findings = must_realloc(worker->findings, worker->plan->n_steps,
					sizeof(worker->findings[0]));
	for (size_t i = 0; i < worker->plan->n_steps; i++)
		worker->findings[i] = as;
}

/*
 * The plan again, after a restart of the daemon: from the copy that was kept
 * when it was armed, or from the file when there is none.
 */
static bool plan_again(struct worker *worker, char *error)
{
	char *path;
	bool good;

	if (worker->plan)
		return true;
	if (rundir_has_copy(worker->shared->run_dir, worker->name))
		path = rundir_copy_path(worker->shared->run_dir, worker->name);
	else
		path = must_printf("%s/%s.yaml", worker->shared->identities_dir, worker->name);
	good = plan_from(worker, path, error);
	free(path);
	return good;
}

/*
 * What an earlier daemon staged or took when it was killed, in a state that is
 * over now: it was arming, or the module was unloaded and knows nothing any
 * more. True when nothing of it is left.
 */
static bool undo_leftovers(struct worker *worker)
{
	char error[CONFIG_ERROR_MAX];
	struct run run;
	bool gone;

	if (worker->plan || !rundir_has_copy(worker->shared->run_dir, worker->name))
		return true;
	if (!plan_again(worker, error)) {
		log_error("identity %s: what an earlier daemon left is not undone: %s", worker->name,
			  error);
		return false;
	}
	log_notice("identity %s: undoing what an earlier daemon left", worker->name);
	run = run_of(worker, rundir_is_taken(worker->shared->run_dir, worker->name));
	run.report = log_step;
	gone = !run_undo(&run);
	plan_drop(worker);
	return gone;
}

static void arm(struct worker *worker)
{
	char error[CONFIG_ERROR_MAX], *path;
	int failed = -EINVAL;
	struct run run;

	if (!undo_leftovers(worker)) {
		worker_report(worker, -EUCLEAN, false, "what an earlier daemon left cannot be undone; see "
			      "its log");
		return;
	}
	plan_drop(worker);
	rundir_forget(worker->shared->run_dir, worker->name);
	path = must_printf("%s/%s.yaml", worker->shared->identities_dir, worker->name);
	if (!plan_from(worker, path, error) ||
	    !config_check_others(worker->plan->identity, worker->shared->identities_dir, error))
		goto refuse;
	failed = holdings_arm(worker->shared->run_dir, worker->plan->identity, error);
	if (failed)
		goto refuse;
	free(path);
	run = run_of(worker, false);
	failed = run_arm(&run);
	worker->staged = !failed;
	if (!failed)
		findings_forget(worker, 0);
	snprintf(error, sizeof(error), "%zu steps staged", worker->plan->n_steps);
	worker_report_run(worker, &run, failed, error);
	return;

refuse:
	free(path);
	plan_drop(worker);
	if (strlen(error) > HOTID_MESSAGE_MAX)
		/* The whole of what the report has to cut. */
		log_error("identity %s: not armed: %s", worker->name, error);
	worker_report(worker, failed, true, error);
}

/*
 * Armed, says the module, but this process has staged nothing: the daemon was
 * restarted. Stage again; a takeover that comes meanwhile is not held up. If
 * it cannot be staged any more the node is no spare: arm it anew, so that the
 * failure is there to be seen in its state. So it is when another identity
 * came to this node and stands where this one would have to.
 */
static void stage_again(struct worker *worker)
{
	char error[CONFIG_ERROR_MAX];
	struct run run;
	int failed;

	if (worker->arm_again)
		return;		/* on its way */
	if (plan_again(worker, error) &&
	    !holdings_check(worker->shared->run_dir, worker->plan->identity, error)) {
		if (worker->staged)
			return;
		run = run_of(worker, false);
		run.report = log_step;
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
static void refuse_takeover(struct worker *worker, bool taken, const char *error)
{
	struct run run = run_of(worker, taken);

	log_error("identity %s: not taken over: %s", worker->name, error);
	worker->staged = false;
	if (run_undo(&run) != -ECANCELED)	/* else the next daemon comes here again */
		worker_report(worker, -EBUSY, run.clean, error);
}

/* Before anybody hears that it is held: after a crash of all nodes nothing else may know. */
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
 * as its own: the next takeover goes beyond it. It is not made before somebody
 * asks for it, or that node is heard and then lost.
 */
static void learn_epoch(struct worker *worker, uint64_t epoch)
{
	int error = hotid_identity_know(worker->h, worker->name, epoch);

	if (error)
		log_error("identity %s: epoch %llu not told to the module: %s", worker->name,
			  (unsigned long long)epoch, hotid_strerror(worker->h, error));
	else
		log_notice("identity %s: epoch %llu is known from a disk now", worker->name,
			   (unsigned long long)epoch);
}

static void take_over(struct worker *worker)
{
	const char *run_dir = worker->shared->run_dir;
	bool taken = rundir_is_taken(run_dir, worker->name) ||
		     (!worker->staged && !rundir_has_copy(run_dir, worker->name));
	char error[CONFIG_ERROR_MAX];
	struct run run;
	int failed;

	if (!plan_again(worker, error)) {
		log_error("identity %s: not taken over: %s", worker->name, error);
		worker_report(worker, -EINVAL, !taken, error);
		return;
	}
	if (holdings_take(run_dir, worker->plan->identity, error)) {
		refuse_takeover(worker, taken, error);
		return;
	}
	if (taken)
		log_notice("identity %s: going on with a takeover that was interrupted", worker->name);
	/* Written beside the takeover, which does not wait for this node's own disk. */
	epochs_note(worker->shared->epochs, worker->name, worker->order.epoch);
	run = run_of(worker, taken);
	failed = run_takeover(&run);
	if (failed && failed != -ECANCELED && run.clean)
		/* Before anybody hears of it and wants the place. */
		rundir_unmark_taken(run_dir, worker->name);
	if (!failed)
		epoch_is_kept(worker);
	else if (run.seen_epoch)
		learn_epoch(worker, run.seen_epoch);
	worker->staged = false;
	if (!failed)
		findings_forget(worker, 0);
	worker_report_run(worker, &run, failed, "all steps taken");
}

/* For struct run: what an audit finds is told when it changed. */
static int report_finding(const struct hotid_step *step, void *data)
{
	struct worker *worker = data;
	int *known = &worker->findings[step->index - 1];
	int error;

	if (*known == (int)step->error)
		return 0;
	if (step->error)
		log_error("identity %s: %s: %s", worker->name, step->name, step->message);
	else if (*known != FINDING_UNKNOWN)
		log_notice("identity %s: %s: well again", worker->name, step->name);
	do
		error = hotid_step_report(worker->h, worker->name, worker->order.state,
					  worker->order.epoch, step);
	while (error == -ESTALE && look_again(worker));
	if (!error)
		*known = (int)step->error;
	else if (error != -ESTALE)
		log_warning("identity %s: \"%s\" not reported: %s", worker->name, step->name,
			    hotid_strerror(worker->h, error));
	return error == -ESTALE ? error : 0;
}

/* Whether what is held is still so, and what is armed could still be taken. */
static void audit(struct worker *worker)
{
	bool held = worker->order.state == HOTID_IDENTITY_STATE_HELD, fault = true;
	char error[CONFIG_ERROR_MAX];
	struct run run;
	int failed;

	worker->audit_at_ns = clock_ns() + worker->shared->audit_ms * 1000000ULL;
	if (plan_again(worker, error)) {
		if (!worker->findings)
			findings_forget(worker, FINDING_UNKNOWN);
		run = run_of(worker, held);
		run.report = report_finding;
		run.verb_ms = AUDIT_VERB_MS;
		failed = run_audit(&run, held ? HOTID_VERB_VERIFY : HOTID_VERB_VALIDATE);
		if (failed == -ECANCELED)
			return;
		fault = failed;
		snprintf(error, sizeof(error), "%.*s", HOTID_MESSAGE_MAX, run.message);
	}
	if (fault && (!worker->pulse.fault || !worker->audited))
		log_error("identity %s: %s: %s", worker->name,
			  held ? "held, but not whole" : "armed, but not fit", error);
	else if (!fault && (worker->pulse.fault || !worker->audited))
		log_info("identity %s: %s", worker->name, held ? "held, and whole" : "armed, and fit");
	worker->pulse.fault = fault;
	worker->audited = true;
}

/* What is held: announced. What is armed: looked at, whether it could still be taken. */
static void once_more(struct worker *worker)
{
	char error[CONFIG_ERROR_MAX];
	struct run run;
	int failed;

	if (worker->order.state == HOTID_IDENTITY_STATE_ARMED)
		stage_again(worker);
	if (worker->order.state != HOTID_IDENTITY_STATE_HELD || !plan_again(worker, error))
		return;
	run = run_of(worker, true);
	failed = run_announce(&run);
	if (failed && failed != -ECANCELED)
		log_error("identity %s: not announced again: %s", worker->name, run.message);
	else if (!failed)
		log_info("identity %s: announced again", worker->name);
}

static void release(struct worker *worker)
{
	uint32_t from = worker->order.previous;
	bool copy = rundir_has_copy(worker->shared->run_dir, worker->name);
	/* Without the run directory, where the identity comes from has to tell. */
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
	if (!plan_again(worker, error)) {
		log_error("identity %s: no plan to undo: %s", worker->name, error);
		worker_report(worker, -EINVAL, false, error);
		return;
	}
	run = run_of(worker, taken);
	run.superseded = worker->order.reason == HOTID_REASON_SUPERSEDED;
	failed = run_undo(&run);
	if (!failed)
		rundir_unmark_taken(worker->shared->run_dir, worker->name);
	worker->staged = false;
	worker_report_run(worker, &run, failed, "all steps undone");
}

static enum arm_policy arm_policy(struct worker *worker)
{
	enum arm_policy policy;

	pthread_mutex_lock(&worker->lock);
	policy = worker->arm_policy;
	pthread_mutex_unlock(&worker->lock);
	return policy;
}

static void ask_to_arm(struct worker *worker)
{
	int error = hotid_identity_arm(worker->h, worker->name);

	if (error)
		log_error("identity %s: not armed: %s", worker->name, hotid_strerror(worker->h, error));
}

static void forget(struct worker *worker)
{
	worker->pulse.fault = false;
	if (undo_leftovers(worker))
		rundir_forget(worker->shared->run_dir, worker->name);
	plan_drop(worker);
	/* Untouched since the module was loaded, which is once in a boot. */
	if (!worker->arm_again && (worker->order.changed_ns || arm_policy(worker) != ARM_BOOT))
		return;
	worker->arm_again = false;
	ask_to_arm(worker);
}

/* What a failure left behind, disarm will ask to undo; all else is over. */
static void give_up(struct worker *worker)
{
	worker->arm_again = false;
	worker->pulse.fault = false;
	if (!worker->order.clean)
		return;
	plan_drop(worker);
	rundir_forget(worker->shared->run_dir, worker->name);
}

/* A new stay. What a takeover or arming did was verified as it was done; a restart asks at once. */
static void audits_begin(struct worker *worker)
{
	uint32_t state = worker->order.state;
	bool audited = state == HOTID_IDENTITY_STATE_HELD || state == HOTID_IDENTITY_STATE_ARMED;
	uint64_t wait_ns = worker->findings ? worker->shared->audit_ms * 1000000ULL : 0;

	worker->pulse.fault = worker->audited = false;
	worker->audit_at_ns = audited ? clock_ns() + wait_ns : NEVER_NS;
}

/*
 * What failed and left nothing behind. Arming is tried again without end, since
 * a node that cannot be armed is no spare; a takeover is not, since each may
 * disturb who lives on.
 */
static void plan_retry(struct worker *worker)
{
	bool takeover = worker->order.previous == HOTID_IDENTITY_STATE_TAKING;
	unsigned int *tries = takeover ? &worker->takeover_tries : &worker->arm_tries;
	uint32_t ms;

	if (!worker->order.clean || !retry_may_pass(worker->order.error))
		return;
	if (takeover ? !(worker->order.flags & HOTID_IDENTITY_FLAGS_AUTO) :
		       arm_policy(worker) != ARM_BOOT && !worker->takeover_tries)
		return;
	if (takeover && *tries >= RETRY_TAKEOVERS) {
		log_error("identity %s: %u takeovers failed; no more are tried until it is armed by hand",
			  worker->name, *tries + 1);
		worker->takeover_tries = 0;
		return;
	}
	ms = retry_delay_ms((*tries)++);
	worker->retry_at_ns = clock_ns() + ms * 1000000ULL;
	log_notice("identity %s: its cause may pass, so it is armed again in %u s%s", worker->name,
		   ms / 1000, takeover ? " and taken over if that is still needed" : "");
}

/* Each order is news: what was planned for the state before is void. */
static void tries_count(struct worker *worker)
{
	worker->retry_at_ns = NEVER_NS;
	switch (worker->order.state) {
	case HOTID_IDENTITY_STATE_HELD:
	case HOTID_IDENTITY_STATE_OFFLINE:
		worker->takeover_tries = 0;
		worker->arm_tries = 0;
		break;
	case HOTID_IDENTITY_STATE_ARMED:
		worker->arm_tries = 0;
		worker->armed_ns = worker->order.changed_ns;
		break;
	case HOTID_IDENTITY_STATE_TAKING:
		/* Not what followed the last try, but another cause much later. */
		if (worker->order.changed_ns > worker->armed_ns + RETRY_APART_NS)
			worker->takeover_tries = 0;
		break;
	}
}

/* A person may have mended what failed, or wants it armed from now on. */
static void configured(struct worker *worker)
{
	if (worker->order.state == HOTID_IDENTITY_STATE_FAILED && worker->order.clean &&
	    worker->order.previous == HOTID_IDENTITY_STATE_ARMING &&
	    arm_policy(worker) == ARM_BOOT)
		ask_to_arm(worker);
	else if (worker->order.state == HOTID_IDENTITY_STATE_OFFLINE && !worker->order.changed_ns &&
		 arm_policy(worker) == ARM_BOOT)
		ask_to_arm(worker);
}

static void carry_out(struct worker *worker)
{
	audits_begin(worker);
	tries_count(worker);
	switch (worker->order.state) {
	case HOTID_IDENTITY_STATE_OFFLINE:
		forget(worker);
		break;
	case HOTID_IDENTITY_STATE_ARMING:
		arm(worker);
		break;
	case HOTID_IDENTITY_STATE_ARMED:
		stage_again(worker);
		break;
	case HOTID_IDENTITY_STATE_TAKING:
		take_over(worker);
		break;
	case HOTID_IDENTITY_STATE_HELD:
		break;		/* audits follow */
	case HOTID_IDENTITY_STATE_RELEASING:
		release(worker);
		break;
	case HOTID_IDENTITY_STATE_FAILED:
		give_up(worker);
		plan_retry(worker);
		break;
	}
}

static void run_errand(struct worker *worker, enum errand errand)
{
	switch (errand) {
	case ERRAND_ORDER:
		carry_out(worker);
		break;
	case ERRAND_AGAIN:
		once_more(worker);
		break;
	case ERRAND_AUDIT:
		audit(worker);
		break;
	case ERRAND_CONFIGURED:
		configured(worker);
		break;
	case ERRAND_RETRY:
		worker->retry_at_ns = NEVER_NS;
		ask_to_arm(worker);
		break;
	default:
		break;
	}
}

static void *worker_main(void *data)
{
	struct worker *worker = data;
	enum errand errand;

	/* Below the main thread and the kick, which must not wait for a busy worker. */
	if (worker->shared->priority)
		priority_set(worker->shared->priority > 1 ? worker->shared->priority - 1 : 1);
	while ((errand = errand_wait(worker)) != ERRAND_END)
		run_errand(worker, errand);
	plan_drop(worker);
	hotid_close(worker->h);
	pulse_end(&worker->pulse);
	return NULL;
}

static int thread_start(struct worker *worker)
{
	pthread_attr_t attributes;
	char name[16];
	int error;

	error = pthread_attr_init(&attributes);
	if (error)
		return error;
	error = pthread_attr_setstacksize(&attributes, STACK_SIZE);
	if (!error)
		error = pthread_create(&worker->thread, &attributes, worker_main, worker);
	pthread_attr_destroy(&attributes);
	if (!error) {
		snprintf(name, sizeof(name), "%.15s", worker->name);
		pthread_setname_np(worker->thread, name);
	}
	return error;
}

struct worker *worker_start(const struct worker_shared *shared, const char *name,
			    enum arm_policy policy)
{
	struct worker *worker = must_calloc(1, sizeof(*worker));
	int error;

	snprintf(worker->name, sizeof(worker->name), "%s", name);
	snprintf(worker->title, sizeof(worker->title), "identity %s", name);
	worker->pulse.name = worker->title;
	worker->shared = shared;
	pthread_mutex_init(&worker->lock, NULL);
	pthread_cond_init(&worker->news, NULL);
	/* No state that the module knows: the first order is news. */
	worker->current.state = UINT32_MAX;
	worker->order.state = UINT32_MAX;
	worker->arm_policy = policy;
	worker->audit_at_ns = worker->retry_at_ns = NEVER_NS;
	worker->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (worker->cancel_fd < 0) {
		log_error("identity %s: eventfd: %m", name);
		goto free_worker;
	}
	error = hotid_open(&worker->h);
	if (error) {
		log_error("identity %s: %s", name, hotid_strerror(NULL, error));
		goto close_fd;
	}
	pulse_join(&worker->pulse);
	error = thread_start(worker);
	if (error) {
		log_error("identity %s: no thread: %s", name, strerror(error));
		goto leave;
	}
	return worker;

leave:
	pulse_leave(&worker->pulse);
	hotid_close(worker->h);
close_fd:
	close(worker->cancel_fd);
free_worker:
	free(worker);
	return NULL;
}

void worker_order(struct worker *worker, const struct hotid_identity *identity)
{
	order_post(worker, order_of(identity));
}

void worker_again(struct worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	if (!worker->has_pending) {
		worker->again = true;
		pthread_cond_signal(&worker->news);
	}
	pthread_mutex_unlock(&worker->lock);
}

void worker_set_arm(struct worker *worker, enum arm_policy policy)
{
	pthread_mutex_lock(&worker->lock);
	worker->arm_policy = policy;
	worker->configured = true;
	pthread_cond_signal(&worker->news);
	pthread_mutex_unlock(&worker->lock);
}

void worker_audit(struct worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	if (!worker->has_pending) {
		worker->audit = true;
		pthread_cond_signal(&worker->news);
	}
	pthread_mutex_unlock(&worker->lock);
}

void worker_halt(struct worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	worker->halt = true;
	eventfd_write(worker->cancel_fd, 1);
	pthread_cond_signal(&worker->news);
	pthread_mutex_unlock(&worker->lock);
}

bool worker_join(struct worker *worker, uint64_t deadline_ns)
{
	struct timespec until = {
		.tv_sec = (time_t)(deadline_ns / 1000000000),
		.tv_nsec = (long)(deadline_ns % 1000000000),
	};

	/* One that does not end keeps its memory; the process ends soon. */
	if (pthread_clockjoin_np(worker->thread, NULL, CLOCK_MONOTONIC, &until))
		return false;
	pulse_leave(&worker->pulse);
	close(worker->cancel_fd);
	pthread_cond_destroy(&worker->news);
	pthread_mutex_destroy(&worker->lock);
	free(worker);
	return true;
}

const char *worker_name(const struct worker *worker)
{
	return worker->name;
}

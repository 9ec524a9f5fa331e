// SPDX-License-Identifier: GPL-2.0
/* Audits of what is held or armed. In the worker's thread. */
#include "worker_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "hotid_daemon.h"

/* A verb of an audit only looks, and waits for nothing to come true. */
#define AUDIT_VERB_MS	10000

/* That makes the next audit tell of all, since the daemon before this one told something. */
#define FINDING_UNKNOWN	(-1)

static void findings_set(struct worker *worker, int as)
{
	worker->findings = must_realloc(worker->findings, worker->plan->n_steps,
					sizeof(worker->findings[0]));
	for (size_t i = 0; i < worker->plan->n_steps; i++)
		worker->findings[i] = (struct finding){ .error = as };
}

/* For struct run: what an audit finds is told when it changed. */
static int report_finding(const struct hotid_step *step, void *data)
{
	struct worker *worker = data;
	struct finding *known = &worker->findings[step->index - 1];
	int error;

	/* The first of two faults may be gone and the second still be there. */
	if (known->error == (int)step->error &&
	    (!step->error || !strcmp(known->message, step->message)))
		return 0;
	if (step->error)
		log_error("identity %s: %s: %s", worker->name, step->name, step->message);
	else if (known->error != FINDING_UNKNOWN)
		log_notice("identity %s: %s: well again", worker->name, step->name);
	error = worker_report_step(worker, step);
	if (!error) {
		known->error = (int)step->error;
		snprintf(known->message, sizeof(known->message), "%s", step->message);
	} else if (error != -ESTALE) {
		log_warning("identity %s: \"%s\" not reported: %s", worker->name, step->name,
			    hotid_strerror(worker->h, error));
	}
	return error == -ESTALE ? error : 0;
}

/* Whether what is held is still so, and what is armed could still be taken. */
void worker_audit_now(struct worker *worker)
{
	bool held = worker->order.state == HOTID_IDENTITY_STATE_HELD, fault = true;
	char error[CONFIG_ERROR_MAX];
	struct run run;
	int failed;

	worker->audit_at_ns = clock_ns() + worker->shared->audit_ms * 1000000ULL;
	if (worker_plan_again(worker, error)) {
		if (!worker->findings)
			findings_set(worker, FINDING_UNKNOWN);
		run = worker_run(worker, held);
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
		log_info("identity %s: %s", worker->name,
			 held ? "held, and whole" : "armed, and fit");
	worker->pulse.fault = fault;
	worker->audited = true;
}

/* A new stay. What a takeover or arming did was verified as it was done; a restart asks at once. */
void worker_audits_begin(struct worker *worker)
{
	uint32_t state = worker->order.state;
	bool audited = state == HOTID_IDENTITY_STATE_HELD || state == HOTID_IDENTITY_STATE_ARMED;
	uint64_t wait_ns = worker->findings ? worker->shared->audit_ms * 1000000ULL : 0;

	worker->pulse.fault = worker->audited = false;
	worker->audit_at_ns = audited ? clock_ns() + wait_ns : NEVER_NS;
}

void worker_verified(struct worker *worker)
{
	findings_set(worker, 0);
}

// SPDX-License-Identifier: GPL-2.0
/* What a run reports to the module and to the log. */
#include "worker_parts.h"

#include <errno.h>
#include <stdio.h>

#include "base/log.h"
#include "hotid_daemon.h"
#include "worker.h"

/*
 * A report was refused as stale: see where the identity stands. True when it
 * is still the same stay and only the epoch moved on, so that the report can
 * be made again.
 */
bool worker_look_again(struct worker *worker)
{
	struct hotid_identity identity;
	bool moved = false;
	struct order now;
	int error;

	error = hotid_identity_get(worker->h, worker->name, &identity);
	if (error) {
		log_error("identity %s: cannot read its state: %s", worker->name,
			  hotid_strerror(worker->h, error));
		return false;
	}
	now = worker_order_of(&identity);
	if (worker_same_stay(&now, &worker->order)) {
		moved = now.epoch != worker->order.epoch;
		worker->order.epoch = now.epoch;
	} else {
		worker_order(worker, &identity);
	}
	hotid_identity_clear(&identity);
	return moved;
}

/* For what the module has no report: only failures, to the log. */
int worker_log_step(const struct hotid_step *step, void *data)
{
	struct worker *worker = data;

	if (step->status == HOTID_STEP_STATUS_FAILED)
		log_error("identity %s: %s of \"%s\" failed: %s", worker->name,
			  hotid_verb_name(step->verb), step->name, step->message);
	return 0;
}

int worker_report_step(struct worker *worker, const struct hotid_step *step)
{
	int error;

	do
		error = hotid_step_report(worker->h, worker->name, worker->order.state,
					  worker->order.epoch, step);
	while (error == -ESTALE && worker_look_again(worker));
	return error;
}

/* For struct run: only a report that is stale for the module ends a run. */
static int report_step(const struct hotid_step *step, void *data)
{
	struct worker *worker = data;
	int error = worker_report_step(worker, step);

	/* Undo of steps that this module has no record of needs none. */
	if (error && error != -ESTALE && !(error == -ERANGE && step->verb == HOTID_VERB_UNDO))
		log_warning("identity %s: step \"%s\" not reported: %s", worker->name, step->name,
			    hotid_strerror(worker->h, error));
	worker_log_step(step, worker);
	return error == -ESTALE ? error : 0;
}

struct run worker_run(struct worker *worker, bool taken)
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

/* The outcome of worker->order. */
void worker_report(struct worker *worker, int error, bool clean, const char *message)
{
	char cut[HOTID_MESSAGE_MAX + 1];
	int refused;

	snprintf(cut, sizeof(cut), "%.*s", HOTID_MESSAGE_MAX, message);
	do
		refused = hotid_identity_report(worker->h, worker->name, worker->order.state,
						worker->order.epoch, (uint32_t)-error, clean, cut);
	while (refused == -ESTALE && worker_look_again(worker));
	if (refused && refused != -ESTALE)
		log_error("identity %s: outcome not reported: %s", worker->name,
			  hotid_strerror(worker->h, refused));
}

void worker_report_run(struct worker *worker, const struct run *run, int error,
		       const char *success)
{
	if (error == -ECANCELED)
		/* There is a new order; or the report was stale for the module. */
		worker_look_again(worker);
	else
		worker_report(worker, error, run->clean, error ? run->message : success);
}

// SPDX-License-Identifier: GPL-2.0
/* The worker's plan, also that of a daemon before this one. */
#include "worker_parts.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "config/reader.h"
#include "step/rundir.h"

void worker_plan_drop(struct worker *worker)
{
	free(worker->findings);
	worker->findings = NULL;
	plan_free(worker->plan);
	worker->plan = NULL;
	worker->staged = false;
}

/* Into worker->plan; otherwise false with @error. */
bool worker_plan_from(struct worker *worker, const char *path, char *error)
{
	struct identity_config *identity = config_read_identity(path, error);

	if (identity)
		worker->plan = plan_compile(identity);
	return identity;
}

/*
 * The plan again, after a restart of the daemon: from the copy that was kept
 * when it was armed, or from the file when there is none.
 */
bool worker_plan_again(struct worker *worker, char *error)
{
	char *path;
	bool good;

	if (worker->plan)
		return true;
	if (rundir_has_copy(worker->shared->run_dir, worker->name))
		path = rundir_copy_path(worker->shared->run_dir, worker->name);
	else
		path = must_printf("%s/%s.yaml", worker->shared->identities_dir, worker->name);
	good = worker_plan_from(worker, path, error);
	free(path);
	return good;
}

/*
 * What an earlier daemon staged or took when it was killed, in a state that is
 * over now: it was arming, or the module was unloaded and knows nothing any
 * more. True when nothing of it is left.
 */
bool worker_undo_leftovers(struct worker *worker)
{
	char error[CONFIG_ERROR_MAX];
	struct run run;
	bool gone;

	if (worker->plan || !rundir_has_copy(worker->shared->run_dir, worker->name))
		return true;
	if (!worker_plan_again(worker, error)) {
		log_error("identity %s: what an earlier daemon left is not undone: %s", worker->name,
			  error);
		return false;
	}
	log_notice("identity %s: undoing what an earlier daemon left", worker->name);
	run = worker_run(worker, rundir_is_taken(worker->shared->run_dir, worker->name));
	run.report = worker_log_step;
	gone = !run_undo(&run);
	worker_plan_drop(worker);
	return gone;
}

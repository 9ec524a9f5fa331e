/* SPDX-License-Identifier: GPL-2.0 */
/* Between the files of the worker; nobody else includes this. */
#ifndef HOTIDD_WORKER_PARTS_H
#define HOTIDD_WORKER_PARTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/pulse.h"
#include "plan/runner.h"
#include "worker_shared.h"

#define NEVER_NS	UINT64_MAX

/* Where the identity stands, as far as the worker cares. */
struct order {
	uint32_t state, previous, reason, flags;
	uint64_t epoch, changed_ns;
	int error;
	bool clean;
};

/* What the thread has to do next; of several the first one here. */
enum errand {
	ERRAND_END,
	ERRAND_ORDER,			/* worker->pending is new */
	ERRAND_AGAIN,			/* look at it, or announce it, once more */
	ERRAND_CONFIGURED,		/* the configuration was read again */
	ERRAND_RETRY,			/* of what failed */
	ERRAND_AUDIT,
	ERRAND_NONE,
};

/* What an audit reported of a step: an errno, 0 for well, and why. */
struct finding {
	int error;
	char message[HOTID_MESSAGE_MAX + 1];
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
	bool wanted[ERRAND_NONE];	/* lock */
	_Atomic enum arm_policy arm_policy;

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
	bool asked;			/* the last takeover was, the module did not begin it */
	bool audited;			/* in this stay */
	struct finding *findings;	/* of each step, as the module knows it */
};

/* worker.c: the news, and the thread that it wakes */
struct order worker_order_of(const struct hotid_identity *identity);
bool worker_same_stay(const struct order *a, const struct order *b);

/* worker_report.c: what a run reports to the module and to the log */
bool worker_look_again(struct worker *worker);
int worker_log_step(const struct hotid_step *step, void *data);
int worker_report_step(struct worker *worker, const struct hotid_step *step);
struct run worker_run(struct worker *worker, bool taken);	/* reports to the module */
void worker_report(struct worker *worker, int error, bool clean, const char *message);
void worker_report_run(struct worker *worker, const struct run *run, int error,
		       const char *success);

/* worker_plan.c: the plan, also that of a daemon before this one */
void worker_plan_drop(struct worker *worker);
bool worker_plan_from(struct worker *worker, const char *path, char *error);
bool worker_plan_again(struct worker *worker, char *error);
bool worker_undo_leftovers(struct worker *worker);

/* worker_state.c: carries out worker->order */
void worker_carry_out(struct worker *worker);
void worker_once_more(struct worker *worker);

/*
 * worker_audit.c. A new stay begins its audits; one that this process verified
 * as it came to it waits for a period, else it is audited at once.
 */
void worker_audits_begin(struct worker *worker);
void worker_verified(struct worker *worker);
void worker_audit_now(struct worker *worker);

/* worker_retry.c: who is armed without an order, and what is tried again */
void worker_tries_begin(struct worker *worker);
void worker_ask_to_arm(struct worker *worker);
void worker_plan_retry(struct worker *worker);
void worker_retry_now(struct worker *worker);
void worker_configured(struct worker *worker);

#endif /* HOTIDD_WORKER_PARTS_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * The worker's thread and its mailbox. What is marked "lock" is shared; the
 * rest is the thread's.
 */
#define _GNU_SOURCE
#include "worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/priority.h"
#include "base/thread.h"
#include "worker_parts.h"

#define STACK_SIZE	(512 * 1024)

/* Between two signs of life of a worker that has nothing to do. */
#define IDLE_NS		1000000000ULL

/* What the thread has to do next. */
enum errand {
	ERRAND_NONE,
	ERRAND_END,
	ERRAND_ORDER,			/* worker->order is new */
	ERRAND_AGAIN,			/* look at it, or announce it, once more */
	ERRAND_AUDIT,
	ERRAND_CONFIGURED,		/* the configuration was read again */
	ERRAND_RETRY,			/* of what failed */
};

struct order worker_order_of(const struct hotid_identity *identity)
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
bool worker_same_stay(const struct order *a, const struct order *b)
{
	return a->state == b->state && a->changed_ns == b->changed_ns;
}

void worker_post(struct worker *worker, struct order order)
{
	const struct order *last;

	pthread_mutex_lock(&worker->lock);
	last = worker->has_pending ? &worker->pending : &worker->current;
	if (order.changed_ns >= last->changed_ns && !worker_same_stay(&order, last)) {
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

static void run_errand(struct worker *worker, enum errand errand)
{
	switch (errand) {
	case ERRAND_ORDER:
		worker_carry_out(worker);
		break;
	case ERRAND_AGAIN:
		worker_once_more(worker);
		break;
	case ERRAND_AUDIT:
		worker_audit_now(worker);
		break;
	case ERRAND_CONFIGURED:
		worker_configured(worker);
		break;
	case ERRAND_RETRY:
		worker->retry_at_ns = NEVER_NS;
		worker_ask_to_arm(worker);
		break;
	default:
		break;
	}
}

static void *worker_main(void *data)
{
	struct worker *worker = data;
	enum errand errand;

	/* Below the main thread and that of keepalives, which must not wait for a busy worker. */
	if (worker->shared->priority)
		priority_set(worker->shared->priority > 1 ? worker->shared->priority - 1 : 1);
	while ((errand = errand_wait(worker)) != ERRAND_END)
		run_errand(worker, errand);
	worker_plan_drop(worker);
	hotid_close(worker->h);
	pulse_end(&worker->pulse);
	return NULL;
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
	error = thread_start(&worker->thread, worker->name, STACK_SIZE, worker_main, worker);
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
	worker_post(worker, worker_order_of(identity));
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

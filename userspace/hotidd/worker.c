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
#include "base/thread.h"
#include "worker_parts.h"

#define STACK_SIZE	(512 * 1024)

/* Between two signs of life of a worker that has nothing to do. */
#define IDLE_NS		1000000000ULL

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

void worker_order(struct worker *worker, const struct hotid_identity *identity)
{
	struct order order = worker_order_of(identity);
	const struct order *last;

	pthread_mutex_lock(&worker->lock);
	last = worker->wanted[ERRAND_ORDER] ? &worker->pending : &worker->current;
	if (order.changed_ns >= last->changed_ns && !worker_same_stay(&order, last)) {
		worker->pending = order;
		worker->wanted[ERRAND_ORDER] = true;
		worker->wanted[ERRAND_AGAIN] = worker->wanted[ERRAND_AUDIT] = false;
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
	until = clock_timespec(until_ns);
	pulse_until(&worker->pulse, until_ns);
	pthread_cond_clockwait(&worker->news, &worker->lock, CLOCK_MONOTONIC, &until);
}

static bool is_due(const struct worker *worker, enum errand errand)
{
	switch (errand) {
	case ERRAND_RETRY:
		return clock_ns() >= worker->retry_at_ns;
	case ERRAND_AUDIT:
		return worker->audit_at_ns != NEVER_NS &&
		       (worker->wanted[errand] || clock_ns() >= worker->audit_at_ns);
	default:
		return worker->wanted[errand];
	}
}

static enum errand errand_look(const struct worker *worker)
{
	enum errand errand = ERRAND_END;

	while (errand != ERRAND_NONE && !is_due(worker, errand))
		errand++;
	return errand;
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
	worker->wanted[errand] = false;
	if (errand == ERRAND_ORDER) {
		worker->order = worker->current = worker->pending;
		eventfd_read(worker->cancel_fd, &drained);
	}
	pthread_mutex_unlock(&worker->lock);
	return errand;
}

static void *worker_main(void *data)
{
	static void (*const errands[])(struct worker *worker) = {
		[ERRAND_ORDER] = worker_carry_out,
		[ERRAND_AGAIN] = worker_once_more,
		[ERRAND_CONFIGURED] = worker_configured,
		[ERRAND_RETRY] = worker_retry_now,
		[ERRAND_AUDIT] = worker_audit_now,
	};
	struct worker *worker = data;
	enum errand errand;

	if (worker->shared->priority)
		priority_set(worker->shared->priority);
	while ((errand = errand_wait(worker)) != ERRAND_END)
		errands[errand](worker);
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

/* An order that is there goes first, and makes it void. */
static void want(struct worker *worker, enum errand errand)
{
	pthread_mutex_lock(&worker->lock);
	worker->wanted[errand] = !worker->wanted[ERRAND_ORDER];
	pthread_cond_signal(&worker->news);
	pthread_mutex_unlock(&worker->lock);
}

void worker_again(struct worker *worker)
{
	want(worker, ERRAND_AGAIN);
}

void worker_audit(struct worker *worker)
{
	want(worker, ERRAND_AUDIT);
}

void worker_set_arm(struct worker *worker, enum arm_policy policy)
{
	worker->arm_policy = policy;
	pthread_mutex_lock(&worker->lock);
	worker->wanted[ERRAND_CONFIGURED] = true;
	pthread_cond_signal(&worker->news);
	pthread_mutex_unlock(&worker->lock);
}

void worker_halt(struct worker *worker)
{
	worker->halt = true;
	pthread_mutex_lock(&worker->lock);
	worker->wanted[ERRAND_END] = true;
	eventfd_write(worker->cancel_fd, 1);
	pthread_cond_signal(&worker->news);
	pthread_mutex_unlock(&worker->lock);
}

bool worker_join(struct worker *worker, uint64_t deadline_ns)
{
	const struct timespec until = clock_timespec(deadline_ns);

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

// SPDX-License-Identifier: GPL-2.0
/* Who is armed without an order, and what is tried again. */
#include "worker_parts.h"

#include "base/clock.h"
#include "base/log.h"
#include "retry.h"

/* An identity that was armed for so long is taken over for a new reason. */
#define RETRY_APART_NS	60000000000ULL

void worker_ask_to_arm(struct worker *worker)
{
	int error = hotid_identity_arm(worker->h, worker->name);

	if (error)
		log_error("identity %s: not armed: %s", worker->name,
			  hotid_strerror(worker->h, error));
}

/*
 * What failed and left nothing behind. Arming is tried again without end, since
 * a node that cannot be armed is no spare; a takeover is not, since each may
 * disturb who lives on, and only when the module began it: who requested
 * one gets the failure, and decides.
 */
void worker_plan_retry(struct worker *worker)
{
	bool takeover = worker->order.previous == HOTID_IDENTITY_STATE_TAKING;
	unsigned int *tries = takeover ? &worker->takeover_tries : &worker->arm_tries;
	uint32_t ms;

	if (!worker->order.clean || !retry_may_pass(worker->order.error))
		return;
	if (takeover ? worker->asked || !(worker->order.flags & HOTID_IDENTITY_FLAGS_AUTO) :
		       worker->arm_policy != ARM_BOOT && !worker->takeover_tries)
		return;
	if (takeover && *tries >= RETRY_TAKEOVERS) {
		log_error("identity %s: %u takeovers failed; no more are tried until it is armed by hand",
			  worker->name, *tries + 1);
		worker->takeover_tries = 0;
		return;
	}
	ms = retry_delay_ms((*tries)++);
	worker->retry_at_ns = clock_ns() + ms * 1000000ULL;
	log_notice("identity %s: the cause may pass, so it is armed again in %u s%s", worker->name,
		   ms / 1000, takeover ? " and taken over if that is still needed" : "");
}

/* Each order is news: what was planned for the state before is void. */
void worker_tries_begin(struct worker *worker)
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
		worker->asked = worker->order.reason == HOTID_REASON_ADMIN;
		/* Not what followed the last try, but another cause much later. */
		if (worker->order.changed_ns > worker->armed_ns + RETRY_APART_NS)
			worker->takeover_tries = 0;
		break;
	}
}

void worker_retry_now(struct worker *worker)
{
	worker->retry_at_ns = NEVER_NS;
	worker_ask_to_arm(worker);
}

/* What failed may be fixed, or the identity may be armed at boot from now on. */
void worker_configured(struct worker *worker)
{
	const struct order *order = &worker->order;

	if (worker->arm_policy == ARM_BOOT &&
	    ((order->state == HOTID_IDENTITY_STATE_FAILED && order->clean &&
	      order->previous == HOTID_IDENTITY_STATE_ARMING) ||
	     (order->state == HOTID_IDENTITY_STATE_OFFLINE && !order->changed_ns)))
		worker_ask_to_arm(worker);
}

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTIDD_WORKER_SHARED_H
#define HOTIDD_WORKER_SHARED_H

#include <stdatomic.h>

#include "config/config.h"

struct epochs;

/* What all workers of a daemon share. Must outlive them. */
struct worker_shared {
	const char *identities_dir;	/* of the configuration */
	const char *run_dir;
	uint8_t node_id[HOTID_ID_LEN];
	int priority;			/* SCHED_FIFO of their threads, 0 for none */
	atomic_uint audit_ms;		/* between two audits */
	struct epochs *epochs;
};

#endif /* HOTIDD_WORKER_SHARED_H */

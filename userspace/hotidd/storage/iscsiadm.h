/* SPDX-License-Identifier: GPL-2.0 */
/* Runs open-iscsi's iscsiadm for one entry of an identity. */
#ifndef HOTIDD_ISCSIADM_H
#define HOTIDD_ISCSIADM_H

#include "step/job.h"

/* Where it may have its lock. */
#define ISCSIADM_LOCKS		{ "/run/lock/iscsi/lock.write", "/run/iscsi/lock.write" }

/* Its exit codes, from its manual page. */
#define ISCSIADM_DB_FAILURE	6	/* a record cannot be read or written */
#define ISCSIADM_SESSION_EXISTS	15
#define ISCSIADM_NOT_FOUND	21

/**
 * iscsiadm_run() - run "iscsiadm -m MODE ..." under the entry's iface record
 * @item: the entry
 * @mode: "iface", or "node" for the record of the entry's target
 * @more: further arguments, ending with NULL
 *
 * Return: the exit status; or a negative errno with the message set.
 */
int iscsiadm_run(struct step_env *env, size_t item, struct job_child *child, const char *mode,
		 const char *const more[]);

#define ISCSIADM(env, item, child, mode, ...) \
	iscsiadm_run(env, item, child, mode, (const char *const[]){ __VA_ARGS__, NULL })

/* The most specific part of its output: the target's answer, else the last line. */
const char *iscsiadm_cause(struct job_child *child);

#endif /* HOTIDD_ISCSIADM_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One identity on this node: a thread that does what the module's state of it
 * requires, and reports. The thread has its own connection to the module.
 *
 *   state       what the worker does
 *   arming      compile the plan from the file, validate and stage; report
 *   armed       after a restart of the daemon stage again, in silence; audits
 *   taking      take and verify every step; report
 *   held        audits
 *   releasing   undo every step, last one first; report
 *   offline     forget the plan
 *   failed      keep the plan if something is left: disarm undoes it
 *
 * An order for a newer state ends what runs, except an undo.
 *
 * With arm: boot an identity that nothing happened to since the module was
 * loaded is armed, and arming is tried again when the cause of its failure may
 * pass (retry.h). So is a takeover that the module began since the holder was
 * lost: it is armed again, and the module takes it over once more if the holder
 * is still lost and nobody else has it.
 *
 * An audit checks whether what is held is still so (each step's verify) or what
 * is armed could still be taken (its validate). What it finds is reported to
 * the module when it changes, and is in the pulse's fault. It fixes nothing.
 */
#ifndef HOTIDD_WORKER_H
#define HOTIDD_WORKER_H

#include "worker_shared.h"

struct worker;

/* NULL after an error was logged. */
struct worker *worker_start(const struct worker_shared *shared, const char *name,
			    enum arm_policy policy);

/* Where the identity stands. Repeated and outdated orders do no harm. */
void worker_order(struct worker *worker, const struct hotid_identity *identity);

/*
 * Once more: announce the identity if it is held when the worker gets to it;
 * if it is armed, look whether it could still be taken. An order that is there
 * goes first, and makes it void.
 */
void worker_again(struct worker *worker);

/* The configuration was read again: this holds now, and what failed is tried again at once. */
void worker_set_arm(struct worker *worker, enum arm_policy policy);

/* Something changed that may concern it: audit soon, if it is held or armed. */
void worker_audit(struct worker *worker);

/* End its thread; nothing is undone. Then wait for it, at most until @deadline_ns. */
void worker_halt(struct worker *worker);
bool worker_join(struct worker *worker, uint64_t deadline_ns);

const char *worker_name(const struct worker *worker);

#endif /* HOTIDD_WORKER_H */

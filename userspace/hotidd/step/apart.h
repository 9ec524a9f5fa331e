/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Verbs that ask storage for something, in a process of their own. A target
 * that does not answer keeps a system call (mount, umount, a reservation's
 * ioctl, open) in the kernel beyond every deadline and every signal; so what
 * makes it must be something that can be left behind.
 *
 * A process that was left behind may still get its answer, and what it asked
 * for is done then. Hence it is noted in the run directory, also for a later
 * daemon, and nothing else of its step is begun while it is there: see
 * apart_run(). It dies as soon as the kernel lets it.
 */
#ifndef HOTIDD_APART_H
#define HOTIDD_APART_H

#include <sys/types.h>

#include "step/kind.h"

typedef int (*apart_fn)(struct step *step, struct step_env *env);

/**
 * apart_call() - call a function in a process of its own
 * @fn: gets copies of everything, so it may change only the outer world; what it
 *	says in env->message and env->seen_epoch comes back. Of its descriptors only
 *	env->cancel_fd is open
 * @what: a word for messages: "take"
 * @left: when not NULL, gets the process that was left behind, or 0
 *
 * It has a moment beyond the deadline, or after it was cancelled, to end by
 * itself and to say why. Then it is killed, or left behind.
 *
 * Return: what @fn returned, with its message; -ETIMEDOUT or -ECANCELED when it
 * had to be killed or left behind, which the message says; or another negative errno.
 */
int apart_call(apart_fn fn, const char *what, struct step *step, struct step_env *env, pid_t *left);

/*
 * The same for a verb of a step. What was left behind of the step before is
 * waited for first, as long as the deadline allows; "verify" does not wait.
 */
int apart_run(apart_fn fn, const char *verb, struct step *step, struct step_env *env);

/* Runs a verb of a step: in this process, or by apart_run(). As the verb itself returns. */
int verb_run(struct step *step, enum hotid_verb verb, struct step_env *env);

/* Nothing of the step is there any more, so nothing that was left behind matters. */
void apart_forget(const struct step *step, const struct step_env *env);

#endif /* HOTIDD_APART_H */

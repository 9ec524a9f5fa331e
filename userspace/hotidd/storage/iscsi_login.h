/* SPDX-License-Identifier: GPL-2.0 */
/* Logs one entry of an identity in and out, through iscsid. */
#ifndef HOTIDD_ISCSI_LOGIN_H
#define HOTIDD_ISCSI_LOGIN_H

#include "storage/session.h"

/* How long iscsid tries. A target that is not there fails before the step's time is over. */
unsigned int iscsi_login_seconds(const struct step_env *env);

/**
 * iscsi_portal_reach() - connect to the portal and hang up
 *
 * It finds at once what iscsid would report after its retries. And it leaves
 * the portal's neighbour entry fresh: iscsid looks whether it is connected
 * once, without waiting, and then a second later, so a login that has to
 * resolve the address first takes that second. Nothing of the identity is in it.
 *
 * Return: 0 or a negative errno with the message set, as of the others here.
 */
int iscsi_portal_reach(struct step_env *env, size_t item);

/* Logs in under the identity's name, unless it is logged in already. */
int iscsi_log_in(struct step_env *env, size_t item);

/* Until the session is LOGGED_IN. */
int iscsi_login_wait(struct step_env *env, size_t item, struct session *session);

/* Until there is no session of the entry. */
int iscsi_log_out(struct step_env *env, size_t item);

#endif /* HOTIDD_ISCSI_LOGIN_H */

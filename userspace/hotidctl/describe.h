/* SPDX-License-Identifier: GPL-2.0 */
/* Events and steps as one line for people, without a newline. */
#ifndef HOTIDCTL_DESCRIBE_H
#define HOTIDCTL_DESCRIBE_H

#include "overview.h"

#define DESCRIBE_MAX	640

/* "armed -> taking, epoch 5, holder spare, peer-silent: MESSAGE" */
void describe_change(const struct hotid_identity *identity, const struct overview *overview,
		     char text[DESCRIBE_MAX]);

/* "guard: open, lease for 28 ms by 2 of 3 voters, 0 frames blocked"; "" without a guard */
void describe_guard(const struct hotid_identity *identity, uint64_t now_ns,
		    char text[DESCRIBE_MAX]);

/* "armed, epoch 6, holder active": what is known of it changed, not its state. */
void describe_identity(const struct hotid_identity *identity, const struct overview *overview,
		       char text[DESCRIBE_MAX]);

/* "fence     take      reservation data   done     12.345 ms  MESSAGE" */
void describe_step(const struct hotid_step *step, char text[DESCRIBE_MAX]);

/* "step 5 mount /srv/web: take failed after 3.2 ms: MESSAGE (EIO)" */
void describe_failure(const struct hotid_step *step, char text[DESCRIBE_MAX]);

/* "down, peer-gasp (panic), health userspace"; "up, path-silent, ..., 10.78.0.1:7707 down" */
void describe_peer(const struct hotid_peer *peer, char text[DESCRIBE_MAX]);

/* "peer-silent", "peer-gasp (panic)" */
void describe_reason(const struct hotid_peer *peer, char text[DESCRIBE_MAX]);

#endif /* HOTIDCTL_DESCRIBE_H */

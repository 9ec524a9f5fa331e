/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A port that several identities are armed for. Each of them has a memory of
 * how the port was before the first of them came (undo_state.h), and all memories are
 * the same; the last one to leave puts the port back. Only one of the
 * identities can be taken at a time.
 */
#ifndef HOTIDD_PORTSHARE_H
#define HOTIDD_PORTSHARE_H

#include "step/undo_state.h"
#include "net/port.h"

#define PORTSHARE_KIND	"net"		/* of the memories */

struct portshare {
	char identity[HOTID_NAME_MAX + 1];	/* the other one */
	bool here;			/* it is taken, so the port is its own now */
	struct undo_state keep;		/* its memory of the port */
};

/* The port that a memory is of. False when it does not say. */
bool portshare_port(const struct undo_state *keep, struct port *port);

/**
 * portshare_find() - another identity that has the port staged or taken
 * @other: one that is taken, if there is such a one
 *
 * Return: 1; 0 when there is none; or a negative errno with the message set.
 */
int portshare_find(const struct port *port, struct portshare *other, struct step_env *env);

/* The same, but -EBUSY for one that is taken: the port is its own. */
int portshare_check(const struct port *port, struct portshare *other, struct step_env *env);

#endif /* HOTIDD_PORTSHARE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* What a login needs of this node: open-iscsi's daemon and the modules of the kernel. */
#ifndef HOTIDD_ISCSID_H
#define HOTIDD_ISCSID_H

#include "step/kind.h"

/*
 * Started, and not only listened for by systemd: that would cost time later.
 * 0 or a negative errno with the message set.
 */
int iscsid_start(struct step_env *env);

/* The transport, and the driver of disks, which would be loaded when the first LUN appears. */
int iscsid_load_modules(struct step_env *env);

#endif /* HOTIDD_ISCSID_H */

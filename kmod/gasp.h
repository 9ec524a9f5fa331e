/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTID_GASP_H
#define HOTID_GASP_H

#include <linux/types.h>

struct hotid_node;

/* Register for panics and reboots; once for the module, while all namespaces have nodes. */
int hotid_gasp_init(void);
void hotid_gasp_exit(void);

/* One node gasps, or all do, for a reason of enum hotid_gasp, and are silent after it. */
void hotid_gasp_node(struct hotid_node *node, u8 reason);
void hotid_gasp_all(u8 reason);

/*
 * Routes and neighbours may have changed: build the frames for a panic anew, of all
 * targets. Command context.
 */
void hotid_gasp_refresh(struct hotid_node *node);

#endif /* HOTID_GASP_H */

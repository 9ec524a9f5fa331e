/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTID_PANIC_GASP_H
#define HOTID_PANIC_GASP_H

#include <linux/types.h>

struct hotid_node;

/*
 * Routes and neighbours may have changed: build the frames of all targets anew.
 * Command context.
 */
void hotid_panic_gasp_refresh(struct hotid_node *node);

/* Send them. In a panic: takes no lock, allocates nothing. */
void hotid_panic_gasp_send(struct hotid_node *node, u8 reason);

#endif /* HOTID_PANIC_GASP_H */

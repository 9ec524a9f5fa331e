/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTID_BEAT_H
#define HOTID_BEAT_H

#include <linux/types.h>

struct hotid_node;

void hotid_beat_init(struct hotid_node *node);

/*
 * Whatever a beat says or where it goes has changed: send one now, and go on
 * at the node's interval, or stop when there is no target.
 */
void hotid_beat_update(struct hotid_node *node);

/* From now on beats announce this interval, and soon keep it. Needs node->lock. */
void hotid_beat_interval(struct hotid_node *node, u32 interval_us);

/*
 * A keepalive of the daemon came: when its limit passes without another, a beat says
 * so at once. Needs node->lock.
 */
void hotid_beat_keepalive(struct hotid_node *node);

/* Stop for good. No target may be left. */
void hotid_beat_exit(struct hotid_node *node);

#endif /* HOTID_BEAT_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* Packets built ahead, for a kernel that panics. */
#ifndef HOTID_LASTWORD_H
#define HOTID_LASTWORD_H

#include <linux/if_ether.h>
#include <linux/skbuff.h>

struct hotid_node;
struct hotid_target;

#define HOTID_LASTWORDS	3

/**
 * struct hotid_lastword - the way of one target past the stack
 * @outlet: device it leaves through, NULL while none is known
 * @skb: whole frames; only sequence and MAC are still to be written
 */
struct hotid_lastword {
	struct hotid_outlet *outlet;
	struct sk_buff *skb[HOTID_LASTWORDS];
};

/* Hear of devices that go; once for the module. */
int hotid_lastword_init(void);
void hotid_lastword_exit(void);

/*
 * Routes and neighbours may have changed: build the frames of all targets
 * anew. Command context.
 */
void hotid_lastword_refresh(struct hotid_node *node);

/* The target is not in use any more. Command context. */
void hotid_lastword_drop(struct hotid_target *target);

/* Send them. In a panic: takes no lock, allocates nothing. */
void hotid_lastword_say(struct hotid_node *node, u8 reason);

#endif /* HOTID_LASTWORD_H */

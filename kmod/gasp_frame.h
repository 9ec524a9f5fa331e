/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTID_GASP_FRAME_H
#define HOTID_GASP_FRAME_H

#include "netpoll_target.h"

struct sk_buff;
struct sock;

#define HOTID_GASPS	3	/* that each target gets */

/**
 * struct hotid_gasp_frames - the way of one target past the stack
 * @netpoll: device it leaves through, NULL while none is known
 * @skb: whole frames; only gasp and checksum are still to be written
 */
struct hotid_gasp_frames {
	struct hotid_netpoll_target *netpoll;
	struct sk_buff *skb[HOTID_GASPS];
};

/**
 * hotid_gasp_frames_refresh() - build them anew, if route or neighbour changed
 * @frames: of one target; command context
 * @sk: its socket; it has a route once it is connected
 * @before: enum hotid_gasp_state so far
 *
 * Return: enum hotid_gasp_state.
 */
u8 hotid_gasp_frames_refresh(struct hotid_gasp_frames *frames, struct sock *sk, u8 before);

/* Nobody sends them any more. Process context. */
void hotid_gasp_frames_drop(struct hotid_gasp_frames *frames);

/* The gasp is in its place: write the checksum. Takes no lock. */
void hotid_gasp_frame_checksum(struct sk_buff *skb);

#endif /* HOTID_GASP_FRAME_H */

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTID_CHALLENGE_H
#define HOTID_CHALLENGE_H

#include <linux/types.h>

struct hotid_node;
struct hotid_peer;
struct hotid_wire_head;

/**
 * struct hotid_reply - a packet to send once node->lock is free
 * @peer: to whom, NULL for none
 * @type: enum hotid_packet
 * @nonce: what it carries as sequence
 */
struct hotid_reply {
	struct hotid_peer *peer;
	u8 type;
	u64 nonce;
};

/* Each needs node->lock. */

/* The peer sent a boot id that is not believed: ask for proof. */
void hotid_challenge_ask(struct hotid_peer *peer, u64 now, struct hotid_reply *reply);

/* The peer asks us. */
void hotid_challenge_asked(struct hotid_peer *peer, const struct hotid_wire_head *head,
			   u64 now, struct hotid_reply *reply);

/* Whether an answer proves that its boot id lives; true once per nonce. */
bool hotid_challenge_proven(struct hotid_peer *peer, const struct hotid_wire_head *head);

/* Send it on all paths. Under RCU, without node->lock, bottom halves off. */
void hotid_challenge_send(struct hotid_node *node, const struct hotid_reply *reply);

#endif /* HOTID_CHALLENGE_H */

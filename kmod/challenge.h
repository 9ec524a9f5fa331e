/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTID_CHALLENGE_H
#define HOTID_CHALLENGE_H

#include <linux/list.h>
#include <linux/types.h>

struct hotid_node;
struct hotid_peer;
struct hotid_slot;
struct hotid_wire_proof;

/**
 * struct hotid_proof - what a peer is asked and what it asked; all under
 *	node->lock
 * @entry: in node->proofs while something is to be sent
 * @nonce: that it was challenged with, 0 for none
 * @drawn_ns: when @nonce was drawn
 * @asked_ns: when it was challenged last
 * @answer: nonce to return to it, valid with @to_answer
 * @beats: it was challenged for its beats, which are accepted once it answers
 * @to_ask: its challenge is to be sent
 * @to_answer: an answer is to be sent
 */
struct hotid_proof {
	struct list_head entry;
	u64 nonce;
	u64 drawn_ns;
	u64 asked_ns;
	u64 answer;
	bool beats;
	bool to_ask;
	bool to_answer;
};

/* Set node->proof_work up, which sends proofs. */
void hotid_challenge_init(struct hotid_node *node);

/* Each of these needs node->lock. */

/* The peer sent a boot id that is not accepted, in a beat or otherwise: ask for proof. */
void hotid_challenge_ask(struct hotid_peer *peer, struct hotid_slot *slot, u64 now, bool beat);

/* The peer asks us. */
void hotid_challenge_asked(struct hotid_peer *peer, struct hotid_slot *slot,
			   const struct hotid_wire_proof *challenge, u64 now);

/*
 * Whether an answer proves that its boot id lives, and was asked for because of
 * its beats; true once per nonce.
 */
bool hotid_challenge_proven(struct hotid_peer *peer, struct hotid_slot *slot,
			    const struct hotid_wire_proof *answer, u64 now);

#endif /* HOTID_CHALLENGE_H */

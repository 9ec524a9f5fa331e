// SPDX-License-Identifier: GPL-2.0
/*
 * Proof that an incarnation lives now.
 *
 * A recorded beat is authentic for ever. Sequences keep it out as long as its
 * boot id is the one that is believed; a boot id that is not believed (the
 * peer is new, or was down, or rebooted) is asked for proof: it has to return
 * a random nonce under its key, and nobody can have recorded an answer to it.
 * The answer carries the peer's sequence, and what has a lower one does not
 * count from then on.
 *
 * A nonce is good for NONCE_LIFE, and the same one is sent again until then. So
 * an answer that somebody held back proves a life that is at most so old; a
 * peer that is further away than that never comes up.
 *
 * Challenges can be recorded and sent again, too, which would make us answer
 * them in place of those that wait for an answer. So who asks is known as well
 * as who beats: by the incarnation that last answered a challenge of ours.
 * Of that one each challenge is answered once, by its sequence, and all the
 * replays in the world do not stand in the way. Of others one in
 * HOTID_SLOT_PASS_NS is answered (two nodes that do not know each other must
 * begin somewhere), and the peer is challenged in return: so who really asks
 * is known a round trip later.
 *
 * Proofs are rare, so a work item sends them, over sockets that live only for
 * that: a peer that is merely watched needs none of its own.
 */
#include "challenge.h"

#include <linux/random.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "node.h"
#include "packet.h"
#include "peer.h"
#include "target.h"

#define NONCE_LIFE	NSEC_PER_SEC

static void to_send(struct hotid_peer *peer)
{
	struct hotid_node *node = peer->node;

	lockdep_assert_held(&node->lock);
	if (list_empty(&peer->proof.entry))
		list_add_tail(&peer->proof.entry, &node->proofs);
	queue_work(system_highpri_wq, &node->proof_work);
}

void hotid_challenge_ask(struct hotid_peer *peer, struct hotid_slot *slot, u64 now, bool beat)
{
	struct hotid_proof *proof = &peer->proof;

	lockdep_assert_held(&peer->node->lock);
	hotid_counters_note(&peer->node->table.counters, HOTID_VERDICT_UNBELIEVED);
	if (beat) {
		WRITE_ONCE(slot->beat_seen_ns, now);
		proof->beats = true;
	}
	if (proof->nonce && now - proof->asked_ns < NSEC_PER_MSEC)
		return;
	if (!proof->nonce || now - proof->drawn_ns >= NONCE_LIFE) {
		proof->nonce = get_random_u64() | 1;
		proof->drawn_ns = now;
		WRITE_ONCE(slot->nonce, proof->nonce);
	}
	proof->asked_ns = now;
	proof->to_ask = true;
	to_send(peer);
}

void hotid_challenge_asked(struct hotid_peer *peer, struct hotid_slot *slot,
			   const struct hotid_wire_proof *challenge, u64 now)
{
	u64 seq = be64_to_cpu(challenge->head.seq);

	lockdep_assert_held(&peer->node->lock);
	if (be64_to_cpu(challenge->head.boot_id) != slot->asker_boot_id) {
		WRITE_ONCE(slot->challenge_seen_ns, now);
		hotid_challenge_ask(peer, slot, now, false);
	} else {
		/* Another CPU may have heard the same. */
		if (seq <= slot->asker_seq)
			return;
		WRITE_ONCE(slot->asker_seq, seq);
	}
	peer->proof.answer = be64_to_cpu(challenge->nonce);
	peer->proof.to_answer = true;
	to_send(peer);
}

bool hotid_challenge_proven(struct hotid_peer *peer, struct hotid_slot *slot,
			    const struct hotid_wire_proof *answer, u64 now)
{
	struct hotid_proof *proof = &peer->proof;
	bool beats = proof->beats;

	lockdep_assert_held(&peer->node->lock);
	if (!proof->nonce || be64_to_cpu(answer->nonce) != proof->nonce ||
	    now - proof->drawn_ns >= NONCE_LIFE)
		return false;
	/* A challenge that is still to be sent would have no nonce any more. */
	proof->nonce = 0;
	proof->beats = false;
	proof->to_ask = false;
	WRITE_ONCE(slot->nonce, 0);
	WRITE_ONCE(slot->asker_boot_id, be64_to_cpu(answer->head.boot_id));
	WRITE_ONCE(slot->asker_seq, be64_to_cpu(answer->head.seq));
	return beats;
}

void hotid_challenge_forget(struct hotid_peer *peer)
{
	lockdep_assert_held(&peer->node->lock);
	list_del_init(&peer->proof.entry);
}

static void send(struct hotid_node *node, const struct list_head *targets,
		 const struct hotid_letter *letter, enum hotid_packet type, u64 nonce)
{
	u64 seq = atomic64_inc_return(&node->sequence);
	struct hotid_target *target;

	list_for_each_entry(target, targets, entry) {
		struct hotid_wire_proof packet;

		hotid_packet_proof(letter, type, seq, target->path, nonce, &packet);
		hotid_target_send(node, target, &packet, sizeof(packet));
	}
}

/* The next peer that waits, as it is now, in @copy; false when none does. */
static bool next_peer(struct hotid_node *node, struct hotid_peer *copy,
		      struct hotid_letter *letter)
{
	struct hotid_peer *peer;
	bool any = false;

	spin_lock_bh(&node->lock);
	if (hotid_node_ready(node) && !node->ended) {
		hotid_packet_begin(node, letter);
		peer = list_first_entry_or_null(&node->proofs, struct hotid_peer, proof.entry);
		if (peer) {
			memcpy(copy, peer, sizeof(*copy));
			peer->proof.to_ask = false;
			peer->proof.to_answer = false;
			list_del_init(&peer->proof.entry);
			any = true;
		}
	}
	spin_unlock_bh(&node->lock);
	return any;
}

static void send_proofs(struct work_struct *work)
{
	struct hotid_node *node = container_of(work, struct hotid_node, proof_work);
	struct hotid_peer *peer = kmalloc(sizeof(*peer), GFP_KERNEL);
	struct hotid_letter letter;

	/* What is lost for want of memory, the next beat asks for again. */
	while (peer && next_peer(node, peer, &letter)) {
		LIST_HEAD(targets);

		if (hotid_target_open(node, peer, &targets, NULL))
			continue;
		if (peer->proof.to_ask)
			send(node, &targets, &letter, HOTID_PACKET_CHALLENGE, peer->proof.nonce);
		if (peer->proof.to_answer)
			send(node, &targets, &letter, HOTID_PACKET_ANSWER, peer->proof.answer);
		hotid_target_close(&targets);
	}
	kfree_sensitive(peer);
}

void hotid_challenge_peer_init(struct hotid_peer *peer)
{
	INIT_LIST_HEAD(&peer->proof.entry);
}

void hotid_challenge_init(struct hotid_node *node)
{
	INIT_LIST_HEAD(&node->proofs);
	INIT_WORK(&node->proof_work, send_proofs);
}

void hotid_challenge_exit(struct hotid_node *node)
{
	cancel_work_sync(&node->proof_work);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Proof that an incarnation lives now.
 *
 * A recorded beat is authentic for ever. Sequences keep it out as long as its
 * boot id is the one that is believed; a boot id that is not believed (the
 * peer is new, or was down, or rebooted) is asked for proof: it has to return
 * a random nonce under its key. The nonce stays until it is answered, so a
 * slow network is no harm; and nobody can have recorded an answer to it.
 *
 * Whoever records challenges can make us answer them again. That costs one
 * packet each, so answers are limited to one per peer and millisecond.
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

static void to_send(struct hotid_peer *peer)
{
	struct hotid_node *node = peer->node;

	lockdep_assert_held(&node->lock);
	if (list_empty(&peer->proof.entry))
		list_add_tail(&peer->proof.entry, &node->proofs);
	queue_work(system_highpri_wq, &node->proof_work);
}

void hotid_challenge_ask(struct hotid_peer *peer, u64 now)
{
	struct hotid_proof *proof = &peer->proof;

	lockdep_assert_held(&peer->node->lock);
	hotid_table_note(&peer->node->table, HOTID_VERDICT_UNBELIEVED);
	if (proof->nonce && now - proof->asked_ns < NSEC_PER_MSEC)
		return;
	if (!proof->nonce)
		proof->nonce = get_random_u64() | 1;
	proof->asked_ns = now;
	proof->to_ask = true;
	to_send(peer);
}

void hotid_challenge_asked(struct hotid_peer *peer, const struct hotid_wire_head *head, u64 now)
{
	struct hotid_proof *proof = &peer->proof;

	lockdep_assert_held(&peer->node->lock);
	if (proof->answered_ns && now - proof->answered_ns < NSEC_PER_MSEC)
		return;
	proof->answered_ns = now;
	proof->answer = be64_to_cpu(head->seq);
	proof->to_answer = true;
	to_send(peer);
}

bool hotid_challenge_proven(struct hotid_peer *peer, const struct hotid_wire_head *head)
{
	struct hotid_proof *proof = &peer->proof;

	lockdep_assert_held(&peer->node->lock);
	if (!proof->nonce || be64_to_cpu(head->seq) != proof->nonce || !head->boot_id)
		return false;
	/* A challenge that is still to be sent would have no nonce any more. */
	proof->nonce = 0;
	proof->to_ask = false;
	return true;
}

void hotid_challenge_forget(struct hotid_peer *peer)
{
	lockdep_assert_held(&peer->node->lock);
	list_del_init(&peer->proof.entry);
}

static void send(struct hotid_node *node, const struct list_head *targets,
		 const struct hotid_letter *letter, enum hotid_packet type, u64 nonce)
{
	struct hotid_target *target;

	list_for_each_entry(target, targets, entry) {
		struct hotid_wire_beat packet;

		hotid_packet_beat(letter, type, 0, nonce, target->path, &packet);
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

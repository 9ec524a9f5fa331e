// SPDX-License-Identifier: GPL-2.0
/*
 * Proof that an incarnation lives now.
 *
 * A recorded beat is authentic for ever. Sequences keep it out as long as its
 * boot id is the one that is accepted; a boot id that is not accepted (the
 * peer is new, or was down, or rebooted) is challenged: it has to return
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
 * Proofs are rare, so a work item sends them, from the node's control sockets: a
 * peer that is merely watched needs no sockets of its own.
 */
#include "challenge.h"

#include <linux/random.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "lease.h"
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
	hotid_counters_note(&peer->node->table.counters, HOTID_VERDICT_UNVERIFIED);
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
		/* Another CPU may have received the same. */
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

/**
 * struct errand - what is to be sent to one peer
 * @paths: of the peer
 * @proof: as it is now
 * @template: who it is from
 */
struct errand {
	struct hotid_path paths[HOTID_MAX_PATHS];
	struct hotid_proof proof;
	struct hotid_packet_template template;
};

static void send_proof(struct hotid_node *node, const struct errand *errand,
		       enum hotid_packet type, u64 nonce)
{
	u64 seq = hotid_lease_sequence(node);
	int index;

	for (index = 0; index < HOTID_MAX_PATHS; index++) {
		struct hotid_wire_proof packet;

		if (!errand->paths[index].family)
			continue;
		hotid_packet_proof(&errand->template, type, seq, index, nonce, &packet);
		hotid_target_send_unconnected(node, &errand->paths[index], &packet,
					      sizeof(packet));
	}
}

/* The next peer that waits, as it is now; false when none does. */
static bool next_errand(struct hotid_node *node, struct errand *errand)
{
	struct hotid_peer *peer = NULL;

	spin_lock_bh(&node->lock);
	if (hotid_packet_begin(node, &errand->template))
		peer = list_first_entry_or_null(&node->proofs, struct hotid_peer, proof.entry);
	if (peer) {
		memcpy(errand->paths, peer->paths, sizeof(errand->paths));
		errand->proof = peer->proof;
		peer->proof.to_ask = false;
		peer->proof.to_answer = false;
		list_del_init(&peer->proof.entry);
	}
	spin_unlock_bh(&node->lock);
	return peer;
}

/* What is lost on the way, the next beat asks for again. */
static void send_proofs(struct work_struct *work)
{
	struct hotid_node *node = container_of(work, struct hotid_node, proof_work);
	struct errand errand;

	while (next_errand(node, &errand)) {
		if (errand.proof.to_ask)
			send_proof(node, &errand, HOTID_PACKET_CHALLENGE, errand.proof.nonce);
		if (errand.proof.to_answer)
			send_proof(node, &errand, HOTID_PACKET_ANSWER, errand.proof.answer);
	}
	memzero_explicit(&errand.template, sizeof(errand.template));
}

void hotid_challenge_init(struct hotid_node *node)
{
	INIT_LIST_HEAD(&node->proofs);
	INIT_WORK(&node->proof_work, send_proofs);
}

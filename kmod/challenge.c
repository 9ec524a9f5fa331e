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
 */
#include "challenge.h"

#include <linux/random.h>
#include <linux/rculist.h>

#include "node.h"
#include "packet.h"
#include "peer.h"
#include "target.h"

void hotid_challenge_ask(struct hotid_peer *peer, u64 now, struct hotid_reply *reply)
{
	lockdep_assert_held(&peer->node->lock);
	hotid_table_note(&peer->node->table, HOTID_VERDICT_UNBELIEVED);
	if (peer->nonce && now - peer->asked_ns < NSEC_PER_MSEC)
		return;
	if (!peer->nonce)
		peer->nonce = get_random_u64() | 1;
	peer->asked_ns = now;
	*reply = (struct hotid_reply) { peer, HOTID_PACKET_CHALLENGE, peer->nonce };
}

void hotid_challenge_asked(struct hotid_peer *peer, const struct hotid_wire_head *head,
			   u64 now, struct hotid_reply *reply)
{
	lockdep_assert_held(&peer->node->lock);
	if (peer->answered_ns && now - peer->answered_ns < NSEC_PER_MSEC)
		return;
	peer->answered_ns = now;
	*reply = (struct hotid_reply) { peer, HOTID_PACKET_ANSWER, be64_to_cpu(head->seq) };
}

bool hotid_challenge_proven(struct hotid_peer *peer, const struct hotid_wire_head *head)
{
	lockdep_assert_held(&peer->node->lock);
	if (!peer->nonce || be64_to_cpu(head->seq) != peer->nonce || !head->boot_id)
		return false;
	peer->nonce = 0;
	return true;
}

void hotid_challenge_send(struct hotid_node *node, const struct hotid_reply *reply)
{
	struct hotid_target *target;
	struct hotid_letter letter;
	bool ready;

	if (!reply->peer)
		return;
	spin_lock(&node->lock);
	ready = hotid_node_ready(node) && !node->ended;
	if (ready)
		hotid_packet_begin(node, &letter);
	spin_unlock(&node->lock);
	if (!ready)
		return;
	list_for_each_entry_rcu(target, &node->targets, entry) {
		struct hotid_wire_beat packet;

		if (target->peer != reply->peer)
			continue;
		hotid_packet_beat(&letter, reply->type, 0, reply->nonce, target->path, &packet);
		hotid_target_send(node, target, &packet, sizeof(packet));
	}
}

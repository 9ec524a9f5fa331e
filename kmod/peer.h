/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTID_PEER_H
#define HOTID_PEER_H

#include <linux/hrtimer.h>
#include <linux/in6.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/siphash.h>

#include "challenge.h"
#include "key.h"
#include "uapi/linux/hotid.h"

struct hotid_node;
struct hotid_slot;

/**
 * struct hotid_path - one way to a peer
 * @family: AF_INET or AF_INET6; 0 when the path is not in use
 * @ifindex: device to send through, 0 when the routes choose
 * @port: UDP port of the peer
 * @has_local: @local is to be sent from
 * @remote: address of the peer; an IPv4 address is in the first word
 * @local: own address
 */
struct hotid_path {
	u16 family;
	u16 port;
	u32 ifindex;
	bool has_local;
	struct in6_addr remote;
	struct in6_addr local;
};

/**
 * struct hotid_rival - an incarnation beside the one that is accepted
 * @boot_id: 0 for none
 * @since_ns: when it first proved that it lives
 * @seen_ns: when it did so last
 */
struct hotid_rival {
	u64 boot_id;
	u64 since_ns;
	u64 seen_ns;
};

/**
 * struct hotid_peer - a remote node
 * @node: of which this is a peer
 * @hash: in node->peers, by @id
 * @closing: in the list of those that are about to be freed
 * @rcu: frees it
 * @id: its node id
 * @name: for people
 * @flags: HOTID_PEER_FLAGS_*
 * @multiplier: beats to wait for
 * @paths: how it is reached; the index is that of the wire
 * @key: of what it sends, derived from each cluster key and @id
 * @slot: in the slot table (RCU); there is one from before the peer can be found until
 *	after its timer is over
 * @deadline: fires when a path might be silent; runs only while it lives
 * @suspect: in the list of suspects, or in that of the round
 * @suspected: bit 0 is set while it is there
 * @due_ns: when it should have been judged
 * @grace_ns: until when a stall of this node put @deadline off
 * @told: beats went to it, which may have promised something (node->lock)
 * @promised_ns: until when an earlier promise of a longer wait holds (node->lock)
 * @graces_in_row: graces since @graced_ns (node->lock)
 * @graced_ns: the beat after which it got its last grace (node->lock)
 * @boot_id: the incarnation last accepted, also while it is down (node->lock)
 * @proof: challenges (node->lock)
 * @rival: another incarnation that lives (node->lock)
 * @paths_up: bits of the paths that are up (node->lock)
 * @path_downs: how often each died alone (node->lock)
 * @gasp_frames: enum hotid_gasp_state of each path
 * @had_user: its daemon lived in this incarnation (node->lock)
 * @gasp: enum hotid_gasp of its last gasp (node->lock)
 * @state: enum hotid_peer_state (node->lock)
 * @reason: of the last change (node->lock)
 * @changed_ns: when that was (node->lock)
 * @downs: times it went down (node->lock)
 * @graces: times its deadline was put off (node->lock)
 * @gaps_since_ns: when the gaps of its paths began to be counted (node->lock)
 */
struct hotid_peer {
	struct hotid_node *node;
	struct hlist_node hash;
	struct list_head closing;
	struct rcu_head rcu;
	u8 id[HOTID_ID_LEN];
	char name[HOTID_NAME_MAX + 1];
	u32 flags;
	u32 multiplier;
	struct hotid_path paths[HOTID_MAX_PATHS];
	siphash_key_t key[HOTID_KEYS];
	struct hotid_slot __rcu *slot;

	struct hrtimer deadline;
	struct llist_node suspect;
	unsigned long suspected;
	u64 due_ns;
	u64 grace_ns;
	bool told;
	u64 promised_ns;
	u32 graces_in_row;
	u64 graced_ns;

	u64 boot_id;
	struct hotid_proof proof;
	struct hotid_rival rival;
	u32 paths_up;
	u32 path_downs[HOTID_MAX_PATHS];
	u8 gasp_frames[HOTID_MAX_PATHS];
	bool had_user;
	u32 gasp;
	u32 state;
	u32 reason;
	u64 changed_ns;
	u32 downs;
	u32 graces;
	u64 gaps_since_ns;
};

/* The peer of an id, or NULL. Needs RCU or command context. */
struct hotid_peer *hotid_peer_find(struct hotid_node *node, const u8 *id);

/* Its beats come in time. Needs node->lock. */
static inline bool hotid_peer_lives(const struct hotid_peer *peer)
{
	return peer->state == HOTID_PEER_STATE_UP || peer->state == HOTID_PEER_STATE_HUNG ||
	       peer->state == HOTID_PEER_STATE_CONFLICT;
}

/* And they are waited for. Needs node->lock. */
static inline bool hotid_peer_expected(const struct hotid_peer *peer)
{
	return hotid_peer_lives(peer) && (peer->flags & HOTID_PEER_FLAGS_WATCH);
}

/* Its slot, which stays where it is under node->lock and in a command. */
struct hotid_slot *hotid_peer_slot(const struct hotid_peer *peer);

/* Time without beats after which a path is silent. */
u64 hotid_path_allowance(const struct hotid_peer *peer, const struct hotid_slot *slot);

/**
 * struct hotid_paths - paths of one peer at one moment
 * @fresh: bits of those whose last beat is within the allowance
 * @up: bits of those that were up so far
 * @next_ns: when the first of @fresh falls silent, 0 when none is
 * @last_ns: newest beat of all
 * @missed_ns: newest beat of those in @up that are not in @fresh, 0 when none is
 */
struct hotid_paths {
	u32 fresh;
	u32 up;
	u64 next_ns;
	u64 last_ns;
	u64 missed_ns;
};

/* Needs no lock, only RCU. */
struct hotid_paths hotid_paths_look(const struct hotid_peer *peer,
				    const struct hotid_slot *slot, u64 now);

/* Which bucket of node->peers the peer of an id is in. */
u32 hotid_peer_bucket(const u8 *id);

/* Each of these needs node->lock. */

/* Keeps count of the peers whose beats are waited for, and of conflicts. */
void hotid_peer_set_state(struct hotid_peer *peer, u32 state);

/*
 * The same, with the reason and the time. It is dispatch.c that calls this, and
 * lets everybody know.
 */
void hotid_peer_change(struct hotid_peer *peer, u32 state, u32 reason);

#endif /* HOTID_PEER_H */

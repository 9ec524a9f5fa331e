/* SPDX-License-Identifier: GPL-2.0 */
/* The state of each path of a peer. All need node->lock and RCU. */
#ifndef HOTID_PATH_H
#define HOTID_PATH_H

#include <linux/types.h>

struct hotid_peer;
struct hotid_slot;

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

/* Take over what was seen, and report each path that died or came back. */
void hotid_paths_update(struct hotid_peer *peer, const struct hotid_paths *seen);

#endif /* HOTID_PATH_H */

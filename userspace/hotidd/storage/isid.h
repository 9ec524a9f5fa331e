/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which ISIDs a node's sessions may have.
 *
 * An identity logs in under the same initiator name on every node. A target
 * tells initiator ports apart by that name and the ISID (RFC 7143, section
 * 4.4.3): were the ISID the same as well, the two nodes would be one port.
 * The new holder's login would end the old one's session and the other way
 * round, and, what is worse, a persistent reservation could not tell them
 * apart, so it would fence nobody.
 *
 * open-iscsi makes the ISID from the kernel's session number, which counts
 * from 1 at each boot, so without care all nodes have the same ones. Hence
 * each node has a slot, and only uses session numbers of that slot. With the
 * usual 16 slots:
 *
 *	number modulo 64:   0..3     4..7     8..11    ...   60..63
 *	slot:                 0        1        2      ...     15
 *
 * There are more slots where there are more nodes, up to 64. The cycle divides
 * 256, so it also holds for open-iscsi versions that keep only the lowest byte
 * of the number.
 */
#ifndef HOTIDD_ISID_H
#define HOTIDD_ISID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "hotid.h"

#define ISID_MIN_SLOTS	16
#define ISID_MAX_SLOTS	64
#define ISID_RUN	4		/* session numbers in a row that a slot has */
#define ISID_MAX_CYCLE	(ISID_MAX_SLOTS * ISID_RUN)

struct isid_slot {
	unsigned int number;
	unsigned int slots;		/* of how many */
};

/**
 * isid_find_slot() - the slot of a node
 * @ids: all nodes that may ever hold the identity, in any order; gets sorted
 * @n: how many
 * @own: which of them is this node
 *
 * It follows from the ids alone, so that all nodes that know the same nodes
 * come to the same slots, all different.
 *
 * Return: 0, or -E2BIG for more nodes than there can be slots.
 */
int isid_find_slot(uint8_t (*ids)[HOTID_ID_LEN], size_t n, size_t own, struct isid_slot *slot);

/* Whether session number @sid is in @slot. */
bool isid_in_slot(unsigned int sid, const struct isid_slot *slot);

/* How many numbers from @next on are in @slot without a gap; 0 to ISID_RUN. */
unsigned int isid_left(unsigned int next, const struct isid_slot *slot);

#endif /* HOTIDD_ISID_H */

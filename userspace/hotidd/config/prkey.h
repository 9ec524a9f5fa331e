/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The persistent reservation key of a holder.
 *
 * To SPC-4 (the clause on reservations, and PERSISTENT RESERVE OUT) a key is
 * eight bytes that the application chooses; zero means "not registered". Ours
 * say who holds an identity's disk and since which epoch, so that whoever
 * reads them knows which is the older one:
 *
 *	63          48 47          32 31                           0
 *	+-------------+--------------+------------------------------+
 *	| "HI" 0x4849 | node's hash  |            epoch             |
 *	+-------------+--------------+------------------------------+
 *
 * The epoch is what decides; the hash only distinguishes two nodes that claim
 * the same one. Nodes whose ids give the same hash must not share a disk:
 * "hotidd --check" and the reservation's validate refuse them.
 */
#ifndef HOTIDD_PRKEY_H
#define HOTIDD_PRKEY_H

#include <stdbool.h>
#include <stdint.h>
#include "hotid.h"

struct prkey {
	uint16_t node;			/* prkey_node() of the holder */
	uint32_t epoch;
};

#define PRKEY_MAX_EPOCH	UINT32_MAX

/* 16 bits of a node id, all of its bytes mixed in. */
uint16_t prkey_node(const uint8_t id[HOTID_ID_LEN]);

/* The key of node @id for @epoch. Returns false when the epoch is too large for a key. */
bool prkey_make(const uint8_t id[HOTID_ID_LEN], uint64_t epoch, uint64_t *key);

/* What a key says. False when it is not one of ours. */
bool prkey_parse(uint64_t key, struct prkey *parsed);

/* Whether it is a key of node @id, for whatever epoch. */
bool prkey_is_of(uint64_t key, const uint8_t id[HOTID_ID_LEN]);

#endif /* HOTIDD_PRKEY_H */

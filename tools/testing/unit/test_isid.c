// SPDX-License-Identifier: GPL-2.0
/* Nodes never share the iSCSI session numbers they use. */
#include <errno.h>

#include "isid.h"
#include "ktap.h"

#define MANY	(ISID_SLOTS + 1)

static void fill(uint8_t (*ids)[HOTID_ID_LEN], size_t n, uint8_t seed)
{
	for (size_t i = 0; i < n; i++) {
		memset(ids[i], seed, HOTID_ID_LEN);
		ids[i][15] = (uint8_t)i;
	}
}

static int slot_of(uint8_t (*ids)[HOTID_ID_LEN], size_t n, size_t own)
{
	uint8_t copy[MANY][HOTID_ID_LEN];

	memcpy(copy, ids, n * HOTID_ID_LEN);
	return isid_slot(copy, n, own);
}

static void all_differ(void)
{
	for (int seed = 0; seed < 256; seed++)
		for (size_t n = 1; n <= ISID_SLOTS; n++) {
			uint8_t ids[MANY][HOTID_ID_LEN];
			bool taken[ISID_SLOTS] = { false };

			fill(ids, n, (uint8_t)seed);
			for (size_t own = 0; own < n; own++) {
				int slot = slot_of(ids, n, own);

				if (!ktap_check(slot >= 0 && slot < ISID_SLOTS && !taken[slot],
						"a slot of its own", __FILE__, __LINE__))
					return;
				taken[slot] = true;
			}
		}
}

/* A node lists itself first, so every node has another order. */
static void order_does_not_matter(void)
{
	uint8_t ids[5][HOTID_ID_LEN], turned[5][HOTID_ID_LEN];

	fill(ids, 5, 0x5a);
	for (size_t turn = 0; turn < 5; turn++) {
		for (size_t i = 0; i < 5; i++)
			memcpy(turned[i], ids[(i + turn) % 5], HOTID_ID_LEN);
		for (size_t i = 0; i < 5; i++)
			CHECK_INT(slot_of(turned, 5, i), slot_of(ids, 5, (i + turn) % 5));
	}
}

static void the_same_id_twice_is_one_node(void)
{
	uint8_t ids[3][HOTID_ID_LEN];

	fill(ids, 2, 1);
	memcpy(ids[2], ids[0], HOTID_ID_LEN);
	CHECK_INT(slot_of(ids, 3, 0), slot_of(ids, 3, 2));
	CHECK(slot_of(ids, 3, 1) != slot_of(ids, 3, 0));
}

static void too_many_nodes(void)
{
	uint8_t ids[MANY][HOTID_ID_LEN];
	int refused = 0;

	fill(ids, MANY, 3);
	for (size_t own = 0; own < MANY; own++)
		refused += slot_of(ids, MANY, own) == -E2BIG;
	CHECK_INT(refused, MANY - ISID_SLOTS);
}

static void numbers_of_a_slot(void)
{
	unsigned int in[ISID_SLOTS] = { 0 };

	for (unsigned int sid = 0; sid < ISID_CYCLE; sid++)
		for (int slot = 0; slot < ISID_SLOTS; slot++) {
			in[slot] += isid_in_slot(sid, slot);
			/* The lowest byte of the number, all that some versions send, tells it too. */
			for (unsigned int high = 256; high; high *= 256)
				CHECK_INT(isid_in_slot(sid + high, slot), isid_in_slot(sid, slot));
		}
	for (int slot = 0; slot < ISID_SLOTS; slot++)
		CHECK_INT(in[slot], ISID_RUN);
}

static void numbers_left(void)
{
	CHECK_INT(isid_left(0, 0), ISID_RUN);
	CHECK_INT(isid_left(ISID_RUN - 1, 0), 1);
	CHECK_INT(isid_left(ISID_RUN, 0), 0);
	CHECK_INT(isid_left(ISID_RUN, 1), ISID_RUN);
	CHECK_INT(isid_left(ISID_CYCLE * 7 + 2, 0), ISID_RUN - 2);
}

static const struct ktap_test tests[] = {
	{ "all_differ", all_differ },
	{ "order_does_not_matter", order_does_not_matter },
	{ "the_same_id_twice_is_one_node", the_same_id_twice_is_one_node },
	{ "too_many_nodes", too_many_nodes },
	{ "numbers_of_a_slot", numbers_of_a_slot },
	{ "numbers_left", numbers_left },
};

KTAP_MAIN(tests)

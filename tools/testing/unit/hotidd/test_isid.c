// SPDX-License-Identifier: GPL-2.0
/* Nodes never share the iSCSI session numbers they use. */
#include <errno.h>

#include "ktap.h"
#include "storage/isid.h"

#define MANY	(ISID_MAX_SLOTS + 1)

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
	struct isid_slot slot;
	int result;

	memcpy(copy, ids, n * HOTID_ID_LEN);
	result = isid_find_slot(copy, n, own, &slot);
	if (result)
		return result;
	CHECK(slot.number < slot.slots);
	CHECK(slot.slots >= ISID_MIN_SLOTS && slot.slots <= ISID_MAX_SLOTS);
	return (int)slot.number;
}

static void all_differ(void)
{
	for (int seed = 0; seed < 256; seed += 5)
		for (size_t n = 1; n <= ISID_MAX_SLOTS; n += n < ISID_MIN_SLOTS ? 1 : 7) {
			uint8_t ids[MANY][HOTID_ID_LEN];
			bool taken[ISID_MAX_SLOTS] = { false };

			fill(ids, n, (uint8_t)seed);
			for (size_t own = 0; own < n; own++) {
				int slot = slot_of(ids, n, own);

				if (!ktap_check(slot >= 0 && !taken[slot],
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

	fill(ids, MANY, 3);
	for (size_t own = 0; own < MANY; own++)
		CHECK_INT(slot_of(ids, MANY, own), -E2BIG);
}

static void numbers_of_a_slot(void)
{
	for (unsigned int slots = ISID_MIN_SLOTS; slots <= ISID_MAX_SLOTS; slots *= 2)
		for (unsigned int number = 0; number < slots; number++) {
			struct isid_slot slot = { number, slots };
			unsigned int in = 0;

			for (unsigned int sid = 0; sid < slots * ISID_RUN; sid++) {
				in += isid_in_slot(sid, &slot);
				/* The lowest byte, all that some versions send, tells it too. */
				for (unsigned int high = 256; high; high *= 256)
					CHECK(isid_in_slot(sid + high, &slot) ==
					      isid_in_slot(sid, &slot));
			}
			CHECK_INT(in, ISID_RUN);
		}
}

static void slots_never_meet(void)
{
	for (unsigned int sid = 0; sid < 1000; sid++) {
		unsigned int in = 0;

		for (unsigned int number = 0; number < 32; number++)
			in += isid_in_slot(sid, &(struct isid_slot){ number, 32 });
		CHECK_INT(in, 1);
	}
}

static void numbers_left(void)
{
	struct isid_slot first = { 0, 16 }, second = { 1, 16 };

	CHECK_INT(isid_left(0, &first), ISID_RUN);
	CHECK_INT(isid_left(ISID_RUN - 1, &first), 1);
	CHECK_INT(isid_left(ISID_RUN, &first), 0);
	CHECK_INT(isid_left(ISID_RUN, &second), ISID_RUN);
	CHECK_INT(isid_left(16 * ISID_RUN * 7 + 2, &first), ISID_RUN - 2);
}

static const struct ktap_test tests[] = {
	{ "all_differ", all_differ },
	{ "order_does_not_matter", order_does_not_matter },
	{ "the_same_id_twice_is_one_node", the_same_id_twice_is_one_node },
	{ "too_many_nodes", too_many_nodes },
	{ "numbers_of_a_slot", numbers_of_a_slot },
	{ "slots_never_meet", slots_never_meet },
	{ "numbers_left", numbers_left },
};

KTAP_MAIN(tests)

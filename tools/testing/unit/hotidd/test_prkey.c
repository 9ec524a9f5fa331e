// SPDX-License-Identifier: GPL-2.0
/* The layout of reservation keys. */
#include "config/prkey.h"
#include "ktap.h"

static const uint8_t spare[HOTID_ID_LEN] = { 0xf0, 0x7d, [15] = 2 };

static void layout(void)
{
	uint64_t key = 0;

	CHECK(prkey_make(spare, 0x01020304, &key));
	CHECK_INT(key >> 48, 0x4849);
	CHECK_INT(key >> 32 & 0xffff, prkey_node(spare));
	CHECK_INT(key & 0xffffffff, 0x01020304);
}

static void round_trip(void)
{
	static const uint64_t epochs[] = { 0, 1, 0x7fffffff, 0x80000000, PRKEY_MAX_EPOCH };

	for (size_t i = 0; i < sizeof(epochs) / sizeof(epochs[0]); i++) {
		struct prkey parsed = { 0 };
		uint64_t key = 0;

		CHECK(prkey_make(spare, epochs[i], &key));
		CHECK(key);	/* zero would mean "not registered" */
		CHECK(prkey_parse(key, &parsed));
		CHECK_INT(parsed.epoch, epochs[i]);
		CHECK_INT(parsed.node, prkey_node(spare));
	}
}

static void epoch_too_large(void)
{
	uint64_t key = 7;

	CHECK(!prkey_make(spare, (uint64_t)PRKEY_MAX_EPOCH + 1, &key));
	CHECK(!prkey_make(spare, UINT64_MAX, &key));
	CHECK_INT(key, 7);
}

static void foreign_keys(void)
{
	static const uint64_t foreign[] = { 0, 1, 0x123abc, 0x4848ffffffffffff, 0x4a49000000000001,
					    0x0000484900000001, UINT64_MAX };
	struct prkey parsed;

	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		CHECK(!prkey_parse(foreign[i], &parsed));
	CHECK(prkey_parse(0x4849000000000000, &parsed));
}

/* Ids that people choose by hand, and ids that differ in one bit, must not fall together. */
static void hash_spreads(void)
{
	uint16_t seen[8 * HOTID_ID_LEN + 16];
	size_t n = 0;

	for (int bit = 0; bit < 8 * HOTID_ID_LEN; bit++) {
		uint8_t id[HOTID_ID_LEN] = { 0 };

		id[bit / 8] = (uint8_t)(1 << bit % 8);
		seen[n++] = prkey_node(id);
	}
	for (int i = 0; i < 16; i++) {
		uint8_t id[HOTID_ID_LEN];

		memset(id, i * 0x11, sizeof(id));
		seen[n++] = prkey_node(id);
	}
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			CHECK(seen[i] != seen[j]);
}

static const struct ktap_test tests[] = {
	{ "layout", layout },
	{ "round_trip", round_trip },
	{ "epoch_too_large", epoch_too_large },
	{ "foreign_keys", foreign_keys },
	{ "hash_spreads", hash_spreads },
};

KTAP_MAIN(tests)

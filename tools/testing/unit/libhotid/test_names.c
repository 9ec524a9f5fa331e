// SPDX-License-Identifier: GPL-2.0
/* libhotid: ids and enum values as text. */
#include <errno.h>

#include "hotid.h"
#include "ktap.h"

static void test_id(void)
{
	uint8_t id[HOTID_ID_LEN], same[HOTID_ID_LEN];
	char out[33];
	size_t i;
	static const char *const bad[] = {
		"", "0", "0f0e0d0c0b0a09080706050403020100 ", "0f0e0d0c0b0a0908070605040302010",
		"0f0e0d0c0b0a090807060504030201000", "0f0e0d0c0b0a0908070605040302010g",
		"0f0e0d0c-0b0a-0908-0706-05040302010", "0f0e0d0c-0b0a-0908-0706-0504030201000",
		"0f0e0d0c0-b0a-0908-0706-050403020100", "-f0e0d0c0b0a09080706050403020100",
		"0f0e0d0c 0b0a-0908-0706-050403020100",
	};

	CHECK_INT(hotid_id_parse("0f0e0d0c0b0a09080706050403020100", id), 0);
	for (i = 0; i < HOTID_ID_LEN; i++)
		CHECK_INT(id[i], 15 - i);
	hotid_id_format(id, out);
	CHECK_STR(out, "0f0e0d0c0b0a09080706050403020100");
	CHECK_INT(hotid_id_parse("0F0E0D0C-0B0A-0908-0706-050403020100", same), 0);
	CHECK(!memcmp(id, same, sizeof(id)));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK_INT(hotid_id_parse(bad[i], same), -EINVAL);
		CHECK(!memcmp(id, same, sizeof(id)));
	}
}

static void test_names(void)
{
	CHECK_STR(hotid_state_name(HOTID_IDENTITY_STATE_HELD), "held");
	CHECK_STR(hotid_reason_name(HOTID_REASON_PEER_SILENT), "peer-silent");
	CHECK_STR(hotid_stage_name(HOTID_STAGE_ANNOUNCE), "announce");
	CHECK_STR(hotid_state_name(7), "?");
	CHECK_STR(hotid_state_name(UINT32_MAX), "?");
	CHECK_STR(hotid_health_name(0), "userspace");
}

static const struct ktap_test tests[] = {
	{ "id", test_id },
	{ "names", test_names },
};

KTAP_MAIN(tests)

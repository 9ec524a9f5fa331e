// SPDX-License-Identifier: GPL-2.0
/* How gaps between beats are counted. */
#include "gap.h"
#include "ktap.h"

/* Which power of two a length is at least, the slow way. */
static unsigned int power(__u64 ns)
{
	unsigned int n = 0;

	while (ns >>= 1)
		n++;
	return n;
}

static void each_power_has_its_bucket(void)
{
	unsigned int i, want;
	__u64 ns;

	for (i = 0; i < 64; i++) {
		want = i < HOTID_GAP_FIRST ? 0 : i - HOTID_GAP_FIRST;
		if (want > HOTID_GAP_COUNTS - 1)
			want = HOTID_GAP_COUNTS - 1;
		ns = 1ull << i;
		CHECK(hotid_gap_bucket(ns) == want);
		CHECK(power(ns + (ns - 1)) == i);
		CHECK(hotid_gap_bucket(ns + (ns - 1)) == want);
	}
	CHECK(hotid_gap_bucket(0) == 0);
	CHECK(hotid_gap_bucket(~0ull) == HOTID_GAP_COUNTS - 1);
}

static void the_longest_stays(void)
{
	struct hotid_gaps gaps;
	__u32 sum = 0;
	int i;

	memset(&gaps, 0, sizeof(gaps));
	hotid_gap_note(&gaps, 10000000);
	hotid_gap_note(&gaps, 25000000);
	hotid_gap_note(&gaps, 10000001);
	CHECK_INT(gaps.longest, 25000000 / HOTID_GAP_UNIT);
	hotid_gap_note(&gaps, ~0ull);
	CHECK_INT(gaps.longest, ~0u);
	CHECK(gaps.count[hotid_gap_bucket(10000000)] == 2);
	CHECK(gaps.count[hotid_gap_bucket(25000000)] == 1);
	for (i = 0; i < HOTID_GAP_COUNTS; i++)
		sum += gaps.count[i];
	CHECK_INT(sum, 4);
}

static const struct ktap_test tests[] = {
	{ "each_power_has_its_bucket", each_power_has_its_bucket },
	{ "the_longest_stays", the_longest_stays },
};

KTAP_MAIN(tests)

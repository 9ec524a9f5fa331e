// SPDX-License-Identifier: GPL-2.0
/*
 * The path to a played target fails at every point of a claim: the fence that is in
 * place by then stays.
 */
#include "played_target.h"

static bool stays;
static void path_fails(void)
{
	stays = holder.held && holder.key == key_of(2, 8);
	failing = true;
}

/*
 * The path dies in the middle. Once somebody was preempted our registration
 * must stay as the fence; here it could not be removed anyhow, so it is
 * counted that nobody tries.
 */
static void failure_after_preempt_keeps_the_fence(void)
{
	unsigned int after = 0;

	for (unsigned int at = 0; at < 40; at++) {
		struct pr_claim claim;
		unsigned int before;
		int result;

		reset();
		stays = false;
		holds(1, key_of(1, 4));
		other.at = at;
		other.act = path_fails;
		before = commands;
		result = take(2, key_of(2, 8), &claim);
		if (other.act)
			break;
		CHECK_INT(result, -EIO);
		CHECK(claim.doing);
		if (stays) {
			after++;
			CHECK_INT(claim.preempted, 1);
			/* To register and to preempt; not to unregister. */
			CHECK_INT(commands - before, 2);
		}
	}
	CHECK(after >= 1);
}

/* One command fails, and the path is well again. */
static void path_fails_for_once(void)
{
	failing_once = true;
}

/*
 * The disk was left reserved by this node as a fence, and the path is the same
 * one. A claim that fails after that leaves the fence where it was.
 */
static void own_fence_outlives_a_failure(void)
{
	unsigned int told_before = 0, at;

	for (at = 0; at < 40; at++) {
		struct pr_claim claim;
		int result;

		reset();
		holds(2, key_of(2, 4));
		other.at = at;
		other.act = path_fails_for_once;
		result = take(2, key_of(2, 8), &claim);
		if (other.act)
			break;
		told_before += result != 0;
		CHECK(holder.held);
		CHECK(registered[2]);
	}
	CHECK(told_before >= 3);
	CHECK(at < 40);
}

static const struct ktap_test tests[] = {
	{ "failure_after_preempt_keeps_the_fence", failure_after_preempt_keeps_the_fence },
	{ "own_fence_outlives_a_failure", own_fence_outlives_a_failure },
};

KTAP_MAIN(tests)

// SPDX-License-Identifier: GPL-2.0
/*
 * Claiming a disk against a played target: who has to go, whom a claim yields to, what
 * is told before anything changes, and giving the disk up.
 */
#include "played_target.h"

static const uint8_t node_2[HOTID_ID_LEN] = { 2 };

static void free_disk(void)
{
	struct pr_claim claim;
	uint64_t ours = key_of(2, 1);

	reset();
	CHECK_INT(take(2, ours, &claim), 0);
	check_sole_holder(ours);
	CHECK_INT(claim.preempted, 0);
	CHECK_INT(pr_claim_verify(&play, 2, ours, &claim), 0);
}

static void older_holder_loses(void)
{
	struct pr_claim claim;
	uint64_t ours = key_of(2, 7), theirs = key_of(1, 6);

	reset();
	holds(1, theirs);
	CHECK_INT(take(2, ours, &claim), 0);
	check_sole_holder(ours);
	CHECK_INT(claim.preempted, 1);
	CHECK_INT(claim.last, theirs);
	CHECK_INT(aborted, 1u << 1);
	CHECK_INT(raw_reserve(1, theirs, CLAIM_TYPE), -EBADE);
}

/* Registered but not holding is enough to write, so it goes as well. */
static void every_other_registration_goes(void)
{
	struct pr_claim claim;
	uint64_t ours = key_of(2, 9), theirs = key_of(1, 8);

	reset();
	holds(1, theirs);
	raw_register(3, theirs);
	raw_register(4, key_of(4, 2));
	raw_register(5, 0x123abc);	/* some other cluster's */
	CHECK_INT(take(2, ours, &claim), 0);
	check_sole_holder(ours);
	CHECK_INT(claim.preempted, 3);
	CHECK_INT(claim.last, theirs);
	CHECK_INT(aborted, 1u << 1 | 1u << 3 | 1u << 4 | 1u << 5);
}

static void foreign_holder_loses(void)
{
	struct pr_claim claim;
	uint64_t ours = key_of(2, 1);

	reset();
	holds(5, 0x123abc);
	CHECK_INT(take(2, ours, &claim), 0);
	check_sole_holder(ours);
	CHECK_INT(claim.last, 0x123abc);
}

static void all_registrants_lose(void)
{
	struct pr_claim claim;
	uint64_t ours = key_of(2, 1);

	reset();
	raw_register(5, 0x123abc);
	raw_register(6, 0x123abd);
	holder = (struct pr_holder){ .held = true, .type = PR_TYPE_WRITE_EXCLUSIVE_ALL };
	holder_path = -1;
	CHECK_INT(take(2, ours, &claim), 0);
	check_sole_holder(ours);
}

static void higher_epoch_is_refused(void)
{
	struct pr_claim claim;
	uint64_t theirs = key_of(1, 9);

	reset();
	holds(1, theirs);
	CHECK_INT(take(2, key_of(2, 8), &claim), -ESTALE);
	CHECK_INT(claim.other, theirs);
	check_sole_holder(theirs);
	CHECK_INT(commands, 0);
}

static void higher_registration_is_refused(void)
{
	struct pr_claim claim;

	reset();
	holds(1, key_of(1, 3));
	raw_register(3, key_of(3, 9));	/* is about to preempt it */
	CHECK_INT(take(2, key_of(2, 8), &claim), -ESTALE);
	CHECK_INT(claim.other, key_of(3, 9));
	CHECK_INT(registered[2], 0);
	CHECK_INT(holder.key, key_of(1, 3));
}

/* Only nodes 1 to 4 are of this cluster. */
static bool is_ours(uint64_t key, void *data)
{
	for (uint8_t node = 1; node <= 4; node++)
		if (prkey_is_of(key, (const uint8_t [HOTID_ID_LEN]){ node }))
			return true;
	return false;
}

static int take_among_ours(int path, uint64_t key, struct pr_claim *claim)
{
	*claim = (struct pr_claim){ .is_ours = is_ours };
	return pr_claim_take(&play, &path, 1, key, claim);
}

/* Another program's key, another cluster's, and all registrants' at once, which has none. */
static void foreign_key_is_refused(void)
{
	static const uint64_t foreign[] = { 0x123abc, 0 };
	struct pr_claim claim;

	for (size_t i = 0; i < 3; i++) {
		uint64_t theirs = i < 2 ? foreign[i] : key_of(7, 2);

		reset();
		raw_register(5, theirs ? theirs : 0x123abd);
		if (theirs)
			raw_reserve(5, theirs, CLAIM_TYPE);
		else
			holder = (struct pr_holder){
				.held = true, .type = PR_TYPE_WRITE_EXCLUSIVE_ALL
			};
		CHECK_INT(take_among_ours(2, key_of(2, 8), &claim), -EPERM);
		CHECK_INT(claim.other, theirs);
		CHECK_INT(commands, 0);

		/* It need not hold the disk: registered it could write. */
		reset();
		holds(1, key_of(1, 7));
		raw_register(5, theirs ? theirs : 0x123abd);
		CHECK_INT(take_among_ours(2, key_of(2, 8), &claim), -EPERM);
		CHECK_INT(commands, 0);
	}
	reset();
	holds(1, key_of(1, 7));
	CHECK_INT(take_among_ours(2, key_of(2, 8), &claim), 0);
	check_sole_holder(key_of(2, 8));
}

static void same_epoch_is_refused(void)
{
	struct pr_claim claim;

	reset();
	holds(1, key_of(1, 8));
	CHECK_INT(take(2, key_of(2, 8), &claim), -EEXIST);
	CHECK_INT(claim.other, key_of(1, 8));
	CHECK_INT(commands, 0);
}

static void taking_again_changes_nothing(void)
{
	struct pr_claim claim;
	uint64_t ours = key_of(2, 4);

	reset();
	CHECK_INT(take(2, ours, &claim), 0);
	CHECK_INT(take(2, ours, &claim), 0);
	check_sole_holder(ours);
	CHECK_INT(claim.preempted, 0);
}

/* After a reboot the node has another path, and its old registration is still there. */
static void own_older_epoch_goes(void)
{
	struct pr_claim claim;
	uint64_t ours = key_of(2, 5);

	reset();
	holds(1, key_of(2, 4));
	CHECK_INT(take(2, ours, &claim), 0);
	check_sole_holder(ours);
}

/* On the same path the new key takes the old one's place, and its reservation. */
static void own_path_with_older_epoch(void)
{
	struct pr_claim claim;
	uint64_t ours = key_of(2, 5);

	reset();
	holds(2, key_of(2, 4));
	CHECK_INT(take(2, ours, &claim), 0);
	check_sole_holder(ours);
}

static void all_paths_are_registered(void)
{
	static const int paths[] = { 2, 3, 4 };
	struct pr_claim claim = { 0 };
	uint64_t ours = key_of(2, 5);
	uint64_t left;

	reset();
	holds(1, key_of(1, 4));
	CHECK_INT(pr_claim_take(&play, paths, 3, ours, &claim), 0);
	check_sole_holder(ours);
	for (size_t i = 0; i < 3; i++)
		CHECK_INT(registered[paths[i]], ours);
	CHECK_INT(pr_claim_drop(&play, paths, 3, node_2, &left), 0);
	CHECK(!holder.held);
	for (size_t i = 0; i < 3; i++)
		CHECK_INT(registered[paths[i]], 0);
}

static unsigned int told;
static int tell(void *data)
{
	told++;
	CHECK_INT(holder.key, key_of(1, 4));
	return *(int *)data;
}

static void told_before_the_first_change(void)
{
	struct pr_claim claim = { .before_change = tell };
	int refuse = 0, path = 2;

	reset();
	told = 0;
	claim.data = &refuse;
	holds(1, key_of(1, 4));
	raw_register(3, key_of(3, 2));
	CHECK_INT(pr_claim_take(&play, &path, 1, key_of(2, 8), &claim), 0);
	CHECK_INT(told, 1);

	reset();
	told = 0;
	refuse = -ENOSPC;
	claim = (struct pr_claim){ .before_change = tell, .data = &refuse };
	holds(1, key_of(1, 4));
	CHECK_INT(pr_claim_take(&play, &path, 1, key_of(2, 8), &claim), -ENOSPC);
	CHECK_INT(holder.key, key_of(1, 4));
	CHECK_INT(registered[2], 0);
}

static void not_told_when_nobody_is_there(void)
{
	struct pr_claim claim = { .before_change = tell };
	int refuse = -ENOSPC, path = 2;

	reset();
	told = 0;
	claim.data = &refuse;
	CHECK_INT(pr_claim_take(&play, &path, 1, key_of(2, 8), &claim), 0);
	CHECK_INT(told, 0);
}

static void verify_sees_what_is_wrong(void)
{
	struct pr_claim claim;
	uint64_t ours = key_of(2, 8);

	reset();
	CHECK_INT(pr_claim_verify(&play, 2, ours, &claim), -EBADE);
	raw_register(2, ours);
	/* Registered, not reserved. */
	CHECK_INT(pr_claim_verify(&play, 2, ours, &claim), -EBADE);
	raw_reserve(2, ours, CLAIM_TYPE);
	CHECK_INT(pr_claim_verify(&play, 2, ours, &claim), 0);
	raw_register(4, key_of(1, 4));
	/* Another may write. */
	CHECK_INT(pr_claim_verify(&play, 2, ours, &claim), -EBADE);
	CHECK_INT(claim.other, key_of(1, 4));
	CHECK(claim.held);
	drop(4);
	holder.type = PR_TYPE_WRITE_EXCLUSIVE_ALL;
	CHECK_INT(pr_claim_verify(&play, 2, ours, &claim), -EBADE);
	failing = true;
	CHECK_INT(pr_claim_verify(&play, 2, ours, &claim), -EIO);
}

static void drop_leaves_others_alone(void)
{
	uint64_t theirs = key_of(3, 9);
	int path = 2;
	uint64_t left;

	reset();
	holds(3, theirs);
	CHECK_INT(pr_claim_drop(&play, &path, 1, node_2, &left), 0);
	check_sole_holder(theirs);
	CHECK_INT(registered[3], theirs);

	/* Somebody else's registration of this very path is as it was found. */
	reset();
	holds(2, 0x123abc);
	CHECK_INT(pr_claim_drop(&play, &path, 1, node_2, &left), 0);
	CHECK_INT(registered[2], 0x123abc);
	check_sole_holder(0x123abc);
}

/* Superseded, a node knows the epoch of the new holder, and gives up its own of before. */
static void drop_gives_up_whatever_epoch(void)
{
	int path = 2;
	uint64_t left;

	reset();
	holds(2, key_of(2, 4));
	raw_register(3, key_of(3, 9));
	CHECK_INT(pr_claim_drop(&play, &path, 1, node_2, &left), 0);
	CHECK(!holder.held);
	CHECK_INT(registered[2], 0);
	CHECK_INT(registered[3], key_of(3, 9));
	CHECK_INT(left, 0);
}

/* What the node's session before registered is by another name than this one's. */
static void drop_leaves_an_earlier_session(void)
{
	uint64_t earlier = key_of(2, 4), left;
	int path = 2;

	reset();
	holds(5, earlier);
	CHECK_INT(pr_claim_drop(&play, &path, 1, node_2, &left), 0);
	CHECK_INT(left, earlier);
	check_sole_holder(earlier);
	raw_register(2, key_of(2, 6));
	CHECK_INT(pr_claim_drop(&play, &path, 1, node_2, &left), 0);
	CHECK_INT(left, earlier);
	CHECK_INT(registered[2], 0);
	failing = true;
	CHECK_INT(pr_claim_drop(&play, &path, 1, node_2, &left), -EIO);
}

static const struct ktap_test tests[] = {
	{ "free_disk", free_disk },
	{ "older_holder_loses", older_holder_loses },
	{ "every_other_registration_goes", every_other_registration_goes },
	{ "foreign_holder_loses", foreign_holder_loses },
	{ "all_registrants_lose", all_registrants_lose },
	{ "higher_epoch_is_refused", higher_epoch_is_refused },
	{ "higher_registration_is_refused", higher_registration_is_refused },
	{ "foreign_key_is_refused", foreign_key_is_refused },
	{ "same_epoch_is_refused", same_epoch_is_refused },
	{ "taking_again_changes_nothing", taking_again_changes_nothing },
	{ "own_older_epoch_goes", own_older_epoch_goes },
	{ "own_path_with_older_epoch", own_path_with_older_epoch },
	{ "all_paths_are_registered", all_paths_are_registered },
	{ "told_before_the_first_change", told_before_the_first_change },
	{ "not_told_when_nobody_is_there", not_told_when_nobody_is_there },
	{ "verify_sees_what_is_wrong", verify_sees_what_is_wrong },
	{ "drop_leaves_others_alone", drop_leaves_others_alone },
	{ "drop_gives_up_whatever_epoch", drop_gives_up_whatever_epoch },
	{ "drop_leaves_an_earlier_session", drop_leaves_an_earlier_session },
};

KTAP_MAIN(tests)

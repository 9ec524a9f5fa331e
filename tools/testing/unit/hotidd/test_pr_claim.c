// SPDX-License-Identifier: GPL-2.0
/*
 * Claiming a disk against a target played here, which does with registrations
 * and reservations what SPC-4 says, and lets another node act in between.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>

#include "config/prkey.h"
#include "ktap.h"
#include "storage/pr_claim.h"

#define PATHS	8

static uint64_t registered[PATHS];	/* by path; 0 for none */
static struct pr_holder holder;
static int holder_path;
static unsigned int aborted;		/* commands of these paths, as bits */
static unsigned int commands;		/* that change something */

/* What somebody else does right before command number @at of ours. */
static struct {
	unsigned int at;
	void (*act)(void);
} other;

static bool failing;			/* the path is gone */
static bool failing_once;		/* and back after one command */

static bool fails(void)
{
	bool once = failing_once;

	failing_once = false;
	return failing || once;
}

static void before_command(void)
{
	if (other.act && !other.at--) {
		void (*act)(void) = other.act;

		other.act = NULL;
		act();
	}
}

static void drop(int path)
{
	registered[path] = 0;
	/* The holder's registration gone, so is a reservation of this type. */
	if (holder.held && holder_path == path)
		memset(&holder, 0, sizeof(holder));
}

static int raw_register(int path, uint64_t key)
{
	if (!key)
		drop(path);
	registered[path] = key;
	if (holder.held && holder_path == path)
		holder.key = key;
	return 0;
}

static int raw_reserve(int path, uint64_t key, unsigned int type)
{
	if (!key || registered[path] != key)
		return -EBADE;
	if (holder.held)
		return holder_path == path && holder.type == type ? 0 : -EBADE;
	holder = (struct pr_holder){ .held = true, .key = key, .type = type };
	holder_path = path;
	return 0;
}

static int raw_preempt(int path, uint64_t key, uint64_t victim, unsigned int type)
{
	bool holds = holder.held && holder.key == victim, found = holds;

	if (!key || registered[path] != key)
		return -EBADE;
	for (int i = 0; i < PATHS; i++) {
		/* Zero stands for everybody else, when all registrants hold it. */
		if (i == path || !registered[i] || (victim && registered[i] != victim))
			continue;
		registered[i] = 0;
		aborted |= 1u << i;
		found = true;
	}
	if (holds) {
		holder = (struct pr_holder){ .held = true, .key = key, .type = type };
		holder_path = path;
	}
	return found ? 0 : -EBADE;
}

static int play_register(int fd, uint64_t key)
{
	before_command();
	commands++;
	return fails() ? -EIO : raw_register(fd, key);
}

static int raw_unregister(int path, uint64_t key)
{
	if (!key || registered[path] != key)
		return -EBADE;
	drop(path);
	return 0;
}

static int play_unregister(int fd, uint64_t key)
{
	before_command();
	commands++;
	return fails() ? -EIO : raw_unregister(fd, key);
}

static int play_reserve(int fd, uint64_t key, unsigned int type)
{
	before_command();
	commands++;
	return fails() ? -EIO : raw_reserve(fd, key, type);
}

static int play_release(int fd, uint64_t key, unsigned int type)
{
	before_command();
	commands++;
	if (fails())
		return -EIO;
	if (registered[fd] != key)
		return -EBADE;
	if (holder.held && holder_path == fd && holder.type == type)
		memset(&holder, 0, sizeof(holder));
	return 0;
}

static int play_preempt_abort(int fd, uint64_t key, uint64_t victim, unsigned int type)
{
	before_command();
	commands++;
	return fails() ? -EIO : raw_preempt(fd, key, victim, type);
}

static int play_read_keys(int fd, struct pr_keys *keys)
{
	before_command();
	memset(keys, 0, sizeof(*keys));
	for (int i = 0; i < PATHS; i++)
		if (registered[i])
			keys->keys[keys->n++] = registered[i];
	return fails() ? -EIO : 0;
}

static int play_read_holder(int fd, struct pr_holder *out)
{
	before_command();
	*out = holder;
	return fails() ? -EIO : 0;
}

static const struct pr_ops play = {
	.register_key = play_register,
	.unregister = play_unregister,
	.reserve = play_reserve,
	.release = play_release,
	.preempt_abort = play_preempt_abort,
	.read_keys = play_read_keys,
	.read_holder = play_read_holder,
};

static const uint8_t node_2[HOTID_ID_LEN] = { 2 };

static uint64_t key_of(uint8_t node, uint64_t epoch)
{
	uint8_t id[HOTID_ID_LEN] = { node };
	uint64_t key = 0;

	prkey_make(id, epoch, &key);
	return key;
}

static void reset(void)
{
	memset(registered, 0, sizeof(registered));
	memset(&holder, 0, sizeof(holder));
	memset(&other, 0, sizeof(other));
	aborted = commands = 0;
	failing = failing_once = false;
}

/* @path holds the disk with @key. */
static void holds(int path, uint64_t key)
{
	raw_register(path, key);
	raw_reserve(path, key, CLAIM_TYPE);
}

static int take(int path, uint64_t key, struct pr_claim *claim)
{
	memset(claim, 0, sizeof(*claim));
	return pr_claim_take(&play, &path, 1, key, claim);
}

static void check_sole_holder(uint64_t key)
{
	CHECK(holder.held);
	CHECK_INT(holder.key, key);
	CHECK_INT(holder.type, CLAIM_TYPE);
	for (int i = 0; i < PATHS; i++)
		CHECK(!registered[i] || registered[i] == key);
}

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
			holder = (struct pr_holder){ .held = true, .type = PR_TYPE_WRITE_EXCLUSIVE_ALL };
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

	reset();
	holds(1, key_of(1, 4));
	CHECK_INT(pr_claim_take(&play, paths, 3, ours, &claim), 0);
	check_sole_holder(ours);
	for (size_t i = 0; i < 3; i++)
		CHECK_INT(registered[paths[i]], ours);
	CHECK_INT(pr_claim_drop(&play, paths, 3, node_2), 0);
	CHECK(!holder.held);
	for (size_t i = 0; i < 3; i++)
		CHECK_INT(registered[paths[i]], 0);
}

/* Another node with a higher epoch claims the disk at any moment of ours. */
static void another_claims(void)
{
	struct pr_claim claim = { 0 };
	int path = 3;

	pr_claim_take(&(struct pr_ops){
		.register_key = raw_register, .unregister = raw_unregister,
		.reserve = raw_reserve,
		.preempt_abort = raw_preempt, .read_keys = play_read_keys,
		.read_holder = play_read_holder,
	}, &path, 1, key_of(3, 9), &claim);
}

static void race_with_higher_epoch(void)
{
	unsigned int lost = 0, at;

	for (at = 0; at < 40; at++) {
		struct pr_claim claim;
		int result;

		reset();
		holds(1, key_of(1, 4));
		other.at = at;
		other.act = another_claims;
		result = take(2, key_of(2, 8), &claim);
		if (other.act)
			break;		/* ours was over before: no race any more */
		CHECK_INT(holder.key, key_of(3, 9));
		check_sole_holder(key_of(3, 9));
		CHECK_INT(registered[2], 0);
		/* Beaten after its last look it does not know yet; verify tells it. */
		if (result)
			CHECK_INT(result, -ESTALE);
		else
			CHECK_INT(pr_claim_verify(&play, 2, key_of(2, 8), &claim), -EBADE);
		lost += result == -ESTALE;
	}
	CHECK(at < 40);
	CHECK(lost >= 5);
}

/* The other node has the lower epoch: ours holds the disk in the end. */
static void another_older_claims(void)
{
	struct pr_claim claim = { 0 };
	int path = 3;

	pr_claim_take(&(struct pr_ops){
		.register_key = raw_register, .unregister = raw_unregister,
		.reserve = raw_reserve,
		.preempt_abort = raw_preempt, .read_keys = play_read_keys,
		.read_holder = play_read_holder,
	}, &path, 1, key_of(3, 6), &claim);
}

static void race_with_lower_epoch(void)
{
	unsigned int at;

	for (at = 0; at < 40; at++) {
		struct pr_claim claim;

		reset();
		holds(1, key_of(1, 4));
		other.at = at;
		other.act = another_older_claims;
		CHECK_INT(take(2, key_of(2, 8), &claim), 0);
		if (other.act)
			break;
		check_sole_holder(key_of(2, 8));
		CHECK_INT(pr_claim_verify(&play, 2, key_of(2, 8), &claim), 0);
	}
	CHECK(at > 5 && at < 40);
}

/*
 * Two spares that do not hear each other choose the same epoch, and claim the
 * disk at the same time: one command of one or of the other is next, in every
 * order of the first @SCHEDULED. One of them gets the disk, never both and
 * never none.
 */
#define SCHEDULED	11

static struct spare {
	pthread_t thread;
	sem_t go;
	sem_t done;			/* with a command, or altogether */
	bool over;
	int path;
	uint64_t key;
	int result;
} spares[2];

static void my_turn(int path)
{
	struct spare *spare = &spares[path - 2];

	sem_post(&spare->done);
	sem_wait(&spare->go);
}

static int spare_register(int fd, uint64_t key)
{
	my_turn(fd);
	return raw_register(fd, key);
}

static int spare_unregister(int fd, uint64_t key)
{
	my_turn(fd);
	return raw_unregister(fd, key);
}

static int spare_reserve(int fd, uint64_t key, unsigned int type)
{
	my_turn(fd);
	return raw_reserve(fd, key, type);
}

static int spare_preempt(int fd, uint64_t key, uint64_t victim, unsigned int type)
{
	my_turn(fd);
	return raw_preempt(fd, key, victim, type);
}

static int spare_read_keys(int fd, struct pr_keys *keys)
{
	my_turn(fd);
	return play_read_keys(fd, keys);
}

static int spare_read_holder(int fd, struct pr_holder *out)
{
	my_turn(fd);
	return play_read_holder(fd, out);
}

static void *spare_claims(void *data)
{
	static const struct pr_ops ops = {
		.register_key = spare_register, .unregister = spare_unregister,
		.reserve = spare_reserve, .preempt_abort = spare_preempt,
		.read_keys = spare_read_keys, .read_holder = spare_read_holder,
	};
	struct spare *spare = data;
	struct pr_claim claim = { 0 };

	spare->result = pr_claim_take(&ops, &spare->path, 1, spare->key, &claim);
	spare->over = true;
	sem_post(&spare->done);
	return NULL;
}

/* Runs both by the bits of @schedule; after its end they take turns. */
static void run_spares(unsigned int schedule)
{
	for (int i = 0; i < 2; i++) {
		spares[i] = (struct spare){ .path = 2 + i, .key = key_of((uint8_t)(2 + i), 8) };
		sem_init(&spares[i].go, 0, 0);
		sem_init(&spares[i].done, 0, 0);
		pthread_create(&spares[i].thread, NULL, spare_claims, &spares[i]);
		sem_wait(&spares[i].done);
	}
	for (unsigned int i = 0; !spares[0].over || !spares[1].over; i++) {
		unsigned int next = (i < SCHEDULED ? schedule >> i : i) & 1;

		if (spares[next].over)
			next ^= 1;
		sem_post(&spares[next].go);
		sem_wait(&spares[next].done);
	}
	for (int i = 0; i < 2; i++)
		pthread_join(spares[i].thread, NULL);
}

static void spares_of_one_epoch(void)
{
	unsigned int wins[2] = { 0 };

	for (unsigned int schedule = 0; schedule < 2u << SCHEDULED; schedule++) {
		int winner;

		/* The last bit: whether there is an old holder. */
		reset();
		if (schedule >> SCHEDULED)
			holds(1, key_of(1, 7));
		run_spares(schedule);
		winner = spares[1].result ? 0 : 1;
		CHECK_INT(spares[winner].result, 0);
		CHECK_INT(spares[!winner].result, -EEXIST);
		check_sole_holder(spares[winner].key);
		wins[winner]++;
	}
	CHECK(wins[0] > 100);
	CHECK(wins[1] > 100);
}

/* The holder goes by itself right before it would be preempted. */
static void holder_leaves(void)
{
	drop(1);
}

static void race_with_leaving_holder(void)
{
	unsigned int at;

	for (at = 0; at < 40; at++) {
		struct pr_claim claim;

		reset();
		holds(1, key_of(1, 4));
		other.at = at;
		other.act = holder_leaves;
		CHECK_INT(take(2, key_of(2, 8), &claim), 0);
		check_sole_holder(key_of(2, 8));
		if (other.act)
			break;
	}
	CHECK(at > 3 && at < 40);
}

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
			CHECK_INT(commands - before, 2);	/* register, preempt; no unregister */
		}
	}
	CHECK(after >= 1);
}

/* One command fails, and the path is well again. */
static void path_fails_for_once(void)
{
	failing_once = true;
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
	CHECK_INT(pr_claim_verify(&play, 2, ours, &claim), -EBADE);	/* registered, not reserved */
	raw_reserve(2, ours, CLAIM_TYPE);
	CHECK_INT(pr_claim_verify(&play, 2, ours, &claim), 0);
	raw_register(4, key_of(1, 4));
	CHECK_INT(pr_claim_verify(&play, 2, ours, &claim), -EBADE);	/* another may write */
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

	reset();
	holds(3, theirs);
	CHECK_INT(pr_claim_drop(&play, &path, 1, node_2), 0);
	check_sole_holder(theirs);
	CHECK_INT(registered[3], theirs);

	/* Somebody else's registration of this very path is as it was found. */
	reset();
	holds(2, 0x123abc);
	CHECK_INT(pr_claim_drop(&play, &path, 1, node_2), 0);
	CHECK_INT(registered[2], 0x123abc);
	check_sole_holder(0x123abc);
}

/* Superseded, a node knows the epoch of the new holder, and gives up its own of before. */
static void drop_gives_up_whatever_epoch(void)
{
	int path = 2;

	reset();
	holds(2, key_of(2, 4));
	raw_register(3, key_of(3, 9));
	CHECK_INT(pr_claim_drop(&play, &path, 1, node_2), 0);
	CHECK(!holder.held);
	CHECK_INT(registered[2], 0);
	CHECK_INT(registered[3], key_of(3, 9));
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
	{ "free_disk", free_disk },
	{ "older_holder_loses", older_holder_loses },
	{ "every_other_registration_goes", every_other_registration_goes },
	{ "foreign_holder_loses", foreign_holder_loses },
	{ "all_registrants_lose", all_registrants_lose },
	{ "higher_epoch_is_refused", higher_epoch_is_refused },
	{ "higher_registration_is_refused", higher_registration_is_refused },
	{ "foreign_key_is_refused", foreign_key_is_refused },
	{ "same_epoch_is_refused", same_epoch_is_refused },
	{ "spares_of_one_epoch", spares_of_one_epoch },
	{ "taking_again_changes_nothing", taking_again_changes_nothing },
	{ "own_older_epoch_goes", own_older_epoch_goes },
	{ "own_path_with_older_epoch", own_path_with_older_epoch },
	{ "all_paths_are_registered", all_paths_are_registered },
	{ "race_with_higher_epoch", race_with_higher_epoch },
	{ "race_with_lower_epoch", race_with_lower_epoch },
	{ "race_with_leaving_holder", race_with_leaving_holder },
	{ "failure_after_preempt_keeps_the_fence", failure_after_preempt_keeps_the_fence },
	{ "told_before_the_first_change", told_before_the_first_change },
	{ "not_told_when_nobody_is_there", not_told_when_nobody_is_there },
	{ "verify_sees_what_is_wrong", verify_sees_what_is_wrong },
	{ "drop_leaves_others_alone", drop_leaves_others_alone },
	{ "drop_gives_up_whatever_epoch", drop_gives_up_whatever_epoch },
	{ "own_fence_outlives_a_failure", own_fence_outlives_a_failure },
};

KTAP_MAIN(tests)

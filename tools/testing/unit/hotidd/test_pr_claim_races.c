// SPDX-License-Identifier: GPL-2.0
/*
 * Nodes that claim a disk of a played target at the same time, or leave it: at every
 * point of a claim, and in every order of the commands of two.
 */
#include <pthread.h>
#include <semaphore.h>

#include "played_target.h"

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

static const struct ktap_test tests[] = {
	{ "race_with_higher_epoch", race_with_higher_epoch },
	{ "race_with_lower_epoch", race_with_lower_epoch },
	{ "race_with_leaving_holder", race_with_leaving_holder },
	{ "spares_of_one_epoch", spares_of_one_epoch },
};

KTAP_MAIN(tests)

// SPDX-License-Identifier: GPL-2.0
/*
 * Long random lives of the state machine of identities: of one, and of several that
 * hear each other's claims.
 */
#include "machine_inputs.h"

/* Which states may follow a state, whatever happens. */
static bool may_follow(uint32_t from, uint32_t to)
{
	static const uint32_t follow[] = {
		[OFFLINE] = 1 << ARMING,
		[ARMING] = 1 << ARMED | 1 << RELEASING | 1 << FAILED,
		[ARMED] = 1 << TAKING | 1 << RELEASING,
		[TAKING] = 1 << HELD | 1 << RELEASING | 1 << FAILED,
		[HELD] = 1 << RELEASING,
		[RELEASING] = 1 << OFFLINE | 1 << FAILED,
		[FAILED] = 1 << ARMING | 1 << RELEASING,
	};

	return follow[from] & 1 << to;
}

/* What must hold after any input, whatever was before. */
static bool sound(const struct hotid_machine *before, const struct hotid_machine *after,
		  enum input input, int result, const char *why)
{
	bool refused = !is_claim(input) && result;

	if (after->known < before->known || after->known > HIGHEST || after->epoch > after->known ||
	    after->epoch < before->epoch || after->state > FAILED)
		return false;
	if (refused)
		return result < 0 && why && same(before, after);
	if (before->state != after->state && !may_follow(before->state, after->state))
		return false;
	if (!is_claim(input) && before->state == after->state)
		return false;
	/* Only a takeover or a claim makes an epoch known, and a takeover always does. */
	if (after->state == TAKING && before->state != TAKING && after->epoch <= before->known)
		return false;
	if (after->known != before->known && after->state != TAKING && !is_claim(input))
		return false;
	/* What this node bears, it bears by the epoch that it took it with. */
	if (is_claim(input) && after->epoch != before->epoch &&
	    (after->state == TAKING || after->state == HELD))
		return false;
	/* Where nothing of it is, the epoch is the highest one. */
	if ((after->state == OFFLINE || after->state == ARMED) && after->epoch != after->known)
		return false;
	/* Something is left behind only after a failure, until it is undone. */
	return after->clean || after->state == FAILED || after->state == RELEASING;
}

static void random_lives(void)
{
	unsigned int seed, visits[STATES] = {};
	uint32_t state;

	for (seed = 1; seed <= 200; seed++) {
		struct hotid_machine machine;
		unsigned int random = seed;
		int step;

		hotid_machine_init(&machine);
		for (step = 0; step < 5000; step++) {
			enum input input = rand_r(&random) % INPUTS;
			struct hotid_machine before;
			const char *why = NULL;
			int result;

			/* The highest epoch would be the end of every life. */
			if (input == CLAIM_HIGHEST)
				continue;
			if (!(rand_r(&random) % 16))
				hotid_machine_fenced(&machine);
			/* An epoch before the first one is the wish for any. */
			if (!machine.epoch && (input == TAKE_LOWER || input == CLAIM_LOWER ||
					       input == RELEASE_LOWER || input == TAKE_SAME))
				continue;
			before = machine;
			result = feed(&machine, input, &why);
			if (!sound(&before, &machine, input, result, why)) {
				CHECK(!"sound");
				printf("#   seed %u, step %d, input %d: state %u to %u\n", seed,
				       step, input, before.state, machine.state);
				return;
			}
			visits[machine.state]++;
		}
	}
	for (state = 0; state <= FAILED; state++)
		CHECK(visits[state] > 1000);
}

#define NODES	4

/**
 * struct letter - a claim on its way
 * @from: index of the node; the lower one is the senior
 */
struct letter {
	unsigned int from, to;
	uint64_t epoch;
	bool proven;
};

static bool bears(const struct hotid_machine *machine)
{
	return machine->state == TAKING || machine->state == HELD;
}

/* Everyone tells everyone, in any order, until there is nothing new. */
static void hear_all(struct hotid_machine nodes[NODES], unsigned int *random)
{
	struct letter letters[NODES * NODES];
	unsigned int round, from, to, n;

	for (round = 0; round < 4; round++) {
		for (from = n = 0; from < NODES; from++)
			for (to = 0; to < NODES; to++)
				if (from != to && bears(&nodes[from]))
					letters[n++] = (struct letter) {
						from, to, nodes[from].epoch,
						hotid_machine_proven(&nodes[from]) };
		while (n) {
			unsigned int i = rand_r(random) % n;
			struct letter letter = letters[i];

			letters[i] = letters[--n];
			hotid_machine_advert(&nodes[letter.to], letter.epoch, letter.proven,
					     letter.from < letter.to);
		}
	}
}

/*
 * Several nodes that hear of each other late and out of order, and do what
 * they like meanwhile: once all claims have come, at most one of them is left
 * that holds the identity or has proven its fence, and at most one that tries
 * to take it, by a higher epoch. Whoever has proven it by the highest epoch is
 * never made to let go.
 */
static void one_holder(void)
{
	unsigned int seed, rivals = 0, winners = 0, attempts = 0;

	for (seed = 1; seed <= 3000; seed++) {
		unsigned int random = seed, i, firm, soft, before, before_firm;
		struct hotid_machine nodes[NODES];
		uint64_t highest = 0, attempt = 0, kept = 0;
		const char *why;
		int step;

		for (i = 0; i < NODES; i++)
			hotid_machine_init(&nodes[i]);
		for (step = 0; step < 60; step++) {
			struct hotid_machine *node = &nodes[rand_r(&random) % NODES];
			struct hotid_machine *other = &nodes[rand_r(&random) % NODES];

			if (!(rand_r(&random) % 8))
				hotid_machine_fenced(node);
			else if (rand_r(&random) % 4)
				feed(node, (enum input[]) {
					ARM, ARMING_DONE, TAKE_NEXT, TAKING_DONE, RELEASING_DONE
				}[rand_r(&random) % 5], &why);
			else if (node != other && bears(other))
				hotid_machine_advert(node, other->epoch,
						     hotid_machine_proven(other), other < node);
		}
		for (i = before = before_firm = 0; i < NODES; i++) {
			before += bears(&nodes[i]);
			before_firm += hotid_machine_proven(&nodes[i]);
			if (hotid_machine_proven(&nodes[i]) && nodes[i].epoch > highest)
				highest = nodes[i].epoch;
		}
		hear_all(nodes, &random);
		for (i = firm = soft = 0; i < NODES; i++) {
			if (hotid_machine_proven(&nodes[i])) {
				firm++;
				kept = nodes[i].epoch;
			} else if (bears(&nodes[i])) {
				soft++;
				attempt = nodes[i].epoch;
			}
		}
		rivals += before > 1;
		winners += firm == 1;
		attempts += firm && soft;
		if (!CHECK(firm <= 1) || !CHECK(soft <= 1) || !CHECK(firm == !!before_firm) ||
		    !CHECK(!before == !(firm + soft)) || (firm && !CHECK(kept == highest)) ||
		    (firm && soft && !CHECK(attempt > kept))) {
			printf("#   seed %u: %u bore it, %u hold it, %u try\n", seed, before, firm, soft);
			return;
		}
	}
	/* That there was something to settle at all. */
	CHECK(rivals > 300);
	CHECK(winners > 300);
	CHECK(attempts > 30);
}

static const struct ktap_test tests[] = {
	{ "random_lives", random_lives },
	{ "one_holder", one_holder },
};

KTAP_MAIN(tests)

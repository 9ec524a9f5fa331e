// SPDX-License-Identifier: GPL-2.0
/* What the gaps between beats say of a deadline. */
#include "ktap.h"
#include "margin.h"

#define MS 1000000ull
#define HOUR (3600000 * MS)

/* A peer with beats of 10 ms x 3 on two paths, counted for an hour. */
static struct hotid_peer example(uint64_t now_ns)
{
	struct hotid_peer peer = { .interval_us = 10000, .multiplier = 3, .n_paths = 2 };
	size_t i;

	peer.gaps_since_ns = now_ns - HOUR;
	for (i = 0; i < 2; i++) {
		peer.paths[i].last_ns = now_ns - 4 * MS;
		peer.paths[i].longest_gap_ns = 12 * MS;
		peer.paths[i].gaps[7] = 360000;
	}
	return peer;
}

static void nothing_counted(void)
{
	struct hotid_peer peer = example(2 * HOUR);
	struct margin margin;

	peer.paths[0].gaps[7] = peer.paths[1].gaps[7] = 0;
	CHECK(!margin_read(&peer, 2 * HOUR, &margin));
	peer.n_paths = 0;
	CHECK(!margin_read(&peer, 2 * HOUR, &margin));
}

static void the_best_path_bounds_the_silence(void)
{
	struct hotid_peer peer = example(2 * HOUR);
	struct margin margin;

	peer.paths[1].longest_gap_ns = 500 * MS;
	CHECK(margin_read(&peer, 2 * HOUR, &margin));
	CHECK_INT(margin.longest_ns, 12 * MS);
	CHECK_INT(margin.allowed_ns, 30 * MS);
	CHECK_INT(margin.observed_ns, HOUR);
	CHECK_INT(margin.beats, 360000);
	CHECK_INT(margin_used(&margin), 40);
}

static void an_unheard_path_bounds_nothing(void)
{
	struct hotid_peer peer = example(2 * HOUR);
	struct margin margin;

	memset(&peer.paths[1], 0, sizeof(peer.paths[1]));
	CHECK(margin_read(&peer, 2 * HOUR, &margin));
	CHECK_INT(margin.longest_ns, 12 * MS);
}

static void a_dead_path_is_as_silent_as_it_is_now(void)
{
	struct hotid_peer peer = example(2 * HOUR);
	struct margin margin;

	/* It died early; the other one, which lives, had the longer gap until now. */
	peer.paths[0].last_ns = 2 * HOUR - 1000 * MS;
	peer.paths[1].longest_gap_ns = 25 * MS;
	CHECK(margin_read(&peer, 2 * HOUR, &margin));
	CHECK_INT(margin.longest_ns, 25 * MS);
}

static void twice_the_silence_is_safe(void)
{
	struct hotid_peer peer = example(2 * HOUR);
	struct margin margin;

	peer.n_paths = 1;
	peer.paths[0].longest_gap_ns = 26 * MS;
	CHECK(margin_read(&peer, 2 * HOUR, &margin));
	CHECK_INT(margin.safe_interval_us, 10000);
	CHECK_INT(margin.safe_multiplier, 6);
	/* Never fewer than the peer has. */
	peer.paths[0].longest_gap_ns = 10 * MS;
	CHECK(margin_read(&peer, 2 * HOUR, &margin));
	CHECK_INT(margin.safe_multiplier, 3);
}

static void beyond_all_multipliers(void)
{
	struct hotid_peer peer = example(2 * HOUR);
	struct margin margin;

	peer.interval_us = 1000;
	peer.paths[0].longest_gap_ns = peer.paths[1].longest_gap_ns = 5000 * MS;
	CHECK(margin_read(&peer, 2 * HOUR, &margin));
	CHECK_INT(margin.safe_multiplier, HOTID_MULTIPLIER_MAX);
	CHECK(margin.safe_interval_us * 1000ull * margin.safe_multiplier >= 10000 * MS);
	CHECK((margin.safe_interval_us - 1) * 1000ull * margin.safe_multiplier < 10000 * MS);
}

static void rule_of_three(void)
{
	struct hotid_peer peer = example(2 * HOUR);
	struct margin margin;

	CHECK(margin_read(&peer, 2 * HOUR, &margin));
	CHECK(margin_bound_per_hour(&margin) == 3.0);
	peer.gaps_since_ns = 2 * HOUR - HOUR / 2;
	CHECK(margin_read(&peer, 2 * HOUR, &margin));
	CHECK(margin_bound_per_hour(&margin) == 6.0);
}

static const struct ktap_test tests[] = {
	{ "nothing_counted", nothing_counted },
	{ "the_best_path_bounds_the_silence", the_best_path_bounds_the_silence },
	{ "an_unheard_path_bounds_nothing", an_unheard_path_bounds_nothing },
	{ "a_dead_path_is_as_silent_as_it_is_now", a_dead_path_is_as_silent_as_it_is_now },
	{ "twice_the_silence_is_safe", twice_the_silence_is_safe },
	{ "beyond_all_multipliers", beyond_all_multipliers },
	{ "rule_of_three", rule_of_three },
};

KTAP_MAIN(tests)

// SPDX-License-Identifier: GPL-2.0
#include "margin.h"

uint64_t margin_beats(const struct hotid_path *path)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < HOTID_GAP_BUCKETS; i++)
		sum += path->gaps[i];
	return sum;
}

uint64_t margin_longest(const struct hotid_path *path, uint64_t now_ns)
{
	uint64_t open = path->last_ns && now_ns > path->last_ns ? now_ns - path->last_ns : 0;

	return open > path->longest_gap_ns ? open : path->longest_gap_ns;
}

/* A deadline of at least @wanted_ns, with the peer's interval if that can be. */
static void safe_deadline(const struct hotid_peer *peer, uint64_t wanted_ns, struct margin *margin)
{
	uint64_t interval_ns = peer->interval_us * 1000ull;
	uint64_t multiplier = (wanted_ns + interval_ns - 1) / interval_ns;

	margin->safe_interval_us = peer->interval_us;
	if (multiplier <= HOTID_MULTIPLIER_MAX) {
		margin->safe_multiplier = multiplier > peer->multiplier ? multiplier :
									  peer->multiplier;
		return;
	}
	margin->safe_multiplier = HOTID_MULTIPLIER_MAX;
	margin->safe_interval_us = (wanted_ns + HOTID_MULTIPLIER_MAX * 1000ull - 1) /
				   (HOTID_MULTIPLIER_MAX * 1000ull);
	if (margin->safe_interval_us > HOTID_INTERVAL_MAX_US)
		margin->safe_interval_us = HOTID_INTERVAL_MAX_US;
}

bool margin_read(const struct hotid_peer *peer, uint64_t now_ns, struct margin *margin)
{
	uint64_t longest, beats;
	size_t i;

	*margin = (struct margin){ .longest_ns = UINT64_MAX };
	for (i = 0; i < peer->n_paths; i++) {
		beats = margin_beats(&peer->paths[i]);
		if (!beats)
			continue;
		longest = margin_longest(&peer->paths[i], now_ns);
		if (beats > margin->beats)
			margin->beats = beats;
		if (longest < margin->longest_ns)
			margin->longest_ns = longest;
	}
	if (!margin->beats || !peer->interval_us)
		return false;
	margin->observed_ns = now_ns > peer->gaps_since_ns ? now_ns - peer->gaps_since_ns : 0;
	margin->allowed_ns = peer->interval_us * 1000ull * peer->multiplier;
	safe_deadline(peer, 2 * margin->longest_ns, margin);
	return true;
}

unsigned int margin_used(const struct margin *margin)
{
	return margin->longest_ns * 100 / margin->allowed_ns;
}

double margin_bound_per_hour(const struct margin *margin)
{
	return margin->observed_ns ? 3 * 3600e9 / margin->observed_ns : 0;
}

/* SPDX-License-Identifier: GPL-2.0 */
/* How near the silence of a living peer came to its deadline. */
#ifndef HOTIDCTL_MARGIN_H
#define HOTIDCTL_MARGIN_H

#include <stdbool.h>
#include <stdint.h>
#include "hotid.h"

/**
 * struct margin - what the gaps between a peer's beats say of its deadline
 * @beats: gaps counted on the path that has most of them
 * @observed_ns: how long they were counted
 * @longest_ns: no silence of the peer was longer: whenever all paths were
 *	silent each had a gap at least that long, so the least of the paths'
 *	longest gaps is the bound
 * @allowed_ns: interval times multiplier
 * @safe_interval_us: with @safe_multiplier a deadline of twice @longest_ns or
 *	more; the peer's own interval unless no multiplier reaches that far
 * @safe_multiplier: never less than the peer's own
 */
struct margin {
	uint64_t beats;
	uint64_t observed_ns;
	uint64_t longest_ns;
	uint64_t allowed_ns;
	uint32_t safe_interval_us;
	uint32_t safe_multiplier;
};

/* From this share of the deadline on, in percent, the margin is a narrow one. */
#define MARGIN_NARROW	75

/* Returns false where no gap of @peer was counted yet. */
bool margin_read(const struct hotid_peer *peer, uint64_t now_ns, struct margin *margin);

/* The longest gap of the deadline, in percent, rounded down. */
unsigned int margin_used(const struct margin *margin);

/*
 * Alarms an hour that seeing none in all that time excludes at 95 %: three
 * divided by the time (the "rule of three").
 */
double margin_bound_per_hour(const struct margin *margin);

/* The longest gap of one path, the one that is still open included. */
uint64_t margin_longest(const struct hotid_path *path, uint64_t now_ns);

/* Gaps of one path, counted. */
uint64_t margin_beats(const struct hotid_path *path);

#endif /* HOTIDCTL_MARGIN_H */

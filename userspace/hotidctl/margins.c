// SPDX-License-Identifier: GPL-2.0
/* hotidctl margins: the gaps between each peer's beats, against its deadline. */
#include <inttypes.h>
#include <stdio.h>

#include "ctl.h"
#include "duration.h"
#include "json.h"
#include "margin.h"
#include "overview.h"
#include "text.h"

#define BAR_MAX		32	/* one mark for each power of two that a count can have */

/* A bucket's lower end; that of the one after the last is its upper end. */
static uint64_t bucket_start_ns(unsigned int bucket)
{
	return bucket ? 1ull << (HOTID_GAP_SHIFT + bucket) : 0;
}

static unsigned int bucket_of(uint64_t ns)
{
	unsigned int bucket = 0;

	while (bucket + 1 < HOTID_GAP_BUCKETS && ns >= bucket_start_ns(bucket + 1))
		bucket++;
	return bucket;
}

/* Rare gaps are what matters, so a mark stands for a doubling of the count. */
static void draw_bar(uint32_t count)
{
	int marks = 0, i;

	for (; count; count >>= 1)
		marks++;
	for (i = 0; i < BAR_MAX; i++)
		putchar(i < marks ? '#' : ' ');
}

static void draw_path(const struct hotid_peer *peer, const struct hotid_path *path,
		      uint64_t now_ns, uint64_t allowed_ns)
{
	char text[TEXT_PATH_MAX], from[DURATION_TEXT_MAX], to[DURATION_TEXT_MAX];
	unsigned int first = HOTID_GAP_BUCKETS, last = 0, i, deadline = bucket_of(allowed_ns);

	text_path(path, text);
	if (!margin_beats(path)) {
		printf("  path %s: no gap yet\n", text);
		return;
	}
	duration_format(margin_longest(path, now_ns), to);
	printf("  path %s: longest gap %s\n", text, to);
	for (i = 0; i < HOTID_GAP_BUCKETS; i++) {
		if (!path->gaps[i])
			continue;
		first = i < first ? i : first;
		last = i;
	}
	last = deadline > last ? deadline : last;
	for (i = first; i <= last; i++) {
		duration_format(bucket_start_ns(i), from);
		duration_format(bucket_start_ns(i + 1), to);
		if (i == HOTID_GAP_BUCKETS - 1)
			snprintf(to, sizeof(to), "more");
		printf("    %8s to %-8s |", from, to);
		draw_bar(path->gaps[i]);
		printf("| %" PRIu32 "%s\n", path->gaps[i],
		       i == deadline && peer->interval_us ? "  < the deadline is here" : "");
	}
}

static void draw_peer(const struct hotid_peer *peer, uint64_t now_ns)
{
	char longest[DURATION_TEXT_MAX], allowed[DURATION_TEXT_MAX], observed[DURATION_TEXT_MAX];
	struct margin margin;
	size_t i;

	if (!margin_read(peer, now_ns, &margin)) {
		printf("%s: no gap between its beats was counted yet\n", peer->name);
		return;
	}
	duration_format(margin.longest_ns, longest);
	duration_format(margin.allowed_ns, allowed);
	duration_format(margin.observed_ns, observed);
	printf("%s: silent for %s at most, of %s allowed (%u %%), in %s\n", peer->name, longest,
	       allowed, margin_used(&margin), observed);
	for (i = 0; i < peer->n_paths; i++)
		draw_path(peer, &peer->paths[i], now_ns, margin.allowed_ns);
}

static json_t *json_margin_path(const struct hotid_path *path, uint64_t now_ns)
{
	json_t *gaps = json_array();
	unsigned int i;

	for (i = 0; i < HOTID_GAP_BUCKETS; i++)
		json_append(gaps, json_pack("{s:o, s:o}",
			"from_ns", json_digits(bucket_start_ns(i)),
			"count", json_count(path->gaps[i])));
	return json_pack("{s:o, s:o, s:o}", "index", json_count(path->index),
			 "longest_gap_ns", json_digits(margin_longest(path, now_ns)),
			 "gaps", gaps);
}

static json_t *json_margin(const struct hotid_peer *peer, uint64_t now_ns)
{
	json_t *paths = json_array(), *object = json_object();
	struct margin margin;
	size_t i;

	json_set(object, "peer", json_text(peer->name));
	json_set(object, "id", json_id(peer->id));
	if (margin_read(peer, now_ns, &margin)) {
		json_set(object, "beats", json_count(margin.beats));
		json_set(object, "observed_ns", json_digits(margin.observed_ns));
		json_set(object, "longest_ns", json_digits(margin.longest_ns));
		json_set(object, "allowed_ns", json_digits(margin.allowed_ns));
		json_set(object, "safe_interval_us", json_count(margin.safe_interval_us));
		json_set(object, "safe_multiplier", json_count(margin.safe_multiplier));
		json_set(object, "alarms_per_hour_below",
			 json_real(margin_bound_per_hour(&margin)));
	}
	for (i = 0; i < peer->n_paths; i++)
		json_append(paths, json_margin_path(&peer->paths[i], now_ns));
	json_set(object, "paths", paths);
	return object;
}

static void show_script(const struct overview *overview)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < overview->n_peers; i++)
		if (overview->peers[i].flags & HOTID_PEER_FLAGS_WATCH)
			json_append(list, json_margin(&overview->peers[i], overview->node.now_ns));
	json_show(json_pack("{s:o}", "margins", list));
}

static void show_people(const struct overview *overview)
{
	size_t i, watched = 0;

	for (i = 0; i < overview->n_peers; i++) {
		if (!(overview->peers[i].flags & HOTID_PEER_FLAGS_WATCH))
			continue;
		if (watched++)
			puts("");
		draw_peer(&overview->peers[i], overview->node.now_ns);
	}
	if (!watched)
		puts("no peer is watched");
}

int ctl_margins(struct ctl *ctl)
{
	struct overview overview;
	int err;

	if (ctl->reset) {
		err = hotid_margins_reset(ctl->h, NULL);
		return err < 0 ? ctl_fail(ctl, err) : CTL_OK;
	}
	err = overview_read(ctl->h, NULL, &overview);
	if (err < 0)
		return ctl_fail(ctl, err);
	if (ctl->json)
		show_script(&overview);
	else
		show_people(&overview);
	overview_free(&overview);
	return CTL_OK;
}

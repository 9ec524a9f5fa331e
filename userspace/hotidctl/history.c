// SPDX-License-Identifier: GPL-2.0
/* hotidctl history: changes of state, and where the time of takeovers went. */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "describe.h"
#include "duration.h"
#include "json.h"
#include "stages.h"
#include "table.h"
#include "text.h"

struct history {
	const char *only;		/* NULL: all identities */
	struct overview overview;	/* for the names of nodes */
	struct overview before;		/* identities as they were until the change */
	struct table *table;		/* for people */
	json_t *list;			/* for scripts */
};

static void note_stages(struct table *table, const struct hotid_identity *identity)
{
	char took[DURATION_TEXT_MAX], line[DESCRIBE_MAX] = "";
	uint64_t first = UINT64_MAX, end = 0;
	struct span spans[STAGES];
	size_t i, len = 0;

	if (!stages_read(identity, spans))
		return;
	for (i = 0; i < STAGES; i++) {
		if (!spans[i].end_ns)
			continue;
		if (spans[i].start_ns < first)
			first = spans[i].start_ns;
		if (spans[i].end_ns > end)
			end = spans[i].end_ns;
		duration_format_ms(spans[i].end_ns - spans[i].start_ns, took);
		len += snprintf(line + len, sizeof(line) - len, "%s %s, ", hotid_stage_name(i), took);
	}
	duration_format_ms(end - first, took);
	table_note(table, "%sin all %s", line, took);
}

static void show_people(struct history *history, const struct hotid_identity *identity)
{
	char time[TEXT_TIME_MAX], took[DURATION_TEXT_MAX] = "-", failure[DESCRIBE_MAX];
	const struct hotid_step *failed = stages_failed(identity);
	const struct hotid_identity *before = overview_identity(&history->before, identity->name);

	if (before && before->changed_ns && before->changed_ns <= identity->changed_ns)
		duration_format(identity->changed_ns - before->changed_ns, took);
	overview_update_identity(&history->before, identity);
	text_time(identity->changed_real_ns, time);
	table_cells(history->table, time, identity->name, hotid_state_name(identity->previous),
		    took, hotid_state_name(identity->state), NULL);
	table_cell(history->table, "%" PRIu64, identity->epoch);
	table_cells(history->table, hotid_reason_name(identity->reason),
		    *identity->message ? identity->message : "-", NULL);
	if (identity->previous == HOTID_IDENTITY_STATE_TAKING)
		note_stages(history->table, identity);
	if (failed) {
		describe_failure(failed, failure);
		table_note(history->table, "%s", failure);
	}
}

static void show_script(struct history *history, const struct hotid_identity *identity)
{
	json_t *object = json_identity(identity, &history->overview);
	json_t *stages = json_array();
	struct span spans[STAGES];
	size_t i;

	stages_read(identity, spans);
	for (i = 0; identity->previous == HOTID_IDENTITY_STATE_TAKING && i < STAGES; i++)
		if (spans[i].end_ns)
			json_append(stages, json_pack("{s:s, s:o, s:o}",
				"name", hotid_stage_name(i),
				"start_ns", json_digits(spans[i].start_ns),
				"end_ns", json_digits(spans[i].end_ns)));
	json_set(object, "stages", stages);
	json_append(history->list, object);
}

static int add(const struct hotid_identity *identity, void *data)
{
	struct history *history = data;

	if (history->only && strcmp(history->only, identity->name))
		return 0;
	if (history->list)
		show_script(history, identity);
	else
		show_people(history, identity);
	return 0;
}

int ctl_history(struct ctl *ctl)
{
	static const char *const titles[] = {
		"TIME", "IDENTITY", "FROM", ">AFTER", "TO", ">EPOCH", "REASON", "MESSAGE", NULL
	};
	struct history history = { .only = ctl->name };
	int err;

	/* A name that does not exist is an error, an empty history is none. */
	err = overview_read(ctl->h, ctl->name, &history.overview);
	if (err < 0)
		return ctl_fail(ctl, err);

	if (ctl->json)
		history.list = json_array();
	else
		history.table = table_new(titles);
	err = hotid_history_dump(ctl->h, add, &history);
	if (ctl->json) {
		if (err)
			json_decref(history.list);
		else
			json_show(json_pack("{s:o}", "history", history.list));
	} else {
		table_print(history.table, err ? stderr : stdout);
	}
	overview_free(&history.before);
	overview_free(&history.overview);
	return err < 0 ? ctl_fail(ctl, err) : CTL_OK;
}

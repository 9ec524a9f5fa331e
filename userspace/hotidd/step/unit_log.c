// SPDX-License-Identifier: GPL-2.0
/* The last lines that a failed unit logged. */
#include "step/unit_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-journal.h>

#include "base/memory.h"
#include "step/job.h"

#define SAYS		"; it said: "
#define BETWEEN		" | "

/* systemd notes when a run began once there is a process, which may have spoken before. */
#define STAMP_LATE_NS	(1000 * JOB_MS)

/*
 * What the unit's processes wrote, and what they said when they could not become
 * its program. By the unit and not by the number of its run: of a process that
 * ended at once the journal often no longer learns the latter.
 */
static bool match(sd_journal *journal, const char *unit)
{
	char own[300], about[300];

	snprintf(own, sizeof(own), "_SYSTEMD_UNIT=%.255s", unit);
	snprintf(about, sizeof(about), "UNIT=%.255s", unit);
	return sd_journal_add_match(journal, own, 0) >= 0 &&
	       sd_journal_add_disjunction(journal) >= 0 &&
	       sd_journal_add_match(journal, about, 0) >= 0 &&
	       sd_journal_add_match(journal, "PRIORITY=3", 0) >= 0;
}

/* systemd's own words, that the unit failed, are in the sentence already. */
static bool is_of_systemd(sd_journal *journal)
{
	static const char systemd[] = "_PID=1";
	const void *data;
	size_t length;

	return sd_journal_get_data(journal, "_PID", &data, &length) >= 0 &&
	       length == strlen(systemd) && !memcmp(data, systemd, length);
}

/* The entry is of this boot, and of that time or later. */
static bool is_since(sd_journal *journal, uint64_t begun_ns)
{
	sd_id128_t boot, own;
	uint64_t us;

	return sd_journal_get_monotonic_usec(journal, &us, &boot) >= 0 &&
	       sd_id128_get_boot(&own) >= 0 && sd_id128_equal(boot, own) &&
	       us * 1000 + STAMP_LATE_NS >= begun_ns;
}

/* The message of the entry, to be freed, or NULL. */
static char *message_of(sd_journal *journal)
{
	static const size_t prefix = sizeof("MESSAGE=") - 1;
	const void *data;
	size_t length;
	char *text;

	if (sd_journal_get_data(journal, "MESSAGE", &data, &length) < 0 || length <= prefix)
		return NULL;
	text = must_printf("%.*s", (int)(length - prefix), (const char *)data + prefix);
	for (char *at = text; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = ' ';
	return text;
}

/* Puts @line before what is in @text, as far as there is room; false when there is none left. */
static bool put_before(char *text, size_t size, const char *line)
{
	size_t used = strlen(text), between = used ? strlen(BETWEEN) : 0, length = strlen(line);

	if (used + between + length >= size) {
		/* The last line is cut rather than left out. */
		if (!used)
			snprintf(text, size, "%s", line);
		return false;
	}
	memmove(text + length + between, text, used + 1);
	memcpy(text, line, length);
	memcpy(text + length, BETWEEN, between);
	return true;
}

static void unit_log_collect(sd_journal *journal, uint64_t begun_ns, char *text, size_t size)
{
	bool room = true;
	int lines = 0;

	*text = '\0';
	if (sd_journal_seek_tail(journal) < 0)
		return;
	while (lines < UNIT_LOG_LINES && room) {
		char *line;

		if (sd_journal_previous(journal) <= 0 || !is_since(journal, begun_ns))
			break;
		line = is_of_systemd(journal) ? NULL : message_of(journal);
		if (line)
			room = put_before(text, size, line);
		lines += !!line;
		free(line);
	}
}

void unit_log_add(struct step_env *env, const char *unit, uint64_t begun_ns)
{
	size_t used = strlen(env->message), taken = used + strlen(SAYS);
	char said[sizeof(env->message)] = "";
	struct job_child child;
	sd_journal *journal;

	if (!begun_ns || taken + 16 > sizeof(said))
		return;
	/* What was written just now may not be there yet. */
	job_run(env, (const char *const[]){ "journalctl", "--sync", NULL }, &child);
	if (sd_journal_open(&journal, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM) < 0)
		return;
	if (match(journal, unit))
		unit_log_collect(journal, begun_ns, said, sizeof(said) - taken);
	sd_journal_close(journal);
	if (*said)
		snprintf(env->message + used, sizeof(env->message) - used, SAYS "%s", said);
}

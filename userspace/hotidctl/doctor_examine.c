// SPDX-License-Identifier: GPL-2.0
/* The table of checks, and what they find. */
#define _GNU_SOURCE
#include "doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "text.h"

static void doctor_module(struct doctor *doctor);

static const struct check {
	const char *name;
	bool needs_module;
	void (*look)(struct doctor *doctor);
} checks[] = {
	{"module", false, doctor_module},    {"node", true, doctor_node},
	{"key", true, doctor_key},	     {"daemon", true, doctor_daemon},
	{"process", false, doctor_process},  {"realtime", false, doctor_realtime},
	{"kdump", false, doctor_kdump},	     {"panic", false, doctor_panic},
	{"probe", true, doctor_probe},	     {"peers", true, doctor_peers},
	{"margins", true, doctor_margins},   {"gasp", true, doctor_gasp},
	{"identities", true, doctor_identities},  {"voters", true, doctor_voters},
};

#define N_CHECKS (sizeof(checks) / sizeof(checks[0]))

const char *doctor_verdict_name(enum verdict verdict)
{
	static const char *const names[] = {
		[VERDICT_NONE] = "n/a",
		[VERDICT_OK] = "ok",
		[VERDICT_WARN] = "warn",
		[VERDICT_BAD] = "bad",
	};

	return names[verdict];
}

void doctor_find(struct doctor *doctor, enum verdict verdict, const char *format, ...)
{
	struct finding *finding;
	va_list args;

	doctor->findings = reallocarray(doctor->findings, doctor->n + 1, sizeof(*finding));
	if (!doctor->findings)
		text_no_memory();
	finding = &doctor->findings[doctor->n++];
	finding->check = doctor->check;
	finding->verdict = verdict;
	va_start(args, format);
	finding->what = text_made(format, args);
	va_end(args);
	finding->fix = text_alloc(1);
}

void doctor_fix(struct doctor *doctor, const char *format, ...)
{
	struct finding *finding = &doctor->findings[doctor->n - 1];
	va_list args;

	free(finding->fix);
	va_start(args, format);
	finding->fix = text_made(format, args);
	va_end(args);
}

bool doctor_is_silent(const struct doctor *doctor)
{
	return !doctor->n || doctor->findings[doctor->n - 1].check != doctor->check;
}

static void doctor_module(struct doctor *doctor)
{
	const char *version;

	if (!doctor->overview) {
		doctor_find(doctor, VERDICT_BAD, "hotid.ko is not loaded");
		doctor_fix(doctor, "modprobe hotid");
		return;
	}
	version = doctor->overview->node.version;
	if (!strcmp(version, HOTID_VERSION)) {
		doctor_find(doctor, VERDICT_OK, "hotid.ko %s", version);
		return;
	}
	doctor_find(doctor, VERDICT_WARN, "hotid.ko is of version %s, hotidctl of " HOTID_VERSION,
		    version);
	doctor_fix(doctor, "systemctl stop hotidd; modprobe -r hotid; systemctl start hotidd  # after \"make modules_install\", with nothing held here");
}

void doctor_examine(struct doctor *doctor)
{
	size_t i;

	for (i = 0; i < N_CHECKS; i++) {
		doctor->check = checks[i].name;
		if (checks[i].needs_module && !doctor->overview)
			doctor_find(doctor, VERDICT_NONE,
				    "this cannot be checked without hotid.ko");
		else
			checks[i].look(doctor);
	}
}

void doctor_clear(struct doctor *doctor)
{
	size_t i;

	for (i = 0; i < doctor->n; i++) {
		free(doctor->findings[i].what);
		free(doctor->findings[i].fix);
	}
	free(doctor->findings);
	doctor->findings = NULL;
	doctor->n = 0;
}

enum verdict doctor_worst(const struct doctor *doctor)
{
	enum verdict worst = VERDICT_NONE;
	size_t i;

	for (i = 0; i < doctor->n; i++)
		if (doctor->findings[i].verdict > worst)
			worst = doctor->findings[i].verdict;
	return worst;
}

json_t *doctor_json(const struct doctor *doctor)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < doctor->n; i++) {
		const struct finding *finding = &doctor->findings[i];

		json_append(list, json_pack("{s:s, s:s, s:o, s:o}", "check", finding->check,
					    "verdict", doctor_verdict_name(finding->verdict),
					    "finding", json_text(finding->what),
					    "fix", json_text(finding->fix)));
	}
	return json_pack("{s:o, s:s}", "findings", list,
			 "worst", doctor_verdict_name(doctor_worst(doctor)));
}

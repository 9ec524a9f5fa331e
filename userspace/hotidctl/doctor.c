// SPDX-License-Identifier: GPL-2.0
/* hotidctl doctor: what would keep a takeover from working here. */
#include "doctor.h"

#include <stdio.h>

#include "ctl.h"
#include "json.h"
#include "table.h"

static void show_people(const struct doctor *doctor)
{
	static const char *const titles[] = {"CHECK", "VERDICT", "FINDING", NULL};
	struct table *table = table_new(titles);
	const char *last = NULL;
	size_t i;

	for (i = 0; i < doctor->n; i++) {
		const struct finding *finding = &doctor->findings[i];

		table_cells(table, finding->check == last ? "" : finding->check,
			    doctor_verdict_name(finding->verdict), finding->what, NULL);
		if (*finding->fix)
			table_note(table, "fix: %s", finding->fix);
		last = finding->check;
	}
	table_print(table, stdout);
}

int ctl_doctor(struct ctl *ctl)
{
	struct overview overview;
	struct doctor doctor = {.root = ""};
	enum verdict worst;
	int err;

	if (ctl->h) {
		err = overview_read(ctl->h, NULL, &overview);
		if (err < 0)
			return ctl_fail(ctl, err);
		doctor.overview = &overview;
	}
	doctor_examine(&doctor);
	if (ctl->json)
		json_show(doctor_json(&doctor));
	else
		show_people(&doctor);
	worst = doctor_worst(&doctor);
	doctor_clear(&doctor);
	if (doctor.overview)
		overview_free(&overview);
	return worst == VERDICT_BAD ? CTL_BAD : worst == VERDICT_WARN ? CTL_WARN : CTL_OK;
}

// SPDX-License-Identifier: GPL-2.0
/* hotidctl doctor: how near the identities that are held here are to losing their voice. */
#include <stdio.h>
#include <string.h>

#include "doctor.h"

#define NAMES_MAX	256

/* A node always agrees with itself. */
static bool agrees(const struct overview *overview, const uint8_t id[HOTID_ID_LEN])
{
	const struct hotid_peer *peer = overview_peer(overview, id);

	if (!memcmp(overview->node.id, id, HOTID_ID_LEN))
		return true;
	return peer && peer->lease_ns > overview->node.now_ns;
}

/* "spare, storage": the voters without a lease for this node; how many there are. */
static size_t missing(const struct overview *overview, const struct hotid_guard *guard,
		      char names[NAMES_MAX])
{
	char name[OVERVIEW_NODE_MAX];
	size_t n = 0, length = 0;

	names[0] = '\0';
	for (size_t i = 0; i < guard->n_voters; i++) {
		if (agrees(overview, guard->voters[i].id))
			continue;
		overview_node(overview, guard->voters[i].id, name);
		if (length < NAMES_MAX)
			length += snprintf(names + length, NAMES_MAX - length, "%s%s",
					   n ? ", " : "", name);
		n++;
	}
	return n;
}

static void held_identity(struct doctor *doctor, const struct hotid_identity *identity)
{
	size_t n = identity->guard.n_voters, needed = n / 2 + 1;
	char names[NAMES_MAX];
	size_t none = missing(doctor->overview, &identity->guard, names);

	if (!none) {
		doctor_find(doctor, VERDICT_OK, "%s: all %zu voters give a lease", identity->name,
			    n);
		return;
	}
	if (n - none < needed)
		doctor_find(doctor, VERDICT_BAD, "%s: its ports are blocked, since %zu of %zu voters give a lease and %zu are needed; none comes from %s",
			    identity->name, n - none, n, needed, names);
	else
		doctor_find(doctor, VERDICT_WARN, "%s: no lease from %s; %zu of %zu voters are left, and %zu are needed",
			    identity->name, names, n - none, n, needed);
	doctor_fix(doctor, "hotidctl status  # on each of them: does it run, hear this node, and watch and tell it");
}

void doctor_voters(struct doctor *doctor)
{
	const struct overview *overview = doctor->overview;

	for (size_t i = 0; i < overview->n_identities; i++)
		if (overview->identities[i].state == HOTID_IDENTITY_STATE_HELD &&
		    overview->identities[i].guard.n_voters)
			held_identity(doctor, &overview->identities[i]);
	if (doctor_is_silent(doctor))
		doctor_find(doctor, VERDICT_NONE, "no identity with voters is held here");
}

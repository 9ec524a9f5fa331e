// SPDX-License-Identifier: GPL-2.0
/* The table of kinds, and the steps that follow from an identity's file. */
#include "plan/plan.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "config/reader.h"
#include "net/portplan.h"

typedef struct identity_config config;

static size_t guard_count(const config *c)	{ return !!c->n_voters; }
static size_t iscsi_count(const config *c)	{ return c->n_iscsi; }
static size_t reservation_count(const config *c)
{
	return c->fence == FENCE_RESERVATION ? c->n_disks : 0;
}
static size_t port_count(const config *c)	{ return c->n_ports; }
static size_t disk_count(const config *c)	{ return c->n_disks; }
static size_t mount_count(const config *c)	{ return c->n_mounts; }
static size_t unit_count(const config *c)	{ return c->n_units; }

static const char *guard_name(const config *c, size_t i)	{ return "ports"; }
static const char *iscsi_name(const config *c, size_t i)	{ return c->iscsi[i].target; }
static const char *disk_name(const config *c, size_t i)		{ return c->disks[i].name; }
static const char *mount_name(const config *c, size_t i)	{ return c->mounts[i].where; }
static const char *unit_name(const config *c, size_t i)		{ return c->units[i]; }
static const char *port_name(const config *c, size_t i)
{
	static __thread char text[MAC_TEXT];

	return mac_format(c->ports[i].mac, text);
}

/*
 * The kinds, in the order of a plan. The guard comes before all that it guards. The login
 * comes before the reservation because only the identity's initiator name sees the LUN;
 * both make up the fence, and nothing of the rest runs before they are proven (runner.c).
 */
static const struct row {
	const struct kind *kind;
	const char *word;		/* of a step's name: "mount /srv/web" */
	size_t (*count)(const config *c);
	const char *(*name)(const config *c, size_t item);
} table[] = {
	{ &kind_guard,		"guard",	guard_count,		guard_name },
	{ &kind_iscsi,		"log in to",	iscsi_count,		iscsi_name },
	{ &kind_reservation,	"reserve",	reservation_count,	disk_name },
	{ &kind_net,		"port",		port_count,		port_name },
	{ &kind_disk,		"disk",		disk_count,		disk_name },
	{ &kind_mount,		"mount",	mount_count,		mount_name },
	{ &kind_unit,		"start",	unit_count,		unit_name },
	{ &kind_announce,	"announce",	port_count,		port_name },
};

#define ROWS	(sizeof(table) / sizeof(table[0]))

/* "mount /srv/web"; the end of a long name says more than its beginning. */
static void step_name(char name[HOTID_NAME_MAX + 1], const char *word, const char *what)
{
	int length = snprintf(name, HOTID_NAME_MAX + 1, "%s %s", word, what);
	size_t over;

	if (length <= HOTID_NAME_MAX)
		return;
	over = (size_t)length - HOTID_NAME_MAX + 3;
	snprintf(name, HOTID_NAME_MAX + 1, "%s ...%s", word, what + over);
}

struct plan *plan_compile(struct identity_config *identity)
{
	struct plan *plan = must_calloc(1, sizeof(*plan));

	plan->identity = identity;
	for (size_t i = 0; i < ROWS; i++)
		for (size_t item = 0; item < table[i].count(identity); item++) {
			struct step *step;

			plan->steps = must_realloc(plan->steps, plan->n_steps + 1, sizeof(*step));
			step = &plan->steps[plan->n_steps++];
			*step = (struct step){ .kind = table[i].kind, .item = item };
			step_name(step->name, table[i].word, table[i].name(identity, item));
		}
	return plan;
}

void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].kind->free)
			plan->steps[i].kind->free(&plan->steps[i]);
	free(plan->steps);
	identity_config_free(plan->identity);
	free(plan);
}

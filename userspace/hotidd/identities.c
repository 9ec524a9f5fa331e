// SPDX-License-Identifier: GPL-2.0
/* The table of identities and their workers. The main thread's alone. */
#include "identities.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "config/reader.h"
#include "config/values.h"
#include "epochs.h"

/* An idle worker ends at once. */
#define IDLE_MS		1000

struct identity_entry {
	struct worker *worker;
	uint32_t state;			/* UINT32_MAX before the first event */
	uint64_t epoch;
};

struct identities {
	const struct worker_shared *shared;
	const struct config *config;
	struct identity_entry *entries;
	size_t n;
};

struct identities *identities_new(const struct worker_shared *shared)
{
	struct identities *identities = must_calloc(1, sizeof(*identities));

	identities->shared = shared;
	return identities;
}

static struct identity_entry *identities_find(struct identities *identities, const char *name)
{
	for (size_t i = 0; i < identities->n; i++)
		if (!strcmp(worker_name(identities->entries[i].worker), name))
			return &identities->entries[i];
	return NULL;
}

static struct identity_entry *identities_add(struct identities *identities, const char *name)
{
	char checked[HOTID_NAME_MAX + 1], why[VALUE_WHY_MAX];
	struct worker *worker;
	struct identity_entry *entry;

	/* The name becomes a part of paths, and anyone privileged may declare one. */
	if (!value_name(name, NULL, checked, why)) {
		log_warning("identity left alone: %s", why);
		return NULL;
	}
	worker = worker_start(identities->shared, name,
			      config_arm_policy(identities->config, name));
	if (!worker)
		return NULL;
	identities->entries = must_realloc(identities->entries, identities->n + 1,
					   sizeof(identities->entries[0]));
	entry = &identities->entries[identities->n++];
	*entry = (struct identity_entry){ .worker = worker, .state = UINT32_MAX };
	return entry;
}

void identities_configure(struct identities *identities, const struct config *config)
{
	identities->config = config;
	for (size_t i = 0; i < identities->n; i++)
		worker_set_arm(identities->entries[i].worker,
			       config_arm_policy(config,
						 worker_name(identities->entries[i].worker)));
}

static void identities_log(const struct identity_entry *entry,
			   const struct hotid_identity *identity)
{
	bool failed = identity->state == HOTID_IDENTITY_STATE_FAILED;
	/* A state in which something is still to be done has the message of the one before. */
	bool said = *identity->message && identity->state != HOTID_IDENTITY_STATE_RELEASING;

	if (entry->state == identity->state && entry->epoch == identity->epoch)
		return;
	if (entry->state == UINT32_MAX) {
		if (identity->state != HOTID_IDENTITY_STATE_OFFLINE)
			log_notice("identity %s: %s, epoch %llu", identity->name,
				   hotid_state_name(identity->state),
				   (unsigned long long)identity->epoch);
		return;
	}
	if (entry->state == identity->state) {
		log_info("identity %s: %s, epoch %llu is known now", identity->name,
			 hotid_state_name(identity->state), (unsigned long long)identity->epoch);
		return;
	}
	log_line(failed ? LOG_ERR : LOG_NOTICE, "identity %s: %s to %s, epoch %llu, %s%s%s%s",
		 identity->name, hotid_state_name(entry->state), hotid_state_name(identity->state),
		 (unsigned long long)identity->epoch, hotid_reason_name(identity->reason),
		 failed && !identity->clean ? ", something is left behind" : "",
		 said ? ": " : "", said ? identity->message : "");
}

/* One came to this node; those that are armed may need the same port. */
static void look_at_armed(struct identities *identities)
{
	for (size_t i = 0; i < identities->n; i++)
		if (identities->entries[i].state == HOTID_IDENTITY_STATE_ARMED)
			worker_again(identities->entries[i].worker);
}

void identities_heard(struct identities *identities, const struct hotid_identity *identity)
{
	struct identity_entry *entry = identities_find(identities, identity->name);
	bool came;

	if (!entry)
		entry = identities_add(identities, identity->name);
	if (!entry)
		return;
	/* The order first: a takeover does not wait for a log line. */
	worker_order(entry->worker, identity);
	epochs_note(identities->shared->epochs, identity->name, identity->known_epoch);
	identities_log(entry, identity);
	came = entry->state != identity->state && identity->state == HOTID_IDENTITY_STATE_HELD;
	entry->state = identity->state;
	entry->epoch = identity->epoch;
	if (came)
		look_at_armed(identities);
}

void identities_removed(struct identities *identities, const char *name)
{
	struct identity_entry *entry = identities_find(identities, name);

	if (!entry)
		return;
	worker_halt(entry->worker);
	if (worker_join(entry->worker, clock_ns() + IDLE_MS * 1000000ULL))
		*entry = identities->entries[--identities->n];
}

void identities_announce(struct identities *identities)
{
	for (size_t i = 0; i < identities->n; i++)
		if (identities->entries[i].state == HOTID_IDENTITY_STATE_HELD)
			worker_again(identities->entries[i].worker);
}

void identities_audit(struct identities *identities)
{
	for (size_t i = 0; i < identities->n; i++)
		worker_audit(identities->entries[i].worker);
}

void identities_describe(const struct identities *identities, char *text, size_t size)
{
	size_t used = 0;

	snprintf(text, size, "no identities");
	for (size_t i = 0; i < identities->n && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s %s", i ? ", " : "",
					 worker_name(identities->entries[i].worker),
					 hotid_state_name(identities->entries[i].state));
}

bool identities_free(struct identities *identities, unsigned int timeout_ms)
{
	uint64_t deadline_ns = clock_ns() + timeout_ms * 1000000ULL;
	bool all = true;

	for (size_t i = 0; i < identities->n; i++)
		worker_halt(identities->entries[i].worker);
	for (size_t i = 0; i < identities->n; i++) {
		if (worker_join(identities->entries[i].worker, deadline_ns))
			continue;
		log_warning("identity %s: its worker does not end; the next daemon goes on",
			    worker_name(identities->entries[i].worker));
		all = false;
	}
	if (all) {
		free(identities->entries);
		free(identities);
	}
	return all;
}

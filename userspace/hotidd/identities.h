/* SPDX-License-Identifier: GPL-2.0 */
/* The identities of this node: one worker each, and what is said of them. */
#ifndef HOTIDD_IDENTITIES_H
#define HOTIDD_IDENTITIES_H

#include "worker.h"

struct identities;

struct identities *identities_new(const struct worker_shared *shared);

/*
 * The configuration was read, or read again: before the first event, and then
 * each time. @config must live until the next call.
 */
void identities_configure(struct identities *identities, const struct config *config);

/* An event of the module: logs what changed, and orders the worker. */
void identities_heard(struct identities *identities, const struct hotid_identity *identity);

/* The module knows it no more. */
void identities_removed(struct identities *identities, const char *name);

/* Announce once more, to clients and switches, what this node holds. */
void identities_announce(struct identities *identities);

/* Something changed: audit all that are held or armed, soon. */
void identities_audit(struct identities *identities);

/* "web held, db armed", for a person. */
void identities_describe(const struct identities *identities, char *text, size_t size);

/* End all workers within @timeout_ms; nothing is undone. False when one does not end. */
bool identities_free(struct identities *identities, unsigned int timeout_ms);

#endif /* HOTIDD_IDENTITIES_H */

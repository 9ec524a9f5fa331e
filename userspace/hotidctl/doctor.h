/* SPDX-License-Identifier: GPL-2.0 */
/* What would keep a takeover from working on this node, or a failure from being heard. */
#ifndef HOTIDCTL_DOCTOR_H
#define HOTIDCTL_DOCTOR_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include "overview.h"

/* From good to bad; documented in hotidctl(8). */
enum verdict { VERDICT_NONE, VERDICT_OK, VERDICT_WARN, VERDICT_BAD };

/* "n/a", "ok", "warn", "bad" */
const char *doctor_verdict_name(enum verdict verdict);

/**
 * struct finding - what one check says, of one thing
 * @check: name of the check
 * @what: one line
 * @fix: a line for a shell, "" when there is nothing to fix
 */
struct finding {
	const char *check;
	enum verdict verdict;
	char *what;
	char *fix;
};

/**
 * struct doctor - one examination
 * @overview: what the module knows; NULL when it is not loaded
 * @root: stands before /proc and /sys; "" but in tests
 * @check: name of the check that runs
 */
struct doctor {
	const struct overview *overview;
	const char *root;
	const char *check;
	struct finding *findings;
	size_t n;
};

/* Run all checks; each leaves at least one finding. */
void doctor_examine(struct doctor *doctor);
void doctor_clear(struct doctor *doctor);

/* The worst of all findings. */
enum verdict doctor_worst(const struct doctor *doctor);

json_t *doctor_json(const struct doctor *doctor);

/* For checks: a new finding, and how to fix what was found last. */
void doctor_find(struct doctor *doctor, enum verdict verdict, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void doctor_fix(struct doctor *doctor, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The check said nothing yet: then all it looked at is well. */
bool doctor_is_silent(const struct doctor *doctor);

/*
 * Checks of what the module knows (doctor_module.c); @overview is there. And
 * those of the kernel and the daemon's process (doctor_system.c).
 */
void doctor_node(struct doctor *doctor);
void doctor_key(struct doctor *doctor);
void doctor_daemon(struct doctor *doctor);
void doctor_probe(struct doctor *doctor);
void doctor_peers(struct doctor *doctor);
void doctor_gasp(struct doctor *doctor);
void doctor_identities(struct doctor *doctor);

/* The same (doctor_margins.c, doctor_voters.c). */
void doctor_margins(struct doctor *doctor);
void doctor_voters(struct doctor *doctor);

void doctor_process(struct doctor *doctor);
void doctor_realtime(struct doctor *doctor);
void doctor_kdump(struct doctor *doctor);
void doctor_panic(struct doctor *doctor);

/*
 * The first bytes of a file, without the newlines at the end; %false when it
 * cannot be read.
 */
bool doctor_read(const struct doctor *doctor, char *text, size_t size, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Where a link leads; "" when that may not be known. */
void doctor_read_link(const struct doctor *doctor, char *text, size_t size,
		      const char *format, ...) __attribute__((format(printf, 4, 5)));

/* A file that holds one number, or Y and N for 1 and 0. */
bool doctor_read_number(const struct doctor *doctor, const char *path, long *number);

#endif /* HOTIDCTL_DOCTOR_H */

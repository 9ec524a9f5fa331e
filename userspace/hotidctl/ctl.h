/* SPDX-License-Identifier: GPL-2.0 */
/* What a subcommand is given, and how it ends. */
#ifndef HOTIDCTL_CTL_H
#define HOTIDCTL_CTL_H

#include <stdbool.h>
#include <stdint.h>
#include "hotid.h"

struct ctl {
	struct hotid *h;	/* NULL without the module, for those who can do without */
	const char *word;	/* the subcommand */
	const char *name;	/* of an identity, or what to watch; NULL when none was given */
	bool json;
	bool no_wait;
	bool reset;
	uint64_t timeout_ns;
	uint64_t epoch;		/* 0 when none was given */
};

/* Exit status; documented in hotidctl(8). */
enum ctl_exit {
	CTL_OK = 0,
	CTL_FAILED = 1,		/* refused, or it ended otherwise than asked */
	CTL_USAGE = 2,
	CTL_NO_MODULE = 3,
	CTL_NO_IDENTITY = 4,
	CTL_TIMEOUT = 5,
	CTL_NOT_PERMITTED = 6,
	CTL_LEFT_BEHIND = 7,	/* failed, and something of the identity is still here */
	CTL_BAD = 8,		/* the doctor found something bad */
	CTL_WARN = 9,		/* it found nothing worse than a warning */
	CTL_HAS_FAILED = 10,	/* the status shows an identity that is failed */
};

/*
 * Each says one thing on standard error: as a sentence, or under --json as a line
 * {"version": 1, "error" or "warning": {...}}. ctl_fail() says what libhotid makes
 * of @error. Those of an error return the exit status.
 */
int ctl_fail(const struct ctl *ctl, int error);
int ctl_error(const struct ctl *ctl, enum ctl_exit status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void ctl_warn(const struct ctl *ctl, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Each returns an exit status. One file per subcommand, one row in main.c. */
int ctl_status(struct ctl *ctl);
int ctl_command(struct ctl *ctl);	/* arm, disarm, takeover, release */
int ctl_watch(struct ctl *ctl);
int ctl_history(struct ctl *ctl);
int ctl_margins(struct ctl *ctl);
int ctl_doctor(struct ctl *ctl);

#endif /* HOTIDCTL_CTL_H */

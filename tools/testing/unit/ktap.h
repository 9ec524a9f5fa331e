/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A test program is a table of functions and KTAP_MAIN(table). CHECK*() marks
 * the running test as failed, says where and what, and goes on.
 */
#ifndef HOTID_KTAP_H
#define HOTID_KTAP_H

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct ktap_test {
	const char *name;	/* without spaces */
	void (*run)(void);
};

static bool ktap_failed;
static const char *ktap_skipped;

/* The running test cannot be had here, because of @why. It has to return then. */
static inline void ktap_skip(const char *why)
{
	ktap_skipped = why;
}

static inline bool ktap_check(bool ok, const char *what, const char *file, int line)
{
	if (!ok) {
		printf("# %s:%d: %s\n", file, line, what);
		ktap_failed = true;
	}
	return ok;
}

static inline void ktap_check_int(int64_t got, int64_t want, const char *what,
				  const char *file, int line)
{
	if (!ktap_check(got == want, what, file, line))
		printf("#   is %" PRId64 ", should be %" PRId64 "\n", got, want);
}

static inline void ktap_check_str(const char *got, const char *want, const char *what,
				  const char *file, int line)
{
	if (!ktap_check(!strcmp(got, want), what, file, line))
		printf("#   is \"%s\"\n#   should be \"%s\"\n", got, want);
}

#define CHECK(condition)	ktap_check(condition, #condition, __FILE__, __LINE__)
#define CHECK_INT(got, want)	ktap_check_int(got, want, #got, __FILE__, __LINE__)
#define CHECK_STR(got, want)	ktap_check_str(got, want, #got, __FILE__, __LINE__)

static inline int ktap_main(const struct ktap_test *tests, size_t n)
{
	size_t i, failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..%zu\n", n);
	for (i = 0; i < n; i++) {
		ktap_failed = false;
		ktap_skipped = NULL;
		tests[i].run();
		printf("%sok %zu %s%s%s\n", ktap_failed ? "not " : "", i + 1, tests[i].name,
		       ktap_skipped ? " # SKIP " : "", ktap_skipped ? ktap_skipped : "");
		failed += ktap_failed;
	}
	return failed != 0;
}

#define KTAP_MAIN(tests)							\
int main(void)									\
{										\
	return ktap_main(tests, sizeof(tests) / sizeof((tests)[0]));		\
}

#endif /* HOTID_KTAP_H */

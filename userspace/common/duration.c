// SPDX-License-Identifier: GPL-2.0
#include "duration.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct unit {
	const char *name;
	uint64_t ns;
} units[] = {
	{ "ns", 1 },
	{ "us", 1000 },
	{ "ms", 1000000 },
	{ "s", 1000000000 },
	{ "min", 60000000000 },
	{ "h", 3600000000000 },
};

static const struct unit *find_unit(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(units[i].name, name))
			return &units[i];
	return NULL;
}

int duration_parse(const char *text, uint64_t *ns)
{
	const char *fraction = NULL;
	const struct unit *unit;
	uint64_t value, part, weight;
	char *p;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &p, 10);
	if (errno)
		return -ERANGE;
	if (*p == '.') {
		fraction = ++p;
		p += strspn(p, "0123456789");
		if (p == fraction)
			return -EINVAL;
	}
	if (*p == ' ')
		p++;
	unit = find_unit(p);
	if (!unit)
		return -EINVAL;

	if (__builtin_mul_overflow(value, unit->ns, &value))
		return -ERANGE;
	/* What is finer than a nanosecond is dropped. */
	for (weight = unit->ns / 10; fraction && isdigit((unsigned char)*fraction);
	     fraction++, weight /= 10) {
		part = weight * (*fraction - '0');
		if (__builtin_add_overflow(value, part, &value))
			return -ERANGE;
	}
	*ns = value;
	return 0;
}

void duration_format(uint64_t ns, char text[DURATION_TEXT_MAX])
{
	static const uint64_t us = 1000, ms = 1000000, s = 1000000000;
	uint64_t seconds = ns / s;

	if (ns < ms)
		snprintf(text, DURATION_TEXT_MAX, "%" PRIu64 " us", ns / us);
	else if (ns < s && (ns >= 100 * ms || ns % ms == 0))
		snprintf(text, DURATION_TEXT_MAX, "%" PRIu64 " ms", ns / ms);
	else if (ns < s)
		snprintf(text, DURATION_TEXT_MAX, "%" PRIu64 ".%" PRIu64 " ms",
			 ns / ms, ns % ms / (ms / 10));
	else if (seconds < 60 && ns % s == 0)
		snprintf(text, DURATION_TEXT_MAX, "%" PRIu64 " s", seconds);
	else if (seconds < 60)
		snprintf(text, DURATION_TEXT_MAX, "%" PRIu64 ".%02" PRIu64 " s",
			 seconds, ns % s / (s / 100));
	else if (seconds < 3600)
		snprintf(text, DURATION_TEXT_MAX, "%" PRIu64 " min %" PRIu64 " s",
			 seconds / 60, seconds % 60);
	else if (seconds < 86400)
		snprintf(text, DURATION_TEXT_MAX, "%" PRIu64 " h %" PRIu64 " min",
			 seconds / 3600, seconds % 3600 / 60);
	else
		snprintf(text, DURATION_TEXT_MAX, "%" PRIu64 " d %" PRIu64 " h",
			 seconds / 86400, seconds % 86400 / 3600);
}

void duration_format_ms(uint64_t ns, char text[DURATION_TEXT_MAX])
{
	snprintf(text, DURATION_TEXT_MAX, "%" PRIu64 ".%03" PRIu64 " ms",
		 ns / 1000000, ns % 1000000 / 1000);
}

/* SPDX-License-Identifier: GPL-2.0 */
/* Lengths of time as people write and read them. */
#ifndef HOTID_DURATION_H
#define HOTID_DURATION_H

#include <stddef.h>
#include <stdint.h>

/**
 * duration_parse() - read "250us", "10ms", "1.5s", "2min" or "1h"
 * @text: a decimal number and its unit, with or without a space between
 * @ns: where to put the nanoseconds
 *
 * Return: 0; -EINVAL when it is no number with a unit (a bare number is
 * refused: nobody knows its unit); -ERANGE when it does not fit.
 */
int duration_parse(const char *text, uint64_t *ns);

#define DURATION_TEXT_MAX	24

/* Three digits or so and the unit that fits: "412 us", "12.3 ms", "3 min 5 s". */
void duration_format(uint64_t ns, char text[DURATION_TEXT_MAX]);

/* Always in milliseconds, so that a column of them compares: "0.412 ms". */
void duration_format_ms(uint64_t ns, char text[DURATION_TEXT_MAX]);

#endif /* HOTID_DURATION_H */

// SPDX-License-Identifier: GPL-2.0
/* Lists of what is wrong in a configuration. */
#include "base/problems.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* More than a person fixes in one go; a wrong file may hold thousands. */
#define PROBLEMS_MAX	50

void problem_add(struct problems *problems, const char *file, int line, const char *key,
		 const char *format, ...)
{
	char where[32] = "";
	va_list args;
	char *text;
	int length;

	if (problems->n >= PROBLEMS_MAX)
		return;
	problems->text = must_realloc(problems->text, problems->n + 1, PROBLEM_MAX);
	text = problems->text[problems->n++];
	if (line)
		snprintf(where, sizeof(where), ":%d", line);
	length = snprintf(text, PROBLEM_MAX, "%s%s: %s%s", file, where, key && *key ? key : "",
			  key && *key ? ": " : "");
	if (length >= 0 && length < PROBLEM_MAX) {
		va_start(args, format);
		vsnprintf(text + length, PROBLEM_MAX - (size_t)length, format, args);
		va_end(args);
	}
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

void problems_first(struct problems *problems, char *error)
{
	snprintf(error, PROBLEM_MAX, "%s", problems->n ? problems->text[0] : "");
	problems_clear(problems);
}

void problems_clear(struct problems *problems)
{
	free(problems->text);
	*problems = (struct problems){ 0 };
}

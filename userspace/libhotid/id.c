// SPDX-License-Identifier: LGPL-2.1-or-later
/* Ids as text. The names of values are in names_gen.c. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hotid.h"

void hotid_id_format(const uint8_t id[HOTID_ID_LEN], char text[33])
{
	size_t i;

	for (i = 0; i < HOTID_ID_LEN; i++)
		sprintf(text + 2 * i, "%02x", id[i]);
}

int hotid_id_parse(const char *text, uint8_t id[HOTID_ID_LEN])
{
	bool dashes = strlen(text) == 36;
	uint8_t out[HOTID_ID_LEN];
	size_t i;

	for (i = 0; i < HOTID_ID_LEN; i++, text += 2) {
		/* A UUID is 8-4-4-4-12 digits. */
		if (dashes && (i == 4 || i == 6 || i == 8 || i == 10) && *text++ != '-')
			return -EINVAL;
		if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]))
			return -EINVAL;
		sscanf(text, "%2hhx", &out[i]);
	}
	if (*text)
		return -EINVAL;
	memcpy(id, out, sizeof(out));
	return 0;
}

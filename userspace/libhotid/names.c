// SPDX-License-Identifier: LGPL-2.1-or-later
/* Values and ids as text. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "hotid.h"
#include "names_gen.h"

const char *hotid_state_name(uint32_t identity_state)
{
	return hotid_name_identity_state(identity_state);
}

const char *hotid_reason_name(uint32_t reason)
{
	return hotid_name_reason(reason);
}

const char *hotid_peer_state_name(uint32_t peer_state)
{
	return hotid_name_peer_state(peer_state);
}

const char *hotid_gasp_name(uint32_t gasp)
{
	return hotid_name_gasp(gasp);
}

const char *hotid_stage_name(uint32_t stage)
{
	return hotid_name_stage(stage);
}

const char *hotid_verb_name(uint32_t verb)
{
	return hotid_name_verb(verb);
}

const char *hotid_status_name(uint32_t step_status)
{
	return hotid_name_step_status(step_status);
}

const char *hotid_probe_mode_name(uint32_t mode)
{
	return hotid_name_probe_mode(mode);
}

const char *hotid_gasp_state_name(uint32_t gasp_state)
{
	return hotid_name_gasp_state(gasp_state);
}

const char *hotid_peer_flag_name(unsigned int bit)
{
	return hotid_name_peer_flags(bit);
}

const char *hotid_identity_flag_name(unsigned int bit)
{
	return hotid_name_identity_flags(bit);
}

const char *hotid_health_name(unsigned int bit)
{
	return hotid_name_health(bit);
}

void hotid_id_format(const uint8_t id[HOTID_ID_LEN], char text[33])
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < HOTID_ID_LEN; i++) {
		text[2 * i] = digits[id[i] >> 4];
		text[2 * i + 1] = digits[id[i] & 15];
	}
	text[2 * HOTID_ID_LEN] = '\0';
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int hotid_id_parse(const char *text, uint8_t id[HOTID_ID_LEN])
{
	bool dashes = strlen(text) == 36;
	uint8_t out[HOTID_ID_LEN];
	size_t i;

	for (i = 0; i < HOTID_ID_LEN; i++) {
		int high, low;

		/* A UUID is 8-4-4-4-12 digits. */
		if (dashes && (i == 4 || i == 6 || i == 8 || i == 10) && *text++ != '-')
			return -EINVAL;
		high = digit(text[0]);
		low = high < 0 ? -1 : digit(text[1]);
		if (low < 0)
			return -EINVAL;
		out[i] = high << 4 | low;
		text += 2;
	}
	if (*text)
		return -EINVAL;
	memcpy(id, out, sizeof(out));
	return 0;
}

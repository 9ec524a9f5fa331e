// SPDX-License-Identifier: GPL-2.0
/* Parsers of single values, each with the sentence that says what is wrong. */
#include "config/values.h"

#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "hotid.h"

/* As much of a wrong value as a message shows. */
#define SHOWN	"%.96s"

#define HEX_DIGITS	"0123456789abcdefABCDEF"

bool value_wrong(char *why, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, VALUE_WHY_MAX, format, args);
	va_end(args);
	return false;
}

static bool give_text(const char *text, void *out)
{
	*(char **)out = must_strdup(text);
	return true;
}

bool value_bool(const char *text, const struct value_limits *limits, void *out, char *why)
{
	bool yes = !strcmp(text, "true") || !strcmp(text, "yes");

	if (!yes && strcmp(text, "false") && strcmp(text, "no"))
		return value_wrong(why, "\"" SHOWN "\" is not a truth value; write true or false",
				   text);
	*(bool *)out = yes;
	return true;
}

/* Decimal digits at *text, which moves past them. */
static bool digits(const char **text, uint64_t *value)
{
	const char *at = *text;

	if (!isdigit((unsigned char)*at) || (at[0] == '0' && isdigit((unsigned char)at[1])))
		return false;
	errno = 0;
	*value = strtoull(at, (char **)text, 10);
	return !errno;
}

static bool number(const char *text, const struct value_limits *limits, uint64_t most,
		   uint64_t *value, char *why)
{
	uint64_t low = limits ? limits->min : 0;
	uint64_t high = limits && limits->max < most ? limits->max : most;
	const char *end = text;

	if (!digits(&end, value) || *end)
		return value_wrong(why, "\"" SHOWN "\" is not a whole decimal number; give one from "
				   "%llu to %llu", text, (unsigned long long)low,
				   (unsigned long long)high);
	if (*value < low || *value > high)
		return value_wrong(why, SHOWN " is out of range; give a number from %llu to %llu",
				   text, (unsigned long long)low, (unsigned long long)high);
	return true;
}

bool value_u16(const char *text, const struct value_limits *limits, void *out, char *why)
{
	uint64_t value;

	if (!number(text, limits, UINT16_MAX, &value, why))
		return false;
	*(uint16_t *)out = (uint16_t)value;
	return true;
}

bool value_u32(const char *text, const struct value_limits *limits, void *out, char *why)
{
	uint64_t value;

	if (!number(text, limits, UINT32_MAX, &value, why))
		return false;
	*(uint32_t *)out = (uint32_t)value;
	return true;
}

bool value_u64(const char *text, const struct value_limits *limits, void *out, char *why)
{
	uint64_t value;

	if (!number(text, limits, UINT64_MAX, &value, why))
		return false;
	*(uint64_t *)out = value;
	return true;
}

bool value_choice(const char *text, const struct value_limits *limits, void *out, char *why)
{
	char list[200] = "";
	size_t length = 0;

	for (int i = 0; limits->names[i]; i++) {
		if (!strcmp(text, limits->names[i])) {
			*(int *)out = i;
			return true;
		}
		length += (size_t)snprintf(list + length, sizeof(list) - length, "%s%s",
					   !i ? "" : limits->names[i + 1] ? ", " : " or ",
					   limits->names[i]);
		if (length >= sizeof(list))
			break;
	}
	return value_wrong(why, "\"" SHOWN "\" is not known here; write %s", text, list);
}

static const struct unit {
	const char *name;
	uint64_t us;
} units[] = {
	{ "us", 1 }, { "ms", 1000 }, { "s", 1000000 },
};

/* A duration in the largest unit that says it whole. */
static const char *duration_text(uint64_t us, char text[32])
{
	size_t i = sizeof(units) / sizeof(units[0]) - 1;

	while (i && us % units[i].us)
		i--;
	snprintf(text, 32, "%llu%s", (unsigned long long)(us / units[i].us), units[i].name);
	return text;
}

static bool duration(const char *text, const struct value_limits *limits, uint64_t step_us,
		     uint32_t *out, char *why)
{
	uint64_t value, low = limits->min * step_us, high = limits->max * step_us;
	char least[32], most[32], step[32];
	const struct unit *unit = NULL;
	const char *end = text;

	duration_text(low, least);
	duration_text(high, most);
	if (!digits(&end, &value))
		return value_wrong(why, "\"" SHOWN "\" is not a duration; write a whole number and "
				   "us, ms or s, from %s to %s", text, least, most);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(end, units[i].name))
			unit = &units[i];
	if (!unit)
		return value_wrong(why, "\"" SHOWN "\" has %s; write a whole number and us, ms or s, "
				   "like %s", text, *end ? "no such unit" : "no unit", least);
	if (__builtin_mul_overflow(value, unit->us, &value) || value < low || value > high)
		return value_wrong(why, SHOWN " is out of range; give a duration from %s to %s",
				   text, least, most);
	if (value % step_us)
		return value_wrong(why, SHOWN " is too fine; give a multiple of %s", text,
				   duration_text(step_us, step));
	*out = (uint32_t)(value / step_us);
	return true;
}

bool value_duration_us(const char *text, const struct value_limits *limits, void *out, char *why)
{
	return duration(text, limits, 1, out, why);
}

bool value_duration_ms(const char *text, const struct value_limits *limits, void *out, char *why)
{
	return duration(text, limits, 1000, out, why);
}

bool value_is_hex(const char *text, size_t length)
{
	return strlen(text) == length && strspn(text, HEX_DIGITS) == length;
}

bool value_hex(const char *text, uint8_t *out, size_t n)
{
	if (!value_is_hex(text, 2 * n))
		return false;
	for (size_t i = 0; i < n; i++)
		sscanf(text + 2 * i, "%2hhx", &out[i]);
	return true;
}

bool bytes_are_zero(const uint8_t *bytes, size_t n)
{
	while (n && !bytes[n - 1])
		n--;
	return !n;
}

bool value_id(const char *text, const struct value_limits *limits, void *out, char *why)
{
	uint8_t id[HOTID_ID_LEN];

	if (hotid_id_parse(text, id))
		return value_wrong(why, "\"" SHOWN "\" is not a node id; give 32 hex digits, as "
				   "/etc/machine-id of that node has them", text);
	if (bytes_are_zero(id, sizeof(id)))
		return value_wrong(why, SHOWN " is all zero; give the node's own id", text);
	memcpy(out, id, sizeof(id));
	return true;
}

bool value_mac(const char *text, const struct value_limits *limits, void *out, char *why)
{
	bool good = strlen(text) == 6 * 3 - 1;
	uint8_t mac[6];

	for (size_t i = 0; good && i < sizeof(mac); i++) {
		const char *at = text + 3 * i;

		good = strspn(at, HEX_DIGITS) == 2 && (!at[2] || at[2] == ':' || at[2] == '-');
		sscanf(at, "%2hhx", &mac[i]);
	}
	if (!good)
		return value_wrong(why, "\"" SHOWN "\" is not a MAC address; write six bytes like "
				   "02:00:00:77:00:10", text);
	if (bytes_are_zero(mac, sizeof(mac)))
		return value_wrong(why, SHOWN " is the zero address; give the server's own", text);
	if (mac[0] & 1)
		return value_wrong(why, SHOWN " is a multicast address; give a unicast one", text);
	memcpy(out, mac, sizeof(mac));
	return true;
}

bool value_name(const char *text, const struct value_limits *limits, void *out, char *why)
{
	size_t length = strlen(text);

	if (!length)
		return value_wrong(why, "is empty; give a name");
	if (length > HOTID_NAME_MAX)
		return value_wrong(why, "\"" SHOWN "\" is %zu bytes long; give a name of at most %d",
				   text, length, HOTID_NAME_MAX);
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)text[i]) && (!i || !strchr("._-", text[i])))
			return value_wrong(why, "\"" SHOWN "\" is not a name; use letters, digits, "
					   "\".\", \"_\" and \"-\", and begin with a letter or digit",
					   text);
	strcpy(out, text);
	return true;
}

bool value_name_text(const char *text, const struct value_limits *limits, void *out, char *why)
{
	char name[HOTID_NAME_MAX + 1];

	return value_name(text, limits, name, why) && give_text(text, out);
}

bool value_text(const char *text, const struct value_limits *limits, void *out, char *why)
{
	if (!*text)
		return value_wrong(why, "is empty; give a value or leave the key out");
	for (const char *at = text; *at; at++)
		if (iscntrl((unsigned char)*at))
			return value_wrong(why, "\"" SHOWN "\" holds a control character; leave it out",
					   text);
	return give_text(text, out);
}

bool value_device(const char *text, const struct value_limits *limits, void *out, char *why)
{
	bool good = *text && strlen(text) < IF_NAMESIZE && strcmp(text, ".") && strcmp(text, "..");

	for (const char *at = text; good && *at; at++)
		good = isgraph((unsigned char)*at) && *at != '/' && *at != ':';
	if (!good)
		return value_wrong(why, "\"" SHOWN "\" is not the name of a network device; give one "
				   "like eth0", text);
	return give_text(text, out);
}

bool value_mount_point(const char *text, const struct value_limits *limits, void *out, char *why)
{
	/* What this node itself stands on. */
	static const char *const own[] = {
		"/", "/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/root", "/run",
		"/sbin", "/sys", "/tmp", "/usr", "/var", "/var/lib", "/var/log", "/var/run", NULL
	};
	size_t length = strlen(text);

	if (*text != '/')
		return value_wrong(why, "\"" SHOWN "\" is not an absolute path; begin with \"/\"",
				   text);
	for (const char *at = text; *at; at++) {
		size_t part = strcspn(at + 1, "/");

		if (iscntrl((unsigned char)*at))
			return value_wrong(why, "\"" SHOWN "\" holds a control character", text);
		if (*at == '/' && length > 1 &&
		    (!part || (part == 1 && at[1] == '.') ||
		     (part == 2 && at[1] == '.' && at[2] == '.')))
			return value_wrong(why,
					   "\"" SHOWN "\" is not a plain path; write it without "
					   "\"//\", \".\", \"..\" and a \"/\" at the end", text);
	}
	if (length >= 4096)
		return value_wrong(why, "\"" SHOWN "...\" is longer than a path can be", text);
	for (size_t i = 0; own[i]; i++)
		if (!strcmp(text, own[i]))
			return value_wrong(why, "%s belongs to the node itself; mount on a directory of "
					   "the identity's own, like /srv/NAME", text);
	return give_text(text, out);
}

bool value_unit(const char *text, const struct value_limits *limits, void *out, char *why)
{
	static const char *const types[] = {
		".service", ".socket", ".target", ".timer", ".path", ".mount", ".automount",
		".swap", ".slice", NULL
	};
	const char *type = strrchr(text, '.');
	size_t i;

	for (const char *at = text; *at; at++)
		if (!isalnum((unsigned char)*at) && !strchr(":-_.\\@", *at))
			return value_wrong(why, "\"" SHOWN "\" is not a unit name; give one like "
					   "nginx.service", text);
	if (strlen(text) > 255)
		return value_wrong(why, "\"" SHOWN "...\" is longer than a unit name can be (255)", text);
	for (i = 0; type && types[i] && strcmp(type, types[i]); i++)
		;
	if (!type || !types[i] || type == text)
		return value_wrong(why, "\"" SHOWN "\" has no unit type; give the whole name, like "
				   SHOWN ".service", text, *text ? text : "nginx");
	if (type[-1] == '@')
		return value_wrong(why, "\"" SHOWN "\" is a template; name an instance between \"@\" "
				   "and \"%s\"", text, type);
	if (!strcmp(text, "hotidd.service"))
		return value_wrong(why, "hotidd.service is the daemon itself; it cannot be part of an "
				   "identity");
	return give_text(text, out);
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One value of a configuration file, from text. Pure: no files, no system.
 *
 * All have one form, so that the schema's table can name them: @text is
 * parsed into @out, whose type is given below, within @limits where the value
 * has any. They return true, or false with @why (VALUE_WHY_MAX bytes) saying
 * what is wrong and the fix, beginning with the value itself; @out is then
 * unchanged.
 */
#ifndef HOTIDD_VALUES_H
#define HOTIDD_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"

#define VALUE_WHY_MAX	384

struct value_limits {
	uint64_t min, max;		/* of numbers and durations, inclusive */
	const char *const *names;	/* of a choice; ends with NULL */
};

typedef bool (*value_fn)(const char *text, const struct value_limits *limits,
			 void *out, char *why);

bool value_bool(const char *text, const struct value_limits *limits, void *out,
		char *why);		/* bool: true, false, yes, no */
bool value_u16(const char *text, const struct value_limits *limits, void *out,
	       char *why);		/* uint16_t */
bool value_u32(const char *text, const struct value_limits *limits, void *out,
	       char *why);		/* uint32_t */
bool value_u64(const char *text, const struct value_limits *limits, void *out,
	       char *why);		/* uint64_t */
bool value_choice(const char *text, const struct value_limits *limits, void *out,
		  char *why);		/* int: index into limits->names */
/* Durations are whole numbers with a unit: us, ms or s. Limits are in the unit of @out. */
bool value_duration_us(const char *text, const struct value_limits *limits, void *out,
		       char *why);	/* uint32_t, microseconds */
bool value_duration_ms(const char *text, const struct value_limits *limits, void *out,
		       char *why);	/* uint32_t, milliseconds */

/* HOTID_NAME_MAX + 1 bytes: letters, digits, ".", "_" and "-", not "." first. */
bool value_name(const char *text, const struct value_limits *limits, void *out, char *why);
/* uint8_t[16], 32 hex digits or a UUID; not all zero. */
bool value_id(const char *text, const struct value_limits *limits, void *out, char *why);
/* uint8_t[6], unicast and not zero. */
bool value_mac(const char *text, const struct value_limits *limits, void *out, char *why);

/* struct ip_prefix. An address of a host, full length. */
bool value_address(const char *text, const struct value_limits *limits, void *out, char *why);
/* struct ip_prefix. An address that a port can bear, with its prefix. */
bool value_port_address(const char *text, const struct value_limits *limits, void *out,
			char *why);
/* struct ip_prefix. A network, or "default", whose family is then AF_UNSPEC. */
bool value_network(const char *text, const struct value_limits *limits, void *out, char *why);

/* These give char *, to be freed. */
bool value_text(const char *text, const struct value_limits *limits, void *out,
		char *why);		/* anything but nothing */
bool value_device(const char *text, const struct value_limits *limits, void *out, char *why);
bool value_name_text(const char *text, const struct value_limits *limits, void *out,
		     char *why);	/* as value_name */
bool value_iscsi_name(const char *text, const struct value_limits *limits, void *out,
		      char *why);	/* iqn., eui. or naa. */
bool value_portal(const char *text, const struct value_limits *limits, void *out,
		  char *why);		/* "ADDRESS:PORT", "[IPV6]:PORT"; 3260 is added */
bool value_mount_point(const char *text, const struct value_limits *limits, void *out,
		       char *why);
bool value_unit(const char *text, const struct value_limits *limits, void *out, char *why);

/* A host's address, of full length: the first @length bytes of @text. */
bool address_parse(const char *text, size_t length, struct ip_prefix *ip);
/* How many bits it has; 0 for AF_UNSPEC. */
unsigned int address_bits(const struct ip_prefix *ip);
/* But for their prefixes. */
bool address_same(const struct ip_prefix *a, const struct ip_prefix *b);
bool address_link_local(const struct ip_prefix *ip);				/* of IPv6 */
/* All bits after the first @prefix ones are set to @value. */
struct ip_prefix address_fill(struct ip_prefix ip, unsigned int prefix, bool value);

bool value_is_hex(const char *text, size_t length);
/* @n bytes from 2 * @n hex digits and nothing else. */
bool value_hex(const char *text, uint8_t *out, size_t n);

bool bytes_are_zero(const uint8_t *bytes, size_t n);

/* For parsers elsewhere: writes @why and returns false. */
__attribute__((format(printf, 2, 3)))
bool value_wrong(char *why, const char *format, ...);

#endif /* HOTIDD_VALUES_H */

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

typedef bool value_fn(const char *text, const struct value_limits *limits, void *out, char *why);

value_fn value_bool;		/* bool: true, false, yes, no */
value_fn value_u16;		/* uint16_t */
value_fn value_u32;		/* uint32_t */
value_fn value_u64;		/* uint64_t */
value_fn value_choice;		/* int: index into limits->names */

/* Durations are whole numbers with a unit: us, ms or s. Limits are in the unit of @out. */
value_fn value_duration_us;	/* uint32_t, microseconds */
value_fn value_duration_ms;	/* uint32_t, milliseconds */

/* HOTID_NAME_MAX + 1 bytes: letters, digits, ".", "_" and "-", not "." first. */
value_fn value_name;
value_fn value_id;		/* uint8_t[16], 32 hex digits or a UUID; not all zero */
value_fn value_mac;		/* uint8_t[6], unicast and not zero */

/* These give struct ip_prefix. */
value_fn value_address;		/* of a host, full length */
value_fn value_port_address;	/* that a port can bear, with its prefix */
value_fn value_network;		/* or "default", whose family is then AF_UNSPEC */

/* These give char *, to be freed. */
value_fn value_text;		/* anything but nothing */
value_fn value_device;
value_fn value_name_text;	/* as value_name */
value_fn value_iscsi_name;	/* iqn., eui. or naa. */
value_fn value_portal;		/* "ADDRESS:PORT", "[IPV6]:PORT"; 3260 is added */
value_fn value_mount_point;
value_fn value_unit;

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

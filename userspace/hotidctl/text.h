/* SPDX-License-Identifier: GPL-2.0 */
/* Values as people read them. */
#ifndef HOTIDCTL_TEXT_H
#define HOTIDCTL_TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include "duration.h"
#include "hotid.h"

/* Zeroed memory, or the end of the program. */
void *text_alloc(size_t size);
void text_no_memory(void) __attribute__((noreturn));

/* Names come from files and the wire: nothing of them may drive a terminal. */
void text_clean(char *text);

/* The same of a line that is made now, to be freed. */
char *text_made(const char *format, va_list args);

/* "userspace, audit"; "-" for none. @name is one of hotid.h's for flags. */
#define TEXT_FLAGS_MAX	64
void text_flags(uint32_t flags, const char *(*name)(unsigned int bit),
		char text[TEXT_FLAGS_MAX]);

/* "10.77.0.1:7707" or "[fe80::1%eth0]:7707" */
#define TEXT_PATH_MAX	96
void text_path(const struct hotid_path *path, char text[TEXT_PATH_MAX]);

/* What remains of a peer's lease: "28 ms", "over", or "none". */
#define TEXT_LEASE_MAX	DURATION_TEXT_MAX
void text_lease(uint64_t lease_ns, uint64_t now_ns, char text[TEXT_LEASE_MAX]);

/* A device's name, or "device 7" when it is gone. */
#define TEXT_DEVICE_MAX	32
void text_device(uint32_t ifindex, char text[TEXT_DEVICE_MAX]);

/* Nanoseconds on CLOCK_REALTIME as local time: "2026-01-02 03:04:05.678". */
#define TEXT_TIME_MAX	40
void text_time(uint64_t real_ns, char text[TEXT_TIME_MAX]);

uint64_t text_now_ns(void);

/* From CLOCK_MONOTONIC to CLOCK_REALTIME, as they stand now. 0 stays 0. */
uint64_t text_real_ns(uint64_t monotonic_ns);

#endif /* HOTIDCTL_TEXT_H */

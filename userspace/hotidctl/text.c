// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include "text.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void text_no_memory(void)
{
	fputs("hotidctl: out of memory\n", stderr);
	exit(1);
}

void *text_alloc(size_t size)
{
	void *p = calloc(1, size ? size : 1);

	if (!p)
		text_no_memory();
	return p;
}

void text_clean(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

char *text_made(const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		text_no_memory();
	text_clean(text);
	return text;
}

void text_flags(uint32_t flags, const char *(*name)(unsigned int bit),
		char text[TEXT_FLAGS_MAX])
{
	size_t len = 0;
	unsigned int bit;

	strcpy(text, "-");
	for (bit = 0; bit < 32 && len < TEXT_FLAGS_MAX; bit++)
		if (flags & 1u << bit)
			len += snprintf(text + len, TEXT_FLAGS_MAX - len, "%s%s",
					len ? ", " : "", name(bit));
}

void text_device(uint32_t ifindex, char text[TEXT_DEVICE_MAX])
{
	char name[IF_NAMESIZE];

	if (if_indextoname(ifindex, name))
		snprintf(text, TEXT_DEVICE_MAX, "%s", name);
	else
		snprintf(text, TEXT_DEVICE_MAX, "device %u", ifindex);
}

void text_path(const struct hotid_path *path, char text[TEXT_PATH_MAX])
{
	int family = path->address_len == 16 ? AF_INET6 : AF_INET;
	char address[INET6_ADDRSTRLEN] = "?", device[TEXT_DEVICE_MAX] = "";
	unsigned int port = path->port ? path->port : HOTID_DEFAULT_PORT;

	if (path->address_len)
		inet_ntop(family, path->address, address, sizeof(address));
	if (path->ifindex)
		text_device(path->ifindex, device);
	snprintf(text, TEXT_PATH_MAX, family == AF_INET6 ? "[%s%s%s]:%u" : "%s%s%s:%u",
		 address, path->ifindex ? "%" : "", device, port);
}

void text_lease(uint64_t lease_ns, uint64_t now_ns, char text[TEXT_LEASE_MAX])
{
	if (lease_ns > now_ns)
		duration_format(lease_ns - now_ns, text);
	else
		snprintf(text, TEXT_LEASE_MAX, "%s", lease_ns ? "over" : "none");
}

void text_time(uint64_t real_ns, char text[TEXT_TIME_MAX])
{
	time_t seconds = real_ns / 1000000000;
	struct tm tm;
	size_t len;

	localtime_r(&seconds, &tm);
	len = strftime(text, TEXT_TIME_MAX, "%F %T", &tm);
	snprintf(text + len, TEXT_TIME_MAX - len, ".%03u",
		 (unsigned int)(real_ns % 1000000000 / 1000000));
}

static uint64_t read_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

uint64_t text_now_ns(void)
{
	return read_clock(CLOCK_REALTIME);
}

uint64_t text_real_ns(uint64_t monotonic_ns)
{
	if (!monotonic_ns)
		return 0;
	return monotonic_ns + (read_clock(CLOCK_REALTIME) - read_clock(CLOCK_MONOTONIC));
}

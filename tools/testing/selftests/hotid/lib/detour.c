// SPDX-License-Identifier: GPL-2.0
#include "detour.h"

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node.h"

#define PARAMETERS	"/sys/module/detour/parameters/"

static void set(const char *parameter, const char *value)
{
	char path[64];
	int fd;

	module_load_other("detour.ko");
	snprintf(path, sizeof(path), PARAMETERS "%s", parameter);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, value, strlen(value) + 1) < 0)
		err(1, "%s: %s", path, value);
	close(fd);
}

static int calls(const char *parameter)
{
	char path[64], text[16] = {};
	int fd;

	snprintf(path, sizeof(path), PARAMETERS "%s", parameter);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		err(1, "%s", path);
	close(fd);
	return atoi(text);
}

void detour_refuse(const char *function, const char *caller, long number)
{
	char value[192];

	snprintf(value, sizeof(value), "%s %s %ld", function, caller, number);
	set("refuse", value);
}

int detour_refused(void)
{
	int refused = calls("refuse");

	set("refuse", "");
	return refused;
}

void detour_hold(const char *function, const char *caller)
{
	char value[192];

	snprintf(value, sizeof(value), "%s %s", function, caller);
	set("hold", value);
}

int detour_held(void)
{
	return calls("hold");
}

void detour_let_go(void)
{
	set("hold", "");
}

void detour_count(const char *function, const char *caller)
{
	char value[192];

	snprintf(value, sizeof(value), "%s %s", function, caller);
	set("count", value);
}

int detour_counted(void)
{
	return calls("count");
}

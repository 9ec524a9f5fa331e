// SPDX-License-Identifier: GPL-2.0
/* Errors and warnings: a sentence on standard error, or a line of JSON. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "json.h"
#include "text.h"

static void say(const struct ctl *ctl, const char *kind, int status, int error, const char *name,
		const char *message)
{
	const char *symbol = error ? strerrorname_np(-error) : NULL;
	json_t *object;

	fflush(stdout);
	if (!ctl->json) {
		fprintf(stderr, "hotidctl: %s%s%s\n", name ? name : "", name ? ": " : "", message);
		return;
	}
	object = json_pack("{s:o}", "message", json_text(message));
	if (name)
		json_set(object, "name", json_text(name));
	if (symbol)
		json_set(object, "errno", json_text(symbol));
	if (status != CTL_OK)
		json_set(object, "exit", json_count(status));
	json_line(json_pack("{s:o}", kind, object), stderr);
}

static void say_formatted(const struct ctl *ctl, const char *kind, int status, const char *format,
			  va_list args)
{
	char *message = text_made(format, args);

	say(ctl, kind, status, 0, NULL, message);
	free(message);
}

int ctl_error(const struct ctl *ctl, enum ctl_exit status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_formatted(ctl, "error", status, format, args);
	va_end(args);
	return status;
}

void ctl_warn(const struct ctl *ctl, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_formatted(ctl, "warning", CTL_OK, format, args);
	va_end(args);
}

static enum ctl_exit exit_status(int error)
{
	switch (error) {
	case -EPERM:
		return CTL_NOT_PERMITTED;
	case HOTID_ERR_NO_MODULE:
		return CTL_NO_MODULE;
	case HOTID_ERR_NO_IDENTITY:
		return CTL_NO_IDENTITY;
	case -ETIMEDOUT:
		return CTL_TIMEOUT;
	default:
		return CTL_FAILED;
	}
}

int ctl_fail(const struct ctl *ctl, int error)
{
	bool about_name = ctl->name && ctl->h;
	enum ctl_exit status = exit_status(error);
	const char *why = hotid_strerror(ctl->h, error);

	/* The name itself says more than that it is the name. */
	if (about_name && !strncmp(why, "name: ", 6))
		why += 6;
	say(ctl, "error", status, error, about_name ? ctl->name : NULL, why);
	return status;
}

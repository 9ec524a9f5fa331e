/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Log lines on stderr. Under the journal each begins with "<priority>", as
 * sd-daemon(3) has it. One call is one line and one write, from any thread.
 */
#ifndef HOTIDD_LOG_H
#define HOTIDD_LOG_H

#include <syslog.h>

/* Plain lines, for a person in front of a terminal; before any thread runs. */
void log_plain(void);

__attribute__((format(printf, 2, 3)))
void log_line(int priority, const char *format, ...);

#define log_error(...)		log_line(LOG_ERR, __VA_ARGS__)
#define log_warning(...)	log_line(LOG_WARNING, __VA_ARGS__)
#define log_notice(...)		log_line(LOG_NOTICE, __VA_ARGS__)
#define log_info(...)		log_line(LOG_INFO, __VA_ARGS__)

#endif /* HOTIDD_LOG_H */

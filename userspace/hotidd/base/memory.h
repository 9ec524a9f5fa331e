/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Small allocations that must succeed. When one does not, the daemon ends
 * with one log line: the module keeps every state and systemd starts the
 * daemon again, which is the path that a crash takes and that is tested.
 */
#ifndef HOTIDD_MEMORY_H
#define HOTIDD_MEMORY_H

#include <stddef.h>

void *must_calloc(size_t n, size_t size);
void *must_realloc(void *old, size_t n, size_t size);
char *must_strdup(const char *text);
__attribute__((format(printf, 1, 2)))
char *must_printf(const char *format, ...);

#endif /* HOTIDD_MEMORY_H */

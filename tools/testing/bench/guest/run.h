/* SPDX-License-Identifier: GPL-2.0 */
/* Programs and children of a bench, in a network namespace each, or in ours: -1. */
#ifndef BENCH_RUN_H
#define BENCH_RUN_H

#include <sys/types.h>

/* The namespace that we are in. */
int ns_here(void);

/* Start a program; what it says goes to a file. It dies with the bench. */
pid_t run_start(int ns, const char *log, const char *const argv[]);

/* Start a function as a child. It dies with the bench. */
pid_t run_child(int ns, void (*function)(void *), void *data);

/* End a child and wait until it is gone. */
void run_end(pid_t pid);

/* Run a program to its end; it must succeed. */
void run_must(int ns, const char *const argv[]);

/* What a program prints, at most size - 1 bytes; it must succeed. */
void run_read(int ns, const char *const argv[], char *text, size_t size);

/* Write a file, printf-like. */
void file_write(const char *path, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* BENCH_RUN_H */

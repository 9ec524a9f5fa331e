/* SPDX-License-Identifier: GPL-2.0 */
/* The probe's program and maps in this process; attachment.c attaches them. */
#ifndef HOTIDD_PROBE_PROGRAM_H
#define HOTIDD_PROBE_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

/* Descriptors, of the program and of its maps. */
struct probe_program {
	int fd, slots, counters;
	void *skeleton;			/* of program.c */
};

/**
 * probe_program_load() - open and load, with the pinned maps if there are any
 * @pins: the directory where they are pinned, or are to be
 * @port: UDP port of beats
 * @slots: how many, a power of two
 * @why: set to the cause of a failure, and to what libbpf or the verifier said of it
 * @size: of @why
 *
 * Return: the program, or NULL with errno. -EINVAL may mean that the pinned
 * maps are of another build.
 */
struct probe_program *probe_program_load(const char *pins, uint16_t port, uint32_t slots,
					 char *why, size_t size);
void probe_program_free(struct probe_program *program);

#endif /* HOTIDD_PROBE_PROGRAM_H */

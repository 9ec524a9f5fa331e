// SPDX-License-Identifier: GPL-2.0
/* Apart from attachment.c because the skeleton's names and those of libhotid meet. */
#include "probe/program.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#include "bpf/hotid_probe.skel.h"

/* The first warning, which has the cause; what follows from it comes after. */
static char first_warning[256];

static int on_print(enum libbpf_print_level level, const char *format, va_list args)
{
	if (level == LIBBPF_WARN && !*first_warning) {
		vsnprintf(first_warning, sizeof(first_warning), format, args);
		first_warning[strcspn(first_warning, "\n")] = '\0';
	}
	return 0;
}

/* The skeleton's struct is the program's. */
static struct hotid_probe *skeleton(const struct probe_program *program)
{
	return (struct hotid_probe *)program;
}

struct probe_program *probe_program_load(const char *slots_pin, const char *counters_pin,
					 uint16_t port, uint32_t slots, char *why, size_t size)
{
	int error, cpus = libbpf_num_possible_cpus();
	struct hotid_probe *probe;

	*first_warning = '\0';
	libbpf_set_print(on_print);
	probe = hotid_probe__open();
	if (!probe) {
		snprintf(why, size, "%s", first_warning);
		return NULL;
	}
	probe->rodata->beat_port = port;
	error = bpf_map__set_max_entries(probe->maps.counters, cpus > 0 ? (uint32_t)cpus : 1);
	if (!error)
		error = bpf_map__set_max_entries(probe->maps.slots, slots);
	if (!error)
		error = bpf_map__set_pin_path(probe->maps.slots, slots_pin);
	if (!error)
		error = bpf_map__set_pin_path(probe->maps.counters, counters_pin);
	if (!error)
		error = hotid_probe__load(probe);
	if (error) {
		snprintf(why, size, "%s", first_warning);
		hotid_probe__destroy(probe);
		errno = -error;
		return NULL;
	}
	return (struct probe_program *)probe;
}

void probe_program_free(struct probe_program *program)
{
	hotid_probe__destroy(skeleton(program));
}

int probe_program_fd(const struct probe_program *program)
{
	return bpf_program__fd(skeleton(program)->progs.hotid_probe);
}

int probe_program_slots(const struct probe_program *program)
{
	return bpf_map__fd(skeleton(program)->maps.slots);
}

int probe_program_counters(const struct probe_program *program)
{
	return bpf_map__fd(skeleton(program)->maps.counters);
}

// SPDX-License-Identifier: GPL-2.0
/* Apart from attachment.c because the skeleton's names and those of libhotid meet. */
#include "probe/program.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "bpf/hotid_probe.skel.h"
#include "probe/pins.h"

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

/* Room in the maps, and where they are pinned or are to be. */
static int maps_set(struct hotid_probe *probe, const char *pins, uint32_t slots)
{
	int error = 0, cpus = libbpf_num_possible_cpus();
	const struct {
		struct bpf_map *map;
		const char *name;
		uint32_t entries;
	} maps[] = {
		{ probe->maps.slots, "slots", slots },
		{ probe->maps.counters, "counters", cpus > 0 ? (uint32_t)cpus : 1 },
	};

	for (size_t i = 0; !error && i < sizeof(maps) / sizeof(maps[0]); i++) {
		char *path = pins_path(pins, maps[i].name);

		error = bpf_map__set_max_entries(maps[i].map, maps[i].entries);
		if (!error)
			error = bpf_map__set_pin_path(maps[i].map, path);
		free(path);
	}
	return error;
}

struct probe_program *probe_program_load(const char *pins, uint16_t port, uint32_t slots,
					 char *why, size_t size)
{
	struct probe_program *program;
	struct hotid_probe *probe;
	int error;

	*first_warning = '\0';
	libbpf_set_print(on_print);
	probe = hotid_probe__open();
	error = probe ? maps_set(probe, pins, slots) : -errno;
	if (!error) {
		probe->rodata->beat_port = port;
		error = hotid_probe__load(probe);
	}
	if (error) {
		snprintf(why, size, "%s%s%s", strerror(-error), *first_warning ? ": " : "",
			 first_warning);
		hotid_probe__destroy(probe);
		errno = -error;
		return NULL;
	}
	program = must_calloc(1, sizeof(*program));
	program->skeleton = probe;
	program->fd = bpf_program__fd(probe->progs.hotid_probe);
	program->slots = bpf_map__fd(probe->maps.slots);
	program->counters = bpf_map__fd(probe->maps.counters);
	return program;
}

void probe_program_free(struct probe_program *program)
{
	if (program)
		hotid_probe__destroy(program->skeleton);
	free(program);
}

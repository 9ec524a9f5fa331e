/* SPDX-License-Identifier: GPL-2.0 */
/* The XDP heartbeat probe, as a program loads and attaches it. */
#ifndef SELFTEST_PROBE_H
#define SELFTEST_PROBE_H

#include <stdint.h>

#define PROBE_SLOTS	256

struct node;

/**
 * struct probe - a loaded probe
 * @skeleton: libbpf's
 * @program: descriptors of it and of its maps
 * @links: attachments to devices
 */
struct probe {
	struct hotid_probe *skeleton;
	int program, slots, counters;
	int links[4];
	int n_links;
};

/* Load it for the default port. */
void probe_load(struct probe *probe);

/* Attach it to a device. Mode is HOTID_PROBE_MODE_GENERIC or _NATIVE. */
void probe_attach(struct probe *probe, int ns, const char *device, uint32_t mode);

/* It is gone from all devices when this returns. */
void probe_detach(struct probe *probe);
void probe_unload(struct probe *probe);

/* The sum of what it counted itself of one kind, by index of the counters. */
uint64_t probe_count(const struct probe *probe, int kind);

/*
 * All in one: load, unless it is loaded, attach, and let the module of the
 * node read its maps. With HOTID_PROBE_MODE_NONE nothing is done, and the
 * module's own receive path stays the one in use. probe_unload() may follow
 * in any case.
 */
void probe_start(struct probe *probe, const struct node *node, const char *device,
		 uint32_t mode);

#endif /* SELFTEST_PROBE_H */

// SPDX-License-Identifier: GPL-2.0
/* Keeps the probe loaded, and attached where the configuration wants it. */
#include "probe/probe.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "hotid_daemon.h"
#include "probe/attachment.h"
#include "probe/pins.h"
#include "probe/policy.h"
#include "probe/program.h"

struct probe {
	char *pins;
	struct probe_program *program;	/* NULL until it is needed */
	uint16_t port;			/* that it was loaded for */
	uint32_t slots;			/* of its map */
	struct attachment attached[PROBE_DEVICES_MAX];
	size_t n;
	bool load_failed;
	unsigned int failed[PROBE_DEVICES_MAX];	/* devices where it does not attach */
	size_t n_failed;
};

struct probe *probe_new(const char *pins)
{
	struct probe *probe = must_calloc(1, sizeof(*probe));

	probe->pins = must_strdup(pins);
	return probe;
}

void probe_free(struct probe *probe)
{
	if (!probe)
		return;
	/* The pins keep all of it alive. */
	for (size_t i = 0; i < probe->n; i++)
		close(probe->attached[i].link);
	probe_program_free(probe->program);
	free(probe->pins);
	free(probe);
}

static int probe_load(struct probe *probe, const struct node_config *config, struct hotid *h)
{
	uint32_t slots = policy_slots(config);
	struct probe_program *program;
	char why[320];
	int error;

	if (probe->program && probe->port == config->port && probe->slots == slots)
		return 0;
	error = pins_prepare(probe->pins);
	if (error) {
		log_warning("probe: no BPF file system for %s: %s; mount one on /sys/fs/bpf", probe->pins,
			    strerror(-error));
		return error;
	}
	/* The program that runs keeps the old ones until its successor has new ones. */
	if (pins_slots(probe->pins) != slots)
		pins_drop_maps(probe->pins);
	program = probe_program_load(probe->pins, config->port, slots, why, sizeof(why));
	if (!program) {
		/*
		 * Pins of another build do not fit. Until ours are there, the module
		 * does the work.
		 */
		log_info("probe: not with the pinned maps: %s; making new ones", why);
		pins_drop_all(probe->pins);
		program = probe_program_load(probe->pins, config->port, slots, why, sizeof(why));
	}
	if (!program) {
		error = -errno;
		log_warning("probe: cannot be loaded: %s; the module's own receive path is used",
			    why);
		return error;
	}
	for (size_t i = 0; i < probe->n; i++)
		attachment_renew(&probe->attached[i], program, h);
	probe_program_free(probe->program);
	probe->program = program;
	probe->port = config->port;
	probe->slots = slots;
	log_info("probe: loaded with %u slots", slots);
	return 0;
}

/* What an earlier daemon left on devices that are not wanted any more. */
static void drop_strays(const struct probe *probe, const unsigned int *wanted, size_t n,
			struct hotid *h)
{
	struct hotid_node node;

	pins_drop_links(probe->pins, wanted, n);
	if (hotid_node_get(h, &node))
		return;
	for (size_t i = 0; i < node.n_probes; i++)
		if (!policy_has_device(wanted, n, node.probes[i].ifindex))
			hotid_probe_del(h, node.probes[i].ifindex);
	hotid_node_clear(&node);
}

void probe_retry(struct probe *probe)
{
	probe->load_failed = false;
	probe->n_failed = 0;
}

static void detach_device(struct probe *probe, size_t i, struct hotid *h)
{
	attachment_end(&probe->attached[i], probe->pins, h);
	probe->attached[i] = probe->attached[--probe->n];
}

void probe_reconcile(struct probe *probe, const struct node_config *config, struct hotid *h)
{
	unsigned int wanted[PROBE_DEVICES_MAX];
	size_t n = policy_devices(config, wanted);

	for (size_t i = probe->n; i--; )
		if (!policy_has_device(wanted, n, probe->attached[i].ifindex) ||
		    !pins_link_is_on(probe->attached[i].link, probe->attached[i].ifindex) ||
		    !policy_has_mode(config->probe_mode, probe->attached[i].mode))
			detach_device(probe, i, h);
	drop_strays(probe, wanted, n, h);
	if (config->probe_mode == PROBE_OFF)
		pins_drop_all(probe->pins);
	if (!n || probe->load_failed)
		return;
	probe->load_failed = probe_load(probe, config, h);
	if (probe->load_failed)
		return;
	for (size_t i = 0; i < n; i++) {
		bool has = policy_has_device(probe->failed, probe->n_failed, wanted[i]);

		for (size_t j = 0; j < probe->n; j++)
			has |= probe->attached[j].ifindex == wanted[i];
		if (has)
			continue;
		if (!attachment_make(&probe->attached[probe->n], wanted[i], config->probe_mode,
				     probe->program, probe->pins, h))
			probe->n++;
		else if (probe->n_failed < PROBE_DEVICES_MAX)
			probe->failed[probe->n_failed++] = wanted[i];
	}
}

void probe_detach(struct probe *probe, struct hotid *h)
{
	while (probe->n)
		detach_device(probe, probe->n - 1, h);
	pins_drop_all(probe->pins);
	rmdir(probe->pins);
}

void probe_describe(const struct probe *probe, char *text, size_t size)
{
	char name[IF_NAMESIZE];
	size_t used = 0;

	snprintf(text, size, "off");
	for (size_t i = 0; i < probe->n && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s on %s", i ? ", " : "",
					 hotid_probe_mode_name(probe->attached[i].mode),
					 attachment_device(probe->attached[i].ifindex, name));
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The XDP heartbeat probe: loaded once, attached to each device through which
 * beats come in. Maps and links are pinned, so that detection goes on while
 * the daemon restarts. Where it cannot attach, the module's own receive path
 * does the same work.
 */
#ifndef HOTIDD_PROBE_H
#define HOTIDD_PROBE_H

#include "config/config.h"

struct probe;

/* @pins: directory below a BPF file system, of this network namespace. */
struct probe *probe_new(const char *pins);
void probe_free(struct probe *probe);

/**
 * probe_reconcile() - make it so that the right devices have the probe
 * @config: which mode, which devices
 * @h: the module
 *
 * Attaches where it is missing, detaches where it is not wanted, and reports
 * both to the module. Does nothing where all is right already, so it is
 * called at start, after a reload, and now and then for devices that come and
 * go. What does not work is logged with the fix, and not tried again before
 * probe_retry().
 */
void probe_reconcile(struct probe *probe, const struct node_config *config, struct hotid *h);
void probe_retry(struct probe *probe);

/* Detach everywhere, take the pins away, and report it to the module. */
void probe_detach(struct probe *probe, struct hotid *h);

/* "native on eth0, generic on eth2", or "off"; for a person. */
void probe_describe(const struct probe *probe, char *text, size_t size);

#endif /* HOTIDD_PROBE_H */

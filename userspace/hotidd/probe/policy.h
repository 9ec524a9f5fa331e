/* SPDX-License-Identifier: GPL-2.0 */
/* What the configuration says of the probe: how many slots, which mode, which devices. */
#ifndef HOTIDD_PROBE_POLICY_H
#define HOTIDD_PROBE_POLICY_H

#include "config/config.h"

#define PROBE_DEVICES_MAX	16	/* as many as the module takes */

/* Slots of the map, a power of two. */
uint32_t policy_slots(const struct node_config *config);

/* Whether a device may have the probe in @mode, an enum hotid_probe_mode. */
bool policy_has_mode(enum probe_want want, uint32_t mode);

/* Interface indices into @wanted; returns how many. Devices that are not there are left out. */
size_t policy_devices(const struct node_config *config, unsigned int wanted[PROBE_DEVICES_MAX]);

bool policy_has_device(const unsigned int *list, size_t n, unsigned int ifindex);

#endif /* HOTIDD_PROBE_POLICY_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The probe on one device.
 *
 * The module adopts the maps first, and only then does the probe begin to drop
 * beats. The other way round they would be dropped as unknown until the module
 * has put its peers into the maps, and a live peer could be found silent. A
 * detachment goes the other way.
 *
 * The program is loaded anew by each daemon and replaces the pinned one in one
 * step, so that an update leaves no gap.
 */
#ifndef HOTIDD_PROBE_ATTACHMENT_H
#define HOTIDD_PROBE_ATTACHMENT_H

#include <net/if.h>

#include "config/config.h"
#include "probe/program.h"

struct attachment {
	unsigned int ifindex;
	uint32_t mode;			/* enum hotid_probe_mode */
	int link;
};

/**
 * attachment_make() - attach @program to a device, or put it into the link that is pinned
 * @want: mode
 * @pins: directory of the pins
 * @h: the module, which learns of it
 *
 * Return: 0 with @attachment set, or a negative errno after the cause was logged.
 */
int attachment_make(struct attachment *attachment, unsigned int ifindex, enum probe_want want,
		    const struct probe_program *program, const char *pins, struct hotid *h);

/* Detach, drop the pin and report it to the module. */
void attachment_end(const struct attachment *attachment, const char *pins, struct hotid *h);

/* Replace its program, for one with other maps as well. */
void attachment_renew(const struct attachment *attachment, const struct probe_program *program,
		      struct hotid *h);

/* The name of the device, or its number where it is gone. Returns @name. */
const char *attachment_device(unsigned int ifindex, char name[IF_NAMESIZE]);

#endif /* HOTIDD_PROBE_ATTACHMENT_H */

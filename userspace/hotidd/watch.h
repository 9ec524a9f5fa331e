/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the system says of its own accord when something changes that an
 * identity may stand on: links, addresses and routes (rtnetlink), disks and
 * sessions (kernel events, unit attentions among them), mounts, and units
 * (systemd). None of it is trusted or looked into: it says that an audit should
 * be now instead of at its time. What comes in a burst is one.
 */
#ifndef HOTIDD_WATCH_H
#define HOTIDD_WATCH_H

#include <systemd/sd-event.h>

#include "config/config.h"

struct watch;

/**
 * watch_new() - listen in @loop
 * @changed: something did
 *
 * A source that cannot be had is logged and left out, since audits come at
 * their period as well.
 */
struct watch *watch_new(sd_event *loop, void (*changed)(void *data), void *data);
void watch_free(struct watch *watch);

/* Listen for the units of these identities, and no others. */
void watch_units(struct watch *watch, const struct config *config);

#endif /* HOTIDD_WATCH_H */

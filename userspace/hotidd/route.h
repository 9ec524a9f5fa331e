/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTIDD_ROUTE_H
#define HOTIDD_ROUTE_H

#include "config.h"

/* The ifindex of the device that leads to a peer's path now, or 0 for none. */
unsigned int route_device(const struct path_config *path);

#endif /* HOTIDD_ROUTE_H */

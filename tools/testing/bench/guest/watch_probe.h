/* SPDX-License-Identifier: GPL-2.0 */
/* watch_probe.c is a part of watch.h: libhotid and libbpf's skeleton share a name. */
#include "watch.h"

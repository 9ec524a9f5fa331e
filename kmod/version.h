/* SPDX-License-Identifier: GPL-2.0 */
/* The one place that has the version; the Makefile reads it here. */
#ifndef HOTID_VERSION_H
#define HOTID_VERSION_H

#define HOTID_VERSION	"0.1.0"

#endif /* HOTID_VERSION_H */

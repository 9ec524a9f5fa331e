/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Generated from kmod/version.h by "make generate". Do not edit. */
#ifndef HOTID_VERSION_MAJOR

#define HOTID_VERSION_MAJOR	0
#define HOTID_VERSION_MINOR	1
#define HOTID_VERSION_PATCH	0

/* Whether the hotid.h that a program is compiled with is of this version or later. */
#define HOTID_VERSION_AT_LEAST(major, minor, patch)					\
	(HOTID_VERSION_MAJOR > (major) ||						\
	 (HOTID_VERSION_MAJOR == (major) &&						\
	  (HOTID_VERSION_MINOR > (minor) ||						\
	   (HOTID_VERSION_MINOR == (minor) && HOTID_VERSION_PATCH >= (patch)))))

#endif /* HOTID_VERSION_MAJOR */

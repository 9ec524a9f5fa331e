/* SPDX-License-Identifier: GPL-2.0 */
/* Which processes keep a file system busy. */
#ifndef HOTIDD_MOUNT_USERS_H
#define HOTIDD_MOUNT_USERS_H

#include <stddef.h>

/*
 * Names the first few processes that have a file, directory or program of the
 * file system of @where open: "ledger (812), bash (900) and 2 more". Empty
 * when there is none, as when only the kernel holds it (a loop device, an
 * NFS export, another mount below).
 */
void mount_users_describe(const char *where, char *text, size_t size);

#endif /* HOTIDD_MOUNT_USERS_H */

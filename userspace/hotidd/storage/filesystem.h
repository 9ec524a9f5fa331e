/* SPDX-License-Identifier: GPL-2.0 */
/* Mounting, checking and ending file systems. */
#ifndef HOTIDD_FILESYSTEM_H
#define HOTIDD_FILESYSTEM_H

#include "step/kind.h"

/* Whether the kernel has the file system, or a module for it, which @load loads. */
bool filesystem_known(const char *type, bool load, struct step_env *env);

/* Mounts @device as the configuration says. 0 or a negative errno with the message set. */
int filesystem_mount(const struct mount_config *config, const char *device, struct step_env *env);

/*
 * Also takes it out of libmount's own table, which holds the _netdev. 0 or a
 * negative errno, without a message.
 */
int filesystem_unmount(const char *where, bool lazy);

/**
 * filesystem_check() - refuse one that needs a check
 * @mounted: the journal has been replayed
 *
 * XFS and the like refuse by themselves; ext4 mounts whatever it can, and warns.
 * The superblock is read through the kernel's cache of the device, which also
 * has what a mounted file system made of it.
 *
 * Return: 0 or a negative errno with the message set.
 */
int filesystem_check(const struct mount_config *config, const char *device, bool mounted,
		     struct step_env *env);

/*
 * What is not written yet is lost. The file system does not try to write it any
 * more, and whoever has files open gets errors. Where it cannot be shut down,
 * nothing happens.
 */
void filesystem_shutdown(const char *where);

#endif /* HOTIDD_FILESYSTEM_H */

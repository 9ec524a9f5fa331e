/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the daemon keeps below /run so that the next one can go on where it
 * was killed: for each identity a copy of the file that its plan was compiled
 * from (the file in /etc may have changed since), and a mark once its steps
 * begin to be taken. Gone with a reboot, as is all that they are about.
 */
#ifndef HOTIDD_RUNDIR_H
#define HOTIDD_RUNDIR_H

#include <stdbool.h>

/* "default" in the network namespace of process 1, else "net-INODE". */
const char *rundir_namespace(void);

/**
 * rundir_open() - make the directory and be the only daemon in it
 * @base: usually "/run/hotid"; the namespace's name is added
 *
 * Return: its path, to be freed, or NULL after an error was logged.
 */
char *rundir_open(const char *base);

/* NAME.yaml in it, to be freed. */
char *rundir_copy_path(const char *dir, const char *name);

/* Keep a copy of @file as that of identity @name. 0 or a negative errno. */
int rundir_keep(const char *dir, const char *name, const char *file);
bool rundir_has_copy(const char *dir, const char *name);

/* From here on steps may have been taken. 0 or a negative errno. */
int rundir_mark_taken(const char *dir, const char *name);

/* Nothing that was taken is left, whatever may still be staged. */
void rundir_unmark_taken(const char *dir, const char *name);
bool rundir_is_taken(const char *dir, const char *name);

/* Nothing of the identity is on this node any more. */
void rundir_forget(const char *dir, const char *name);

#endif /* HOTIDD_RUNDIR_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lock of open-iscsi's records. It is a file that is there while a process
 * has it, made with link(2), which fails where it is there already. A process
 * that is killed leaves it behind, and the next one waits half a minute for it:
 * longer than a step may take.
 */
#ifndef HOTIDD_ISCSI_LOCK_H
#define HOTIDD_ISCSI_LOCK_H

/**
 * iscsi_lock_drop_stale() - take the lock away if nobody can have it any more
 * @path: the lock
 * @program: the name of the processes that take it
 *
 * One that is taken meanwhile stays.
 */
void iscsi_lock_drop_stale(const char *path, const char *program);

/**
 * iscsi_lock_take() - as open-iscsi's own programs take it
 * @path: the lock
 *
 * Return: 0; -EBUSY when another process had it for a second; or another negative
 * errno. What was taken ends with unlink().
 */
int iscsi_lock_take(const char *path);

#endif /* HOTIDD_ISCSI_LOCK_H */

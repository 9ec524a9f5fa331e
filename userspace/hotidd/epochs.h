/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The highest epoch of each identity that this node knows of, on disk. The
 * module forgets it with a reboot; when all nodes were down nobody else could
 * say it, and an epoch would be given a second time.
 *
 * A thread writes, so that neither the main loop nor a takeover waits for the
 * disk. Only before "held" is reported is its epoch waited for.
 *
 * The file of an identity is NAME.epoch, one line: "hotid-epoch 1 EPOCH SUM",
 * replaced as a whole. The sum is there because a torn or edited file that
 * says too high an epoch could not be distinguished from one that is right.
 */
#ifndef HOTIDD_EPOCHS_H
#define HOTIDD_EPOCHS_H

#include <stdbool.h>
#include <stdint.h>

/* 0; -ENOENT when nothing is known of @name; -EBADMSG for a file that is not whole; or another. */
int epoch_load(const char *dir, const char *name, uint64_t *epoch);

/* All or nothing, and on the disk when it returns. 0 or a negative errno. */
int epoch_store(const char *dir, const char *name, uint64_t epoch);

struct epochs;

/**
 * epochs_new() - keep epochs in @dir from now on
 * @dir: is made; NULL to keep nothing
 * @priority: SCHED_FIFO of the thread, since "held" waits for it; 0 for none
 *
 * Return: the keeper, or NULL after an error was logged.
 */
struct epochs *epochs_new(const char *dir, int priority);

/* Ends when all is written that can be; must not be called while workers run. */
void epochs_free(struct epochs *epochs);

/* What was kept; 0 for nothing. A file that is not whole is logged. */
uint64_t epochs_known(struct epochs *epochs, const char *name);

/* Keep it, if it is higher than what is kept. From any thread; waits for nothing. */
void epochs_note(struct epochs *epochs, const char *name, uint64_t epoch);

/* Whether @epoch of @name is on the disk, waited for until @deadline_ns at most. */
bool epochs_wait(struct epochs *epochs, const char *name, uint64_t epoch, uint64_t deadline_ns);

#endif /* HOTIDD_EPOCHS_H */

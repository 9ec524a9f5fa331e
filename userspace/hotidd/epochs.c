// SPDX-License-Identifier: GPL-2.0
/* Keeps epochs on disk. The list is under a lock; a thread of its own writes. */
#define _GNU_SOURCE
#include "epochs.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include "hotid.h"

#define STACK_SIZE	(64 * 1024)

struct epoch_entry {
	char name[HOTID_NAME_MAX + 1];
	uint64_t wanted, stored;
	bool failed;			/* the last try to write what is wanted */
};

struct epochs {
	char *dir;
	int priority;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t news;		/* something is wanted, or written */
	struct epoch_entry *entries;		/* lock */
	size_t n;			/* lock */
	bool end;			/* lock */
};

static struct epoch_entry *epochs_find(struct epochs *epochs, const char *name)
{
	for (size_t i = 0; i < epochs->n; i++)
		if (!strcmp(epochs->entries[i].name, name))
			return &epochs->entries[i];
	return NULL;
}

static struct epoch_entry *epochs_get(struct epochs *epochs, const char *name)
{
	struct epoch_entry *entry = epochs_find(epochs, name);

	if (entry)
		return entry;
	epochs->entries = must_realloc(epochs->entries, epochs->n + 1, sizeof(*entry));
	entry = &epochs->entries[epochs->n++];
	memset(entry, 0, sizeof(*entry));
	strncpy(entry->name, name, sizeof(entry->name) - 1);
	return entry;
}

/* What is to be written next. The array may move while the lock is away. */
static bool next_job(struct epochs *epochs, struct epoch_entry *job)
{
	for (size_t i = 0; i < epochs->n; i++)
		if (epochs->entries[i].wanted > epochs->entries[i].stored &&
		    !epochs->entries[i].failed) {
			*job = epochs->entries[i];
			return true;
		}
	return false;
}

static void *epochs_main(void *data)
{
	struct epochs *epochs = data;
	struct epoch_entry job, *entry;
	int error;

	if (epochs->priority)
		priority_set(epochs->priority);
	pthread_mutex_lock(&epochs->lock);
	for (;;) {
		if (!next_job(epochs, &job)) {
			if (epochs->end)
				break;
			pthread_cond_wait(&epochs->news, &epochs->lock);
			continue;
		}
		pthread_mutex_unlock(&epochs->lock);
		error = epoch_store(epochs->dir, job.name, job.wanted);
		if (error)
			log_error("identity %s: epoch %" PRIu64 " is not kept in %s: %s; make room or fix "
				  "the disk, or give --epoch after all nodes were down", job.name,
				  job.wanted, epochs->dir, strerror(-error));
		pthread_mutex_lock(&epochs->lock);
		entry = epochs_find(epochs, job.name);
		if (error)
			entry->failed = entry->wanted == job.wanted;
		else
			entry->stored = job.wanted;
		pthread_cond_broadcast(&epochs->news);
	}
	pthread_mutex_unlock(&epochs->lock);
	return NULL;
}

struct epochs *epochs_new(const char *dir, int priority)
{
	struct epochs *epochs = must_calloc(1, sizeof(*epochs));
	int error;

	pthread_mutex_init(&epochs->lock, NULL);
	pthread_cond_init(&epochs->news, NULL);
	if (!dir)
		return epochs;
	epochs->dir = must_strdup(dir);
	epochs->priority = priority;
	if (mkdir(dir, 0700) && errno != EEXIST)
		log_error("%s: %m; epochs are not kept over a reboot", dir);
	error = thread_start(&epochs->thread, "epochs", STACK_SIZE, epochs_main, epochs);
	if (!error)
		return epochs;
	log_error("epochs: no thread: %s", strerror(error));
	free(epochs->dir);
	epochs->dir = NULL;
	epochs_free(epochs);
	return NULL;
}

void epochs_free(struct epochs *epochs)
{
	if (!epochs)
		return;
	if (epochs->dir) {
		pthread_mutex_lock(&epochs->lock);
		epochs->end = true;
		pthread_cond_broadcast(&epochs->news);
		pthread_mutex_unlock(&epochs->lock);
		pthread_join(epochs->thread, NULL);
	}
	pthread_cond_destroy(&epochs->news);
	pthread_mutex_destroy(&epochs->lock);
	free(epochs->entries);
	free(epochs->dir);
	free(epochs);
}

uint64_t epochs_known(struct epochs *epochs, const char *name)
{
	uint64_t epoch = 0;
	struct epoch_entry *entry;
	int error;

	if (!epochs->dir)
		return 0;
	error = epoch_load(epochs->dir, name, &epoch);
	if (error == -ENOENT)
		return 0;
	if (error) {
		log_error("%s/%s.epoch: %s; the epoch that was known is lost, so give --epoch beyond it if "
			  "all nodes were down", epochs->dir, name,
			  error == -EBADMSG ? "is not whole" : strerror(-error));
		return 0;
	}
	pthread_mutex_lock(&epochs->lock);
	entry = epochs_get(epochs, name);
	if (entry->stored < epoch)
		entry->stored = epoch;
	pthread_mutex_unlock(&epochs->lock);
	return epoch;
}

void epochs_note(struct epochs *epochs, const char *name, uint64_t epoch)
{
	struct epoch_entry *entry;

	if (!epochs->dir || !epoch)
		return;
	pthread_mutex_lock(&epochs->lock);
	entry = epochs_get(epochs, name);
	/* One that could not be written is tried again when it is noted again. */
	if (epoch > entry->stored && (epoch > entry->wanted || entry->failed)) {
		if (epoch > entry->wanted)
			entry->wanted = epoch;
		entry->failed = false;
		pthread_cond_broadcast(&epochs->news);
	}
	pthread_mutex_unlock(&epochs->lock);
}

bool epochs_wait(struct epochs *epochs, const char *name, uint64_t epoch, uint64_t deadline_ns)
{
	const struct timespec until = clock_timespec(deadline_ns);
	bool there = true;

	if (!epochs->dir)
		return true;
	pthread_mutex_lock(&epochs->lock);
	for (;;) {
		/* Looked up each time: the array may have moved. */
		const struct epoch_entry *entry = epochs_get(epochs, name);

		there = entry->stored >= epoch;
		if (there || entry->failed ||
		    pthread_cond_clockwait(&epochs->news, &epochs->lock, CLOCK_MONOTONIC, &until))
			break;
	}
	pthread_mutex_unlock(&epochs->lock);
	return there;
}

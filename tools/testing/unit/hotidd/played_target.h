/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A target with one disk, played: it does with registrations and reservations what
 * SPC-4 says, lets another node act in between, and may fail. For one source of a
 * program.
 */
#ifndef HOTID_UNIT_PLAYED_TARGET_H
#define HOTID_UNIT_PLAYED_TARGET_H

#include <errno.h>

#include "config/prkey.h"
#include "ktap.h"
#include "storage/pr_claim.h"

#define PATHS	8

static uint64_t registered[PATHS];	/* by path; 0 for none */
static struct pr_holder holder;
static int holder_path;
static unsigned int aborted;		/* commands of these paths, as bits */
static unsigned int commands;		/* that change something */

/* What somebody else does right before command number @at of ours. */
static struct {
	unsigned int at;
	void (*act)(void);
} other;

static bool failing;			/* the path is gone */
static bool failing_once;		/* and back after one command */

static inline bool fails(void)
{
	bool once = failing_once;

	failing_once = false;
	return failing || once;
}

static inline void before_command(void)
{
	if (other.act && !other.at--) {
		void (*act)(void) = other.act;

		other.act = NULL;
		act();
	}
}

static inline void drop(int path)
{
	registered[path] = 0;
	/* The holder's registration gone, so is a reservation of this type. */
	if (holder.held && holder_path == path)
		memset(&holder, 0, sizeof(holder));
}

static inline int raw_register(int path, uint64_t key)
{
	if (!key)
		drop(path);
	registered[path] = key;
	if (holder.held && holder_path == path)
		holder.key = key;
	return 0;
}

static inline int raw_reserve(int path, uint64_t key, unsigned int type)
{
	if (!key || registered[path] != key)
		return -EBADE;
	if (holder.held)
		return holder_path == path && holder.type == type ? 0 : -EBADE;
	holder = (struct pr_holder){ .held = true, .key = key, .type = type };
	holder_path = path;
	return 0;
}

static inline int raw_preempt(int path, uint64_t key, uint64_t victim, unsigned int type)
{
	bool holds = holder.held && holder.key == victim, found = holds;

	if (!key || registered[path] != key)
		return -EBADE;
	for (int i = 0; i < PATHS; i++) {
		/* Zero stands for everybody else, when all registrants hold it. */
		if (i == path || !registered[i] || (victim && registered[i] != victim))
			continue;
		registered[i] = 0;
		aborted |= 1u << i;
		found = true;
	}
	if (holds) {
		holder = (struct pr_holder){ .held = true, .key = key, .type = type };
		holder_path = path;
	}
	return found ? 0 : -EBADE;
}

static inline int play_register(int fd, uint64_t key)
{
	before_command();
	commands++;
	return fails() ? -EIO : raw_register(fd, key);
}

static inline int raw_unregister(int path, uint64_t key)
{
	if (!key || registered[path] != key)
		return -EBADE;
	drop(path);
	return 0;
}

static inline int play_unregister(int fd, uint64_t key)
{
	before_command();
	commands++;
	return fails() ? -EIO : raw_unregister(fd, key);
}

static inline int play_reserve(int fd, uint64_t key, unsigned int type)
{
	before_command();
	commands++;
	return fails() ? -EIO : raw_reserve(fd, key, type);
}

static inline int play_preempt_abort(int fd, uint64_t key, uint64_t victim, unsigned int type)
{
	before_command();
	commands++;
	return fails() ? -EIO : raw_preempt(fd, key, victim, type);
}

static inline int play_read_keys(int fd, struct pr_keys *keys)
{
	before_command();
	memset(keys, 0, sizeof(*keys));
	for (int i = 0; i < PATHS; i++)
		if (registered[i])
			keys->keys[keys->n++] = registered[i];
	return fails() ? -EIO : 0;
}

static inline int play_read_holder(int fd, struct pr_holder *out)
{
	before_command();
	*out = holder;
	return fails() ? -EIO : 0;
}

static const struct pr_ops play = {
	.register_key = play_register,
	.unregister = play_unregister,
	.reserve = play_reserve,
	.preempt_abort = play_preempt_abort,
	.read_keys = play_read_keys,
	.read_holder = play_read_holder,
};

static inline uint64_t key_of(uint8_t node, uint64_t epoch)
{
	uint8_t id[HOTID_ID_LEN] = { node };
	uint64_t key = 0;

	prkey_make(id, epoch, &key);
	return key;
}

static inline void reset(void)
{
	memset(registered, 0, sizeof(registered));
	memset(&holder, 0, sizeof(holder));
	memset(&other, 0, sizeof(other));
	aborted = commands = 0;
	failing = failing_once = false;
}

/* @path holds the disk with @key. */
static inline void holds(int path, uint64_t key)
{
	raw_register(path, key);
	raw_reserve(path, key, CLAIM_TYPE);
}

static inline int take(int path, uint64_t key, struct pr_claim *claim)
{
	memset(claim, 0, sizeof(*claim));
	return pr_claim_take(&play, &path, 1, key, claim);
}

/* Nobody but who has this key holds the disk, or is registered at it. */
static inline void check_sole_holder(uint64_t key)
{
	CHECK(holder.held);
	CHECK_INT(holder.key, key);
	CHECK_INT(holder.type, CLAIM_TYPE);
	for (int i = 0; i < PATHS; i++)
		CHECK(!registered[i] || registered[i] == key);
}

#endif /* HOTID_UNIT_PLAYED_TARGET_H */

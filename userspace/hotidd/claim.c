// SPDX-License-Identifier: GPL-2.0
#include "claim.h"

#include <errno.h>
#include <string.h>

#include "prkey.h"

/* Each round looks, then does one thing; others' commands may make a round void. */
#define MAX_ROUNDS	64

struct view {
	struct pr_keys keys;
	struct pr_holder holder;
};

static int look(const struct pr_ops *ops, int fd, struct view *view, struct claim *claim)
{
	int result;

	claim->doing = "reading the keys";
	result = ops->read_keys(fd, &view->keys);
	if (result)
		return result;
	claim->doing = "reading the reservation";
	return ops->read_holder(fd, &view->holder);
}

static bool is_registered(const struct view *view, uint64_t key)
{
	for (size_t i = 0; i < view->keys.n; i++)
		if (view->keys.keys[i] == key)
			return true;
	return false;
}

/* Whether @other may not be preempted by @key. */
static int outranks(uint64_t other, uint64_t key)
{
	struct prkey theirs, ours;

	if (other == key || !prkey_parse(other, &theirs) || !prkey_parse(key, &ours))
		return 0;
	if (theirs.epoch > ours.epoch)
		return -ESTALE;
	if (theirs.epoch == ours.epoch)
		return -EEXIST;
	return 0;
}

static int judge(const struct view *view, uint64_t key, struct claim *claim)
{
	int result = view->holder.held ? outranks(view->holder.key, key) : 0;

	claim->other = view->holder.key;
	for (size_t i = 0; i < view->keys.n && !result; i++) {
		claim->other = view->keys.keys[i];
		result = outranks(claim->other, key);
	}
	return result;
}

static int register_all(const struct pr_ops *ops, const int *fds, size_t n, uint64_t key)
{
	int result = 0;

	for (size_t i = 0; i < n && !result; i++)
		result = ops->register_key(fds[i], key);
	return result;
}

/* Preempts one key, if there is one to be preempted. Returns 1 when there was. */
static int preempt_next(const struct pr_ops *ops, int fd, uint64_t key, const struct view *view,
			struct claim *claim)
{
	bool holds = false, found = false;
	uint64_t victim = 0;
	int result;

	/* The holder first: until then the disk is not ours to write. */
	if (view->holder.held && view->holder.key != key) {
		victim = view->holder.key;
		holds = found = true;
	}
	for (size_t i = 0; i < view->keys.n && !found; i++) {
		victim = view->keys.keys[i];
		found = victim != key;
	}
	if (!found)
		return 0;
	claim->doing = "remembering that there was an old holder";
	if (claim->before_preempt) {
		result = claim->before_preempt(claim->data);
		if (result)
			return result;
		claim->before_preempt = NULL;
	}
	claim->doing = "preempting the old holder";
	result = ops->preempt_abort(fd, key, victim, CLAIM_TYPE);
	/* It went by itself, or somebody preempted us: look again. */
	if (result == -EBADE)
		return 1;
	if (result)
		return result;
	if (holds || !claim->preempted)
		claim->last = victim;
	claim->preempted++;
	return 1;
}

/* One round. Returns 1 when another is needed, 0 when the disk is held. */
static int go_on(const struct pr_ops *ops, const int *fds, size_t n, uint64_t key, bool *registered,
		 struct claim *claim)
{
	struct view view;
	int result = look(ops, fds[0], &view, claim);

	if (!result)
		result = judge(&view, key, claim);
	if (result)
		return result;
	if (!*registered || !is_registered(&view, key)) {
		claim->doing = "registering the key";
		result = register_all(ops, fds, n, key);
		*registered = true;
		return result ? result : 1;
	}
	result = preempt_next(ops, fds[0], key, &view, claim);
	if (result)
		return result;
	if (view.holder.held)
		return view.holder.type == CLAIM_TYPE ? 0 : -EPROTO;
	claim->doing = "reserving the disk";
	result = ops->reserve(fds[0], key, CLAIM_TYPE);
	return result && result != -EBADE ? result : 1;
}

int claim_take(const struct pr_ops *ops, const int *fds, size_t n, uint64_t key,
	       struct claim *claim)
{
	bool registered = false;
	int result = 1;

	for (int round = 0; result > 0 && round < MAX_ROUNDS; round++)
		result = go_on(ops, fds, n, key, &registered, claim);
	if (result > 0) {
		claim->doing = "others change the reservation all the time";
		result = -EAGAIN;
	}
	/*
	 * Whoever claimed the disk later must not find us registered. But when
	 * we took it from somebody and failed after that, our registration is
	 * all that keeps the old holder from writing again.
	 */
	if (result && registered &&
	    (result == -ESTALE || result == -EEXIST || !claim->preempted))
		register_all(ops, fds, n, 0);
	return result;
}

int claim_verify(const struct pr_ops *ops, int fd, uint64_t key, struct claim *claim)
{
	struct view view;
	int result;

	memset(claim, 0, sizeof(*claim));
	result = look(ops, fd, &view, claim);
	if (result)
		return result;
	for (size_t i = 0; i < view.keys.n; i++)
		if (view.keys.keys[i] != key) {
			claim->other = view.keys.keys[i];
			return -EBADE;
		}
	if (!view.keys.n || !view.holder.held || view.holder.key != key ||
	    view.holder.type != CLAIM_TYPE) {
		claim->other = view.holder.held ? view.holder.key : 0;
		return -EBADE;
	}
	return 0;
}

int claim_drop(const struct pr_ops *ops, const int *fds, size_t n, uint64_t key)
{
	struct pr_holder holder;
	int result = ops->read_holder(fds[0], &holder);

	if (result)
		return result;
	if (holder.held && holder.key == key) {
		result = ops->release(fds[0], key, holder.type);
		if (result && result != -EBADE)
			return result;
	}
	return register_all(ops, fds, n, 0);
}

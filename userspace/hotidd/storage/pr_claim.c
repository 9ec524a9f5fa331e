// SPDX-License-Identifier: GPL-2.0
/* Takes, verifies and drops a persistent reservation: a compare and swap of keys. */
#include "storage/pr_claim.h"

#include <errno.h>
#include <string.h>

#include "config/prkey.h"

/* Each round looks, then does one thing; others' commands may make a round void. */
#define MAX_ROUNDS	64

struct view {
	struct pr_keys keys;
	struct pr_holder holder;
	uint64_t others[PR_MAX_KEYS + 1];	/* keys than ours; the holder's is the first */
	size_t n_others;
	bool other_holds;		/* so it has the reservation */
};

static int claim_look(const struct pr_ops *ops, int fd, uint64_t key, struct view *view,
		      struct pr_claim *claim)
{
	int result;

	claim->doing = "reading the keys";
	result = ops->read_keys(fd, &view->keys);
	if (result)
		return result;
	claim->doing = "reading the reservation";
	result = ops->read_holder(fd, &view->holder);
	if (result)
		return result;
	view->n_others = 0;
	view->other_holds = view->holder.held && view->holder.key != key;
	if (view->other_holds)
		view->others[view->n_others++] = view->holder.key;
	for (size_t i = 0; i < view->keys.n; i++)
		if (view->keys.keys[i] != key)
			view->others[view->n_others++] = view->keys.keys[i];
	return 0;
}

static bool is_registered(const struct view *view, uint64_t key)
{
	for (size_t i = 0; i < view->keys.n; i++)
		if (view->keys.keys[i] == key)
			return true;
	return false;
}

/* Whether another node's @other may not be preempted by @key. @holds: it has the reservation. */
static int outranks(uint64_t other, bool holds, uint64_t key, struct pr_claim *claim)
{
	struct prkey theirs, ours;

	claim->other = other;
	if (claim->is_ours && !claim->is_ours(other, claim->data))
		return -EPERM;
	if (!prkey_parse(other, &theirs) || !prkey_parse(key, &ours))
		return 0;
	if (theirs.epoch > ours.epoch)
		return -ESTALE;
	return holds && theirs.epoch == ours.epoch ? -EEXIST : 0;
}

static int claim_judge(const struct view *view, uint64_t key, struct pr_claim *claim)
{
	int result = 0;

	for (size_t i = 0; i < view->n_others && !result; i++)
		result = outranks(view->others[i], view->other_holds && !i, key, claim);
	return result;
}

static int register_all(const struct pr_ops *ops, const int *fds, size_t n, uint64_t key)
{
	int result = 0;

	for (size_t i = 0; i < n && !result; i++)
		result = ops->register_key(fds[i], key);
	return result;
}

/* A path that has another key, or none, is left as it is. */
static int unregister_all(const struct pr_ops *ops, const int *fds, size_t n, uint64_t key)
{
	int first = 0;

	for (size_t i = 0; i < n; i++) {
		int result = ops->unregister(fds[i], key);

		if (result && result != -EBADE && !first)
			first = result;
	}
	return first;
}

/* Preempts one key, if there is one to be preempted. Returns 1 when there was. */
static int preempt_next(const struct pr_ops *ops, int fd, uint64_t key, const struct view *view,
			struct pr_claim *claim)
{
	int result;

	if (!view->n_others)
		return 0;
	claim->doing = "preempting the old holder";
	/* The holder first: until then the disk is not ours to write. */
	result = ops->preempt_abort(fd, key, view->others[0], CLAIM_TYPE);
	/* It went by itself, or another node preempted us: look again. */
	if (result == -EBADE)
		return 1;
	if (result)
		return result;
	if (view->other_holds || !claim->preempted)
		claim->last = view->others[0];
	claim->preempted++;
	return 1;
}

/* Nothing was changed yet. A key of ours on this path makes way for the new one as well. */
static int claim_begin(const struct view *view, struct pr_claim *claim)
{
	claim->found = view->n_others;
	claim->doing = "remembering that there was an old holder";
	return claim->found && claim->before_change ? claim->before_change(claim->data) : 0;
}

/* One round. Returns 1 when another is needed, 0 when the disk is held. */
static int go_on(const struct pr_ops *ops, const int *fds, size_t n, uint64_t key, bool *registered,
		 struct pr_claim *claim)
{
	struct view view;
	int result = claim_look(ops, fds[0], key, &view, claim);

	if (!result)
		result = claim_judge(&view, key, claim);
	if (!result && !*registered)
		result = claim_begin(&view, claim);
	if (result)
		return result;
	if (!*registered || !is_registered(&view, key)) {
		claim->doing = "registering the key";
		*registered = true;
		result = register_all(ops, fds, n, key);
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

/*
 * After a failure, whether our reservation is what keeps an old holder from
 * writing again. Where the target does not say, it may be.
 */
static bool fences(const struct pr_ops *ops, int fd, uint64_t key, const struct pr_claim *claim)
{
	struct pr_holder holder;

	return claim->found &&
	       (ops->read_holder(fd, &holder) || (holder.held && holder.key == key));
}

int pr_claim_take(const struct pr_ops *ops, const int *fds, size_t n, uint64_t key,
		  struct pr_claim *claim)
{
	bool registered = false;
	int result = 1;

	for (int round = 0; result > 0 && round < MAX_ROUNDS; round++)
		result = go_on(ops, fds, n, key, &registered, claim);
	if (result > 0) {
		claim->doing = "others change the reservation all the time";
		result = -EAGAIN;
	}
	/* Whoever claimed the disk later must not find us registered. */
	if (result && registered && !fences(ops, fds[0], key, claim))
		unregister_all(ops, fds, n, key);
	return result;
}

int pr_claim_verify(const struct pr_ops *ops, int fd, uint64_t key, struct pr_claim *claim)
{
	struct view view;
	int result;

	memset(claim, 0, sizeof(*claim));
	result = claim_look(ops, fd, key, &view, claim);
	if (result)
		return result;
	claim->held = view.holder.held && view.holder.key == key && view.holder.type == CLAIM_TYPE &&
		      is_registered(&view, key);
	if (view.n_others > view.other_holds)
		claim->other = view.others[view.other_holds];
	else if (!claim->held)
		claim->other = view.holder.held ? view.holder.key : 0;
	else
		return 0;
	return -EBADE;
}

/*
 * There is no RELEASE: without its holder's registration a reservation of this type ends
 * (SPC-4 on unregistering), and a path that is not registered is told so in the same way by
 * all targets, while some answer its RELEASE with other errors.
 */
int pr_claim_drop(const struct pr_ops *ops, const int *fds, size_t n,
		  const uint8_t id[HOTID_ID_LEN], uint64_t *left)
{
	struct pr_keys keys;
	int result = ops->read_keys(fds[0], &keys);

	for (size_t i = 0; i < keys.n && !result; i++)
		if (prkey_is_of(keys.keys[i], id))
			result = unregister_all(ops, fds, n, keys.keys[i]);
	*left = 0;
	if (!result)
		result = ops->read_keys(fds[0], &keys);
	for (size_t i = 0; i < keys.n && !result; i++)
		if (prkey_is_of(keys.keys[i], id))
			*left = keys.keys[i];
	return result;
}

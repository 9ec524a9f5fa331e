/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Claiming a disk with persistent reservations: the order of commands that
 * makes exactly one node the holder, whatever others do at the same time.
 *
 * The reservation is "Write Exclusive - Registrants Only". Only registered
 * paths may write, so a node may write through all of its paths, and the old
 * holder, whose registrations are preempted, through none. Exclusive Access
 * would forbid it to read as well, which protects nothing and would disturb
 * whoever looks at the disk. The All Registrants types would make every path a
 * holder and would not tell by whose key the disk is held.
 *
 * It works through the operations of pr.h alone, so a test can play the target.
 */
#ifndef HOTIDD_CLAIM_H
#define HOTIDD_CLAIM_H

#include "pr.h"

#define CLAIM_TYPE	PR_TYPE_WRITE_EXCLUSIVE_REGISTRANTS

/* What a claim found and did. */
struct claim {
	/* Called before the first key is preempted, if any is; non-zero ends the claim. */
	int (*before_preempt)(void *data);
	void *data;

	uint64_t other;			/* the key that was in the way, on -ESTALE and -EEXIST */
	unsigned int preempted;		/* keys that were taken off */
	uint64_t last;			/* of these: the reservation's holder, else any */
	const char *doing;		/* what failed, on other errors */
};

/**
 * claim_take() - make @key the holder
 * @fds: all paths to the disk
 * @claim: zero, but for what the caller wants to be told
 *
 * All other registrations are preempted, the older ones of ours and foreign
 * ones alike, unless one of ours says that somebody claimed the disk later.
 * On a failure @key is not registered afterwards, except when somebody was
 * preempted and nobody claimed the disk later: then the fence stands.
 *
 * Return: 0; -ESTALE when a higher epoch holds or claims the disk; -EEXIST
 * when another node does with the same epoch; or another negative errno.
 */
int claim_take(const struct pr_ops *ops, const int *fds, size_t n, uint64_t key,
	       struct claim *claim);

/*
 * Whether @key and nobody else is registered and holds the disk: 0, -EBADE when
 * not, or another negative errno.
 */
int claim_verify(const struct pr_ops *ops, int fd, uint64_t key, struct claim *claim);

/* Gives it up: released if @key holds it, and unregistered on all paths. */
int claim_drop(const struct pr_ops *ops, const int *fds, size_t n, uint64_t key);

#endif /* HOTIDD_CLAIM_H */

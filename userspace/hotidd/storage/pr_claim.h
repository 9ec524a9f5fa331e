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
 * holder and would not show by whose key the disk is held.
 *
 * It works through the operations of pr.h alone, so a test can play the target.
 */
#ifndef HOTIDD_PR_CLAIM_H
#define HOTIDD_PR_CLAIM_H

#include "hotid.h"
#include "storage/pr.h"

#define CLAIM_TYPE	PR_TYPE_WRITE_EXCLUSIVE_REGISTRANTS

/* What a claim found and did. */
struct pr_claim {
	/* Whether a key is of this cluster, so that it may be preempted; NULL: any may. */
	bool (*is_ours)(uint64_t key, void *data);
	/*
	 * Called before the first change to a disk that another key holds or is
	 * registered with; non-zero ends the claim.
	 */
	int (*before_change)(void *data);
	void *data;

	uint64_t other;			/* key in the way, on -ESTALE, -EEXIST, -EPERM */
	bool held; /* pr_claim_verify: ours has the reservation, whoever else is there */
	bool found;			/* another key was there before the first change */
	unsigned int preempted;		/* keys that were taken off */
	uint64_t last;			/* of these: the reservation's holder, else any */
	const char *doing;		/* what failed, on other errors */
};

/**
 * pr_claim_take() - make @key the holder
 * @fds: all paths to the disk
 * @claim: zero, but for the callbacks
 *
 * All other registrations are preempted, unless one of them says that somebody
 * claimed the disk later, or is none of ours. Of two nodes that claim it for
 * the same epoch, one is the first to preempt the old holder, or to reserve the
 * disk; that one has it.
 *
 * On a failure @key is not registered afterwards, except when another key was
 * there before, and ours holds the disk by now: then the fence stands.
 *
 * Return: 0; -ESTALE when a higher epoch holds or claims the disk; -EEXIST
 * when another node holds it for the same epoch; -EPERM when a key is in the
 * way that is none of ours; or another negative errno.
 */
int pr_claim_take(const struct pr_ops *ops, const int *fds, size_t n, uint64_t key,
		  struct pr_claim *claim);

/*
 * Whether @key and nobody else is registered and holds the disk: 0, -EBADE when
 * not, or another negative errno.
 */
int pr_claim_verify(const struct pr_ops *ops, int fd, uint64_t key, struct pr_claim *claim);

/**
 * pr_claim_drop() - give up what node @id has of it, for whatever epoch
 * @left: a key of the node that is still there, 0 for none
 *
 * The paths are unregistered, and with them goes the reservation that one of them holds.
 * No other key is touched. A key of the node that an earlier session registered cannot be
 * given up by these paths: it is left, and whoever takes the disk next preempts it.
 */
int pr_claim_drop(const struct pr_ops *ops, const int *fds, size_t n,
		  const uint8_t id[HOTID_ID_LEN], uint64_t *left);

#endif /* HOTIDD_PR_CLAIM_H */

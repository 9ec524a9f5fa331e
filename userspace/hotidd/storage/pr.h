/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SCSI-3 persistent reservations of one path to a disk. This is the seam
 * through which everything goes that cannot be taken back: a test puts its own
 * struct pr_ops in the place of the kernel's.
 */
#ifndef HOTIDD_PR_H
#define HOTIDD_PR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reservation types, as SPC-4 numbers them. */
#define PR_TYPE_WRITE_EXCLUSIVE_REGISTRANTS	5
#define PR_TYPE_WRITE_EXCLUSIVE_ALL		7
#define PR_TYPE_EXCLUSIVE_ACCESS_ALL		8

#define PR_MAX_KEYS	64

struct pr_keys {
	uint64_t keys[PR_MAX_KEYS];	/* one per registered path, so some may be equal */
	size_t n;
};

struct pr_holder {
	bool held;
	uint64_t key;			/* the holder's; 0 when all registrants hold it */
	unsigned int type;
};

/* One registration, as READ FULL STATUS tells of it. */
struct pr_registrant {
	uint64_t key;
	unsigned int target_port;	/* relative identifier of the port it came through */
	char transport[256];		/* of iSCSI: "NAME,i,0xISID"; else "" */
};

/*
 * Each returns 0 or a negative errno; -EBADE is a reservation conflict: another
 * one's reservation is in the way, or a key is not registered (any more).
 */
struct pr_ops {
	int (*open)(const char *node);	/* or the descriptor */
	void (*close)(int fd);

	/* Registers @key for this path in place of any other. */
	int (*register_key)(int fd, uint64_t key);

	/* Removes this path's registration, if it is @key; -EBADE when not. */
	int (*unregister)(int fd, uint64_t key);
	int (*reserve)(int fd, uint64_t key, unsigned int type);

	/*
	 * Removes all registrations of @victim and aborts what they have under
	 * way. When @victim holds the reservation, @key holds it from then on.
	 */
	int (*preempt_abort)(int fd, uint64_t key, uint64_t victim, unsigned int type);

	int (*read_keys)(int fd, struct pr_keys *keys);
	int (*read_holder)(int fd, struct pr_holder *holder);

	/* -EOPNOTSUPP where the target does not tell; -E2BIG where there are more than @max. */
	int (*read_registrants)(int fd, struct pr_registrant *all, size_t max, size_t *n);
};

/* IOC_PR_* ioctls for what changes, SG_IO for what reads. */
extern const struct pr_ops pr_kernel;

#endif /* HOTIDD_PR_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* All paths to a disk of an identity, open for commands. */
#ifndef HOTIDD_LUN_PATHS_H
#define HOTIDD_LUN_PATHS_H

#include "storage/lun.h"
#include "storage/session.h"

struct lun_paths {
	struct session_disk disks[SESSION_MAX_PATHS];
	int fds[SESSION_MAX_PATHS];
	struct lun luns[SESSION_MAX_PATHS];
	size_t n;
};

/* 0, or a negative errno with the message set and nothing open. */
int lun_paths_open(const struct disk_config *config, struct step_env *env,
		   struct lun_paths *paths);
void lun_paths_close(struct lun_paths *paths);

/* Which LUN each is, as lun_check() returns. */
int lun_paths_check(const struct disk_config *config, struct step_env *env,
		    struct lun_paths *paths);

#endif /* HOTIDD_LUN_PATHS_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* The identity's iSCSI sessions and their disks, as the kernel shows them. */
#ifndef HOTIDD_SESSION_H
#define HOTIDD_SESSION_H

#include <limits.h>

#include "step/kind.h"

#define SESSION_IFACE_MAX	65	/* open-iscsi's ISCSI_MAX_IFACE_LEN */

/*
 * The name of the open-iscsi iface record under which entry @item of the
 * identity logs in, "hotid.web.0": it carries the initiator name, and
 * distinguishes the identity's sessions from all others. False when it does not fit.
 */
bool session_iface(const struct identity_config *identity, size_t item,
		   char iface[SESSION_IFACE_MAX]);

struct session {
	unsigned int sid;		/* the kernel's number */
	char initiator[256];		/* under which it logged in */
	char state[24];			/* LOGGED_IN, FAILED, FREE */
	char path[64];			/* in sysfs */
	char syspath[PATH_MAX];		/* of the device that the disks are below */
};

/* The session of entry @item. Returns 0, -ENOENT or another negative errno. */
int session_find(const struct identity_config *identity, size_t item, struct session *session);

struct session_disk {
	char node[64];			/* "/dev/sdb" */
	char syspath[PATH_MAX];		/* of the block device */
};

/* The disk of one LUN, without a question to it. Returns 0, -ENOENT or another negative errno. */
int session_disk(const struct session *session, uint64_t lun, struct session_disk *disk);

/* Asks the target for one LUN and adds its device, if it has it. Not bound by the deadline. */
int session_scan(const struct session *session, uint64_t lun, struct step_env *env);

/**
 * session_wait_disks() - wait until all LUNs are block devices
 * @missing: on failure, a LUN that is not
 *
 * Each is opened once it is there, which is not bound by the deadline.
 *
 * Return: 0, or as job_poll().
 */
int session_wait_disks(const struct session *session, const uint64_t *luns, size_t n,
		       uint64_t *missing, struct step_env *env);

/*
 * How long I/O waits for a target that went away before it fails. During a
 * takeover and its undo that must be shorter than the time a step may take;
 * while the identity is held it is as iscsid.conf says. These concern all
 * sessions of the identity that are there.
 */
void session_hurry(const struct step_env *env);
void session_be_patient(const struct step_env *env);

/* After the logout of entry @item: nothing is left to be put back. */
void session_forget(const struct step_env *env, size_t item);

/*
 * All paths to a disk: one device for each of the identity's sessions to its
 * target that has the LUN. Returns how many, at most @max; 0 when it is not there.
 */
size_t session_paths(const struct identity_config *identity, const struct disk_config *disk,
		     struct session_disk *paths, size_t max);
#define SESSION_MAX_PATHS	16

#endif /* HOTIDD_SESSION_H */

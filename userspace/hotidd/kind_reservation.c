// SPDX-License-Identifier: GPL-2.0
/*
 * The fence of a disk: a persistent reservation under a key made from node and
 * epoch (prkey.h), taken from whoever held it before (claim.h). The proof is
 * that the target shows nobody else registered: an old holder that lives on is
 * answered "reservation conflict" to every write.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "claim.h"
#include "job.h"
#include "keep.h"
#include "prkey.h"
#include "session.h"

#define KEEP_KIND	"reservation"
#define MAX_REGISTRANTS	64

struct paths {
	struct session_disk disks[SESSION_MAX_PATHS];
	int fds[SESSION_MAX_PATHS];
	size_t n;
};

static const struct disk_config *config_of(const struct step *step, const struct step_env *env)
{
	return &env->identity->disks[step->item];
}

static int own_key(struct step_env *env, uint64_t *key)
{
	if (prkey_make(env->node_id, env->epoch, key))
		return 0;
	return job_fail(env, EOVERFLOW, "epoch %llu does not fit into a reservation key; the largest is %u",
			(unsigned long long)env->epoch, PRKEY_MAX_EPOCH);
}

static void close_paths(struct paths *paths)
{
	while (paths->n)
		pr_kernel.close(paths->fds[--paths->n]);
}

static int open_paths(const struct step *step, struct step_env *env, struct paths *paths)
{
	const struct disk_config *config = config_of(step, env);
	size_t found = session_paths(env->identity, config, paths->disks, SESSION_MAX_PATHS);

	paths->n = 0;
	if (!found)
		return job_fail(env, ENODEV, "%s: LUN %llu of %s is not there; it comes with the login",
				config->name, (unsigned long long)config->lun, config->target);
	while (paths->n < found) {
		int fd = pr_kernel.open(paths->disks[paths->n].node);

		if (fd < 0) {
			close_paths(paths);
			return job_fail(env, fd, "%s: %s", paths->disks[paths->n].node,
					strerror(-fd));
		}
		paths->fds[paths->n++] = fd;
	}
	return 0;
}

static int reservation_validate(struct step *step, struct step_env *env)
{
	const struct disk_config *config = config_of(step, env);
	uint64_t key;

	for (size_t i = 0; i < env->identity->n_iscsi; i++)
		if (!strcmp(env->identity->iscsi[i].target, config->target))
			return own_key(env, &key);
	return job_fail(env, EINVAL, "%s: no entry under iscsi logs in to %s", config->name,
			config->target);
}

static int reservation_stage(struct step *step, struct step_env *env)
{
	job_say(env, "the disk is seen once logged in");
	return 0;
}

/* What tells our path from others, as far as the target shows it. */
struct nexus {
	bool lio;
	unsigned int target_port;	/* relative identifier; 0 when not told */
	char name[2][320];		/* as open-iscsi makes it, and as it did before 2.1 */
};

static size_t read_attribute(const struct session_disk *disk, const char *name, uint8_t *value,
			     size_t size)
{
	char path[PATH_MAX + 32];
	FILE *file;
	size_t got;

	snprintf(path, sizeof(path), "%s/device/%s", disk->syspath, name);
	file = fopen(path, "re");
	if (!file)
		return 0;
	got = fread(value, 1, size, file);
	fclose(file);
	return got;
}

/* From the device identification page: SPC-4, designator type 4 of the target port. */
static unsigned int target_port(const struct session_disk *disk)
{
	uint8_t page[4096];
	size_t length = read_attribute(disk, "vpd_pg83", page, sizeof(page));

	for (size_t at = 4; at + 8 <= length; at += 4 + page[at + 3])
		if ((page[at + 1] & 0x3f) == (1 << 4 | 4) && page[at + 3] == 4)
			return (unsigned int)page[at + 6] << 8 | page[at + 7];
	return 0;
}

static void describe(const struct session *session, const struct session_disk *disk,
		     struct nexus *nexus)
{
	uint8_t vendor[8];

	nexus->lio = read_attribute(disk, "vendor", vendor, sizeof(vendor)) >= 7 &&
		     !memcmp(vendor, "LIO-ORG", 7);
	nexus->target_port = target_port(disk);
	snprintf(nexus->name[0], sizeof(nexus->name[0]), "%s,i,0x00023d%06x", session->initiator,
		 session->sid & 0xffffff);
	snprintf(nexus->name[1], sizeof(nexus->name[1]), "%s,i,0x00023d%02x0000",
		 session->initiator, session->sid & 0xff);
}

/*
 * Whether the target would take the registrant for us. LIO compares only the
 * first four bytes of the ISID when it enforces a reservation (it keeps the
 * number as text, and of that eight characters), and open-iscsi's differ only
 * after these: so to LIO all sessions of one initiator name are one, unless
 * they log in to different target portal groups.
 */
static bool same_nexus(const struct nexus *ours, const struct pr_registrant *theirs)
{
	if (ours->target_port && theirs->target_port &&
	    ours->target_port != theirs->target_port)
		return false;
	for (size_t i = 0; i < 2; i++) {
		const char *isid = strrchr(ours->name[i], ',');
		size_t length = strlen(ours->name[i]);

		if (ours->lio)
			length = (size_t)(isid - ours->name[i]) + strlen(",0x00023d00");
		if (!strncasecmp(ours->name[i], theirs->transport, length))
			return true;
	}
	return false;
}

/*
 * A reservation fences only whom the target can tell from us. Where it shows
 * that it cannot, the disk is not taken, since that would prove nothing.
 */
static int check_nexus(const struct step *step, struct step_env *env, const struct paths *paths)
{
	const char *name = config_of(step, env)->name;
	struct pr_registrant all[MAX_REGISTRANTS];
	struct session session;
	struct nexus nexus;
	size_t n;

	if (pr_kernel.read_registrants(paths->fds[0], all, MAX_REGISTRANTS, &n) || !n)
		return 0;
	for (size_t i = 0; i < env->identity->n_iscsi; i++) {
		if (strcmp(env->identity->iscsi[i].target, config_of(step, env)->target) ||
		    session_find(env->identity, i, &session))
			continue;
		describe(&session, &paths->disks[0], &nexus);
		for (size_t r = 0; r < n; r++) {
			struct prkey parsed;

			if (!prkey_parse(all[r].key, &parsed) ||
			    parsed.node == prkey_node(env->node_id) ||
			    !same_nexus(&nexus, &all[r]))
				continue;
			return job_fail(env, EPERM, "%s: %s cannot tell this node from the holder of epoch %u, so no reservation fences it; give each node a portal group of its own",
					name, nexus.lio ? "the target (LIO)" : "the target",
					parsed.epoch);
		}
	}
	return 0;
}

struct memory {
	const struct step *step;
	struct step_env *env;
};

/*
 * Somebody is going to lose the disk. It is kept before that happens, since a
 * daemon that is killed right afterwards would not know.
 */
static int remember_others(void *data)
{
	const struct memory *memory = data;
	struct keep keep = { 0 };

	keep_put(&keep, "others", "1");
	return keep_save(memory->env, KEEP_KIND, memory->step->item, &keep);
}

static int refuse(const struct step *step, struct step_env *env, int error,
		  const struct claim *claim)
{
	const char *name = config_of(step, env)->name;
	struct prkey parsed = { 0 };

	prkey_parse(claim->other, &parsed);
	switch (error) {
	case -ESTALE:
		return job_fail(env, error, "%s: epoch %u holds the disk, so epoch %llu may not take it; take over with --epoch %u or later if its holder is dead",
				name, parsed.epoch, (unsigned long long)env->epoch,
				parsed.epoch + 1);
	case -EEXIST:
		return job_fail(env, error, "%s: another node (key %#llx) holds the disk with the same epoch %u; take over with --epoch %u or later",
				name, (unsigned long long)claim->other, parsed.epoch,
				parsed.epoch + 1);
	case -EIO:
		return job_fail(env, error, "%s: %s: the target refused; does it support persistent reservations? A Linux target keeps them in the directory \"pr\" below what its /sys/kernel/config/target/dbroot names, which must exist",
				name, claim->doing);
	default:
		return job_fail(env, error, "%s: %s: %s", name, claim->doing, strerror(-error));
	}
}

static int reservation_take(struct step *step, struct step_env *env)
{
	struct memory memory = { .step = step, .env = env };
	struct claim claim = { .before_preempt = remember_others, .data = &memory };
	struct paths paths;
	struct prkey parsed;
	uint64_t key;
	int result = own_key(env, &key);

	if (!result)
		result = open_paths(step, env, &paths);
	if (result)
		return result;
	result = check_nexus(step, env, &paths);
	if (result)
		goto close;
	result = claim_take(&pr_kernel, paths.fds, paths.n, key, &claim);
	if (result)
		refuse(step, env, result, &claim);
	else if (!claim.preempted)
		job_say(env, "%s is reserved with key %#llx", config_of(step, env)->name,
			(unsigned long long)key);
	else if (prkey_parse(claim.last, &parsed))
		job_say(env, "%s is reserved with key %#llx, taken from epoch %u (%#llx)",
			config_of(step, env)->name, (unsigned long long)key, parsed.epoch,
			(unsigned long long)claim.last);
	else
		job_say(env, "%s is reserved with key %#llx, taken from the foreign key %#llx",
			config_of(step, env)->name, (unsigned long long)key,
			(unsigned long long)claim.last);
close:
	close_paths(&paths);
	return result;
}

static int reservation_verify(struct step *step, struct step_env *env)
{
	const char *name = config_of(step, env)->name;
	struct paths paths;
	struct claim claim;
	uint64_t key;
	int result = own_key(env, &key);

	if (!result)
		result = open_paths(step, env, &paths);
	if (result)
		return result;
	result = claim_verify(&pr_kernel, paths.fds[0], key, &claim);
	if (result == -EBADE && claim.other)
		job_fail(env, result, "%s: key %#llx is registered or holds the disk besides or instead of ours, %#llx",
			 name, (unsigned long long)claim.other, (unsigned long long)key);
	else if (result == -EBADE)
		job_fail(env, result, "%s: nobody holds the disk; something cleared our key %#llx",
			 name, (unsigned long long)key);
	else if (result)
		job_fail(env, result, "%s: %s: %s", name, claim.doing, strerror(-result));
	else
		job_say(env, "%s: only key %#llx is registered and holds the disk", name,
			(unsigned long long)key);
	close_paths(&paths);
	return result;
}

/* Whether the fence must outlive this node's tenure: see reservation_undo(). */
static bool must_stay(const struct step *step, struct step_env *env, const struct paths *paths,
		      uint64_t key)
{
	struct pr_holder holder;
	struct keep keep;

	return !keep_load(env, KEEP_KIND, step->item, &keep) &&
	       !pr_kernel.read_holder(paths->fds[0], &holder) && holder.held && holder.key == key;
}

/*
 * When the disk was taken from somebody, the reservation stays: that node may
 * live on, with a file system mounted that has been changed under it, and
 * would write again as soon as it could. Nothing is lost by it, because the
 * next holder has a higher epoch and takes it.
 */
static int reservation_undo(struct step *step, struct step_env *env)
{
	const char *name = config_of(step, env)->name;
	struct session_disk disk;
	struct paths paths;
	uint64_t key;
	int result = own_key(env, &key);

	if (result)
		return result;
	if (!session_paths(env->identity, config_of(step, env), &disk, 1)) {
		job_say(env, "%s is not seen, so nothing is given up", name);
		goto forget;
	}
	result = open_paths(step, env, &paths);
	if (result)
		return result;
	if (must_stay(step, env, &paths, key)) {
		job_say(env, "%s stays reserved, since its holder before may live on; a later epoch takes it",
			name);
	} else {
		result = claim_drop(&pr_kernel, paths.fds, paths.n, key);
		job_say(env, "%s is given up", name);
	}
	close_paths(&paths);
	if (result)
		return job_fail(env, result, "%s: giving up the reservation: %s", name,
				strerror(-result));
forget:
	keep_drop(env, KEEP_KIND, step->item);
	return 0;
}

const struct kind kind_reservation = {
	.name = "reservation",
	.stage = HOTID_STAGE_FENCE,
	.validate = reservation_validate,
	.stage_ahead = reservation_stage,
	.take = reservation_take,
	.verify = reservation_verify,
	.undo = reservation_undo,
};

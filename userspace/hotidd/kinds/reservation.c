// SPDX-License-Identifier: GPL-2.0
/*
 * The fence of a disk: a persistent reservation under a key made from node and
 * epoch (prkey.h), taken from whoever held it before (pr_claim.h). The proof is
 * that the target shows nobody else registered: an old holder that lives on is
 * answered "reservation conflict" to every write. Before anything is changed,
 * the disk says which one it is (lun.h), and the target that it distinguishes this
 * node from others (nexus.h).
 */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "config/prkey.h"
#include "net/peers.h"
#include "step/job.h"
#include "step/undo_state.h"
#include "storage/lun_paths.h"
#include "storage/nexus.h"
#include "storage/pr_claim.h"
#include "storage/session.h"

#define UNDO_STATE_KIND	"reservation"

#define LOSERS_NS	(2000 * JOB_MS)
#define LOSERS_POLL_MS	20
#define RETRY_MS	200

static int own_key(struct step_env *env, uint64_t *key)
{
	if (prkey_make(env->node_id, env->epoch, key))
		return 0;
	return job_fail(env, EOVERFLOW, "epoch %llu does not fit into a reservation key; the largest is %u",
			(unsigned long long)env->epoch, PRKEY_MAX_EPOCH);
}

/* What the callbacks of a claim need. */
struct claiming {
	const struct step *step;
	struct step_env *env;
	/* A bit for each node that there can be: prkey_node() of this one and its peers. */
	uint8_t nodes[(UINT16_MAX + 1) / 8];
};

static int add_node(struct claiming *claiming, const uint8_t id[HOTID_ID_LEN], const char *name)
{
	uint16_t own = prkey_node(claiming->env->node_id), node = prkey_node(id);

	if (claiming->nodes[node / 8] & 1 << node % 8)
		return job_fail(claiming->env, EEXIST, "the ids of %s and of %s give the same reservation keys, which have only 16 bits for the node; set another node.id on one of them",
				name, node == own ? "this node" : "another peer");
	claiming->nodes[node / 8] |= 1 << node % 8;
	return 0;
}

static int add_peer(const struct hotid_peer *peer, void *data)
{
	return add_node(data, peer->id, peer->name);
}

/* Two nodes that have the same keys are refused. */
static int find_nodes(struct claiming *claiming)
{
	add_node(claiming, claiming->env->node_id, "this node");
	return peers_each(add_peer, claiming, claiming->env);
}

static int reservation_validate(struct step *step, struct step_env *env)
{
	struct claiming claiming = { .step = step, .env = env };
	uint64_t key;
	int result = own_key(env, &key);

	return result ? result : find_nodes(&claiming);
}

static int reservation_stage(struct step *step, struct step_env *env)
{
	job_say(env, "the disk is seen once logged in");
	return 0;
}

/* The session that the paths are of; the checks of the file let a target be named once. */
static int check_nexus(const struct step *step, struct step_env *env, const struct lun_paths *paths,
		       uint64_t key)
{
	const struct disk_config *config = &env->identity->disks[step->item];
	struct session session;
	struct nexus nexus = { paths->fds[0], config->name, &paths->luns[0], &session };

	for (size_t i = 0; i < env->identity->n_iscsi; i++)
		if (!strcmp(env->identity->iscsi[i].target, config->target) &&
		    !session_find(env->identity, i, &session))
			return nexus_check(&nexus, key, env);
	return job_fail(env, ENOTCONN, "%s: the session to %s is gone again", config->name,
			config->target);
}

static bool key_is_ours(uint64_t key, void *data)
{
	const struct claiming *claiming = data;
	struct prkey parsed;

	return prkey_parse(key, &parsed) && claiming->nodes[parsed.node / 8] & 1 << parsed.node % 8;
}

/*
 * Another key is going to lose the disk. That is kept before it happens, since
 * a daemon that is killed right afterwards would not know.
 */
static int remember_others(void *data)
{
	const struct claiming *claiming = data;
	struct undo_state keep = { 0 };

	undo_state_put(&keep, "others", "1");
	return undo_state_save(claiming->env, UNDO_STATE_KIND, claiming->step->item, &keep);
}

static int reservation_refuse(const struct step *step, struct step_env *env, int error,
			      const struct pr_claim *claim)
{
	const char *name = env->identity->disks[step->item].name;
	struct prkey parsed = { 0 };
	bool hotid = prkey_parse(claim->other, &parsed);

	if (error == -ESTALE || error == -EEXIST)
		env->seen_epoch = parsed.epoch;
	switch (error) {
	case -ESTALE:
		return job_fail(env, error, "%s: epoch %u holds the disk, so epoch %llu may not take it; if its holder is dead, arm this node and take over again",
				name, parsed.epoch, (unsigned long long)env->epoch);
	case -EEXIST:
		return job_fail(env, error, "%s: another node (key %#llx) holds the disk with the same epoch %u; if that node is dead, arm this node and take over again",
				name, (unsigned long long)claim->other, parsed.epoch);
	case -EPERM:
		return job_fail(env, error, hotid ?
				"%s: the key %#llx is of a node that is no peer of this one, maybe of another cluster; list that node under peers, or set foreign-keys: preempt for this disk if it is gone for good" :
				"%s: the key %#llx is none of hotid's, so some other software uses the disk; end that, or set foreign-keys: preempt for this disk if it is gone for good",
				name, (unsigned long long)claim->other);
	case -EIO:
		return job_fail(env, error, "%s: %s: the target refused; does it support persistent reservations? A Linux target keeps them in the directory \"pr\" below what its /sys/kernel/config/target/dbroot names, which must exist",
				name, claim->doing);
	default:
		return job_fail(env, error, "%s: %s: %m", name, claim->doing);
	}
}

static void tell_taken(const struct step *step, struct step_env *env, uint64_t key,
		       const struct pr_claim *claim)
{
	const char *name = env->identity->disks[step->item].name;
	unsigned long long ours = key, last = claim->last;
	struct prkey parsed;

	if (!claim->preempted)
		job_say(env, "%s is reserved with key %#llx", name, ours);
	else if (prkey_parse(claim->last, &parsed))
		job_say(env, "%s is reserved with key %#llx, taken from epoch %u (%#llx)", name, ours,
			parsed.epoch, last);
	else
		job_say(env, "%s is reserved with key %#llx, taken from the foreign key %#llx", name,
			ours, last);
}

/* The disk is the identity's, and the target distinguishes this node from others. */
static int take_paths(const struct step *step, struct step_env *env, const struct lun_paths *paths,
		      uint64_t key)
{
	struct claiming claiming = { .step = step, .env = env };
	struct pr_claim claim = { .before_change = remember_others, .data = &claiming };
	int result = find_nodes(&claiming);

	if (result)
		return result;
	if (env->identity->disks[step->item].foreign_keys == FOREIGN_KEYS_REFUSE)
		claim.is_ours = key_is_ours;
	result = pr_claim_take(&pr_kernel, paths->fds, paths->n, key, &claim);
	if (result)
		reservation_refuse(step, env, result, &claim);
	else
		tell_taken(step, env, key, &claim);
	return result;
}

/* No reservation is read or changed before the disk is known to be the identity's. */
static int open_disk(const struct step *step, struct step_env *env, struct lun_paths *paths,
		     uint64_t *key)
{
	const struct disk_config *config = &env->identity->disks[step->item];
	int result = own_key(env, key);

	if (!result)
		result = lun_paths_open(config, env, paths);
	if (result)
		return result;
	result = lun_paths_check(config, env, paths);
	if (result)
		lun_paths_close(paths);
	return result;
}

static int reservation_take(struct step *step, struct step_env *env)
{
	struct lun_paths paths;
	uint64_t key;
	int result = open_disk(step, env, &paths, &key);

	if (result)
		return result;
	result = check_nexus(step, env, &paths, key);
	if (!result)
		result = take_paths(step, env, &paths, key);
	lun_paths_close(&paths);
	return result;
}

/*
 * Another spare that claimed the disk at the same moment may be registered for
 * as long as it takes it to see that this node was first, and to give up.
 */
static int verify_patiently(struct step_env *env, const struct lun_paths *paths, uint64_t key,
			    struct pr_claim *claim)
{
	uint64_t until = clock_ns() + LOSERS_NS;
	int result;

	do
		result = pr_claim_verify(&pr_kernel, paths->fds[0], key, claim);
	while (result == -EBADE && claim->held && clock_ns() < until &&
	       !job_pause(env, LOSERS_POLL_MS));
	return result;
}

static int reservation_verify(struct step *step, struct step_env *env)
{
	const char *name = env->identity->disks[step->item].name;
	struct lun_paths paths;
	struct pr_claim claim;
	uint64_t key;
	int result = open_disk(step, env, &paths, &key);

	if (result)
		return result;
	result = verify_patiently(env, &paths, key, &claim);
	if (result == -EBADE && claim.other)
		job_fail(env, result, "%s: key %#llx is registered or holds the disk besides or instead of ours, %#llx",
			 name, (unsigned long long)claim.other, (unsigned long long)key);
	else if (result == -EBADE)
		job_fail(env, result, "%s: nobody holds the disk; something cleared our key %#llx",
			 name, (unsigned long long)key);
	else if (result)
		job_fail(env, result, "%s: %s: %m", name, claim.doing);
	else
		job_say(env, "%s: only key %#llx is registered and holds the disk", name,
			(unsigned long long)key);
	lun_paths_close(&paths);
	return result;
}

/* Whether the fence must outlive this node's tenure: see reservation_undo(). */
static bool must_stay(const struct step *step, struct step_env *env, const struct lun_paths *paths)
{
	struct pr_holder holder;
	struct undo_state keep;

	return !undo_state_load(env, UNDO_STATE_KIND, step->item, &keep) &&
	       !pr_kernel.read_holder(paths->fds[0], &holder) && holder.held &&
	       prkey_is_of(holder.key, env->node_id);
}

/* Commands fail while a session recovers, so for half of the step's time they are repeated. */
static int give_up(struct step_env *env, const struct lun_paths *paths, uint64_t *left)
{
	uint64_t until = clock_ns() + job_left(env) / 2;
	int result;

	do
		result = pr_claim_drop(&pr_kernel, paths->fds, paths->n, env->node_id,
				       left);
	while (result == -EIO && clock_ns() < until && !job_pause(env, RETRY_MS));
	return result;
}

/* Gives up what this node has of the disk behind the paths. */
static int undo_paths(const struct step *step, struct step_env *env, struct lun_paths *paths)
{
	const struct disk_config *config = &env->identity->disks[step->item];
	const char *name = config->name;
	int result = lun_paths_check(config, env, paths);
	uint64_t left;

	if (result == -ENXIO) {
		job_say(env, "LUN %llu is another disk than %s, so it is left alone",
			(unsigned long long)config->lun, name);
		return 0;
	}
	if (result)
		return result;
	if (must_stay(step, env, paths)) {
		job_say(env, "%s stays reserved, since its holder before may live on; a later epoch takes it",
			name);
		return 0;
	}
	result = give_up(env, paths, &left);
	if (result)
		return job_fail(env, result, "%s: giving up the reservation: %m", name);
	if (left)
		job_say(env, "%s keeps key 0x%016llx, which an earlier session of this node registered; a later epoch takes it",
			name, (unsigned long long)left);
	else
		job_say(env, "%s is given up", name);
	return 0;
}

/*
 * When the disk was taken from another node, the reservation stays: that node may
 * live on, with a file system mounted that has been changed under it, and
 * would write again as soon as it could. Nothing is lost by it, because the
 * next holder has a higher epoch and takes it. The keys of other nodes, and
 * disks that are not the identity's, are left as they are.
 */
static int reservation_undo(struct step *step, struct step_env *env)
{
	const struct disk_config *config = &env->identity->disks[step->item];
	struct session_disk disk;
	struct lun_paths paths;
	int result = 0;

	if (!session_paths(env->identity, config, &disk, 1)) {
		job_say(env, "%s is not seen, so nothing is given up", config->name);
	} else {
		result = lun_paths_open(config, env, &paths);
		if (result)
			return result;
		result = undo_paths(step, env, &paths);
		lun_paths_close(&paths);
	}
	if (!result)
		undo_state_drop(env, UNDO_STATE_KIND, step->item);
	return result;
}

const struct kind kind_reservation = {
	.name = "reservation",
	.stage = HOTID_STAGE_FENCE,
	.proves = PROOF_FENCE,
	.validate = reservation_validate,
	.stage_ahead = reservation_stage,
	.take = reservation_take,
	.verify = reservation_verify,
	.undo = reservation_undo,
	.apart = true,
};

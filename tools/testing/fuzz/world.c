// SPDX-License-Identifier: GPL-2.0
#include "world.h"

#include "beat.h"
#include "dispatch.h"
#include "gasp.h"
#include "guard.h"
#include "identity.h"
#include "netlink_event.h"
#include "node.h"
#include "peer.h"
#include "peer_config.h"
#include "probe_host.h"
#include "receive.h"
#include "table.h"
#include "target.h"

_Static_assert(WORLD_PATHS == HOTID_SLOT_PATHS && WORLD_KINDS == HOTID_VERDICTS &&
	       PROBE_CPUS == KERNEL_CPUS, "as the module says");

/**
 * struct world - a node in a namespace of its own
 * @net: the namespace
 * @node: of the module
 * @random: state of its random numbers; all worlds get the same ones
 */
struct world {
	struct net net;
	struct hotid_node node;
	u64 random;
};

static struct world *current;		/* whose code runs */

/* What the module's own sources take from their neighbours. */

u64 get_random_u64(void)
{
	u64 z = current->random += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static void *array_lookup(struct bpf_map *map, void *key)
{
	u32 index = *(u32 *)key;

	kernel_check(kernel_rcu_depth);
	return index < map->max_entries ? map->values + (size_t)index * map->value_size : NULL;
}

static const struct bpf_map_ops array_ops = { array_lookup };
static struct bpf_map maps[2];

struct bpf_map *bpf_map_get(u32 fd)
{
	might_sleep();
	maps[fd].references++;
	return &maps[fd];
}

struct file *fget(u32 fd)
{
	static struct file file;

	file = (struct file) { &maps[fd], FMODE_CAN_READ | FMODE_CAN_WRITE };
	return &file;
}

/* No timer runs: world_silent() says what one would find. */
int hotid_detector_init(struct hotid_node *node)
{
	return 0;
}

void hotid_detector_exit(struct hotid_node *node)
{
}

void hotid_detector_peer_init(struct hotid_peer *peer)
{
}

void hotid_detector_start(struct hotid_peer *peer)
{
	lockdep_assert_held(&peer->node->lock);
	kernel_check(hotid_peer_lives(peer));
}

void hotid_detector_stop(struct hotid_peer *peer)
{
	kernel_check(!hotid_peer_lives(peer));
}

/* This node tells nobody that it lives. */
void hotid_beat_init(struct hotid_node *node)
{
}

void hotid_beat_update(struct hotid_node *node)
{
	might_sleep();
}

void hotid_beat_exit(struct hotid_node *node)
{
}

void hotid_gasp_node(struct hotid_node *node, u8 reason)
{
}

/* Nobody listens to events. */
void hotid_netlink_peer_event(struct hotid_peer *peer, u8 command, u32 event)
{
	lockdep_assert_held(&peer->node->lock);
}

void hotid_netlink_identity_event(struct hotid_node *node, const struct hotid_identity *identity,
				  u8 command)
{
	lockdep_assert_held(&node->lock);
}

void hotid_netlink_step_event(struct hotid_node *node, const struct hotid_identity *identity,
			      u32 index)
{
	lockdep_assert_held(&node->lock);
}

/* No port is guarded. */
void hotid_identity_update_guard(struct hotid_node *node, struct hotid_identity *identity)
{
	lockdep_assert_held(&node->lock);
	kernel_check(!identity->guard);
}

void hotid_guard_free(struct hotid_guard *guard)
{
	kernel_check(!guard);
}

/* No peer is a target. */
int hotid_target_open(struct hotid_node *node, const struct hotid_peer *peer,
		      struct list_head *opened, struct netlink_ext_ack *extack)
{
	kernel_check(false);
	return 0;
}

void hotid_target_close(struct list_head *targets)
{
	kernel_check(list_empty(targets));
}

void hotid_target_replace(struct hotid_node *node, const struct hotid_peer *peer,
			  struct list_head *opened)
{
	kernel_check(list_empty(opened));
}

void hotid_target_send(struct hotid_node *node, struct hotid_target *target, void *packet,
		       size_t length)
{
	kernel_check(false);
}

/* A peer's address is its id, and its port the index of the path. */
void hotid_target_send_unconnected(struct hotid_node *node, const struct hotid_path *path,
				   void *packet, size_t length)
{
	might_sleep();
	world_sent(current, path->remote.s6_addr, path->port, packet, length);
}

void hotid_target_close_control(struct hotid_node *node)
{
	might_sleep();
}

/* From outside. */

void world_time(uint64_t now)
{
	kernel_now = now;
}

void world_cpu(unsigned int cpu)
{
	kernel_cpu = cpu;
}

static struct hotid_node *enter(struct world *world)
{
	current = world;
	kernel_check(!kernel_rcu_depth && !kernel_atomic_depth);
	return &world->node;
}

static struct world worlds[2];

static bool worlds_live(void)
{
	return worlds[0].net.node || worlds[1].net.node;
}

struct world *world_new(const uint8_t id[16])
{
	struct world *world = worlds[0].net.node ? &worlds[1] : &worlds[0];

	memset(world, 0, sizeof(*world));
	world->net.node = &world->node;
	enter(world);
	/* As the loading of the module does. */
	hotid_netns_init();
	kernel_check(!kernel_pernet->init(&world->net));
	memcpy(world->node.id, id, sizeof(world->node.id));
	/* Its daemon lives, whatever the time. */
	world->node.keepalive_ns = 1;
	world->node.user_limit_ms = UINT32_MAX;
	kernel_check(!hotid_receive_open(&world->node, PROBE_PORT));
	return world;
}

void world_free(struct world *world)
{
	enter(world);
	kernel_pernet->pre_exit(&world->net);
	kernel_pernet->exit(&world->net);
	world->net.node = NULL;
	/* Another world may be left. */
	kernel_check(worlds_live() || !kernel_module_users);
}

int world_key_set(struct world *world, const uint8_t secret[16], uint32_t generation)
{
	const char *why;

	int error = hotid_key_set(enter(world), secret, generation, &why);

	if (!error)
		hotid_peer_rekey_all(&world->node);
	return error;
}

int world_key_use(struct world *world, uint32_t generation)
{
	const char *why;

	return hotid_key_use(enter(world), generation, &why);
}

int world_key_drop(struct world *world, uint32_t generation)
{
	const char *why;

	int error = hotid_key_drop(enter(world), generation, &why);

	if (!error)
		hotid_peer_rekey_all(&world->node);
	return error;
}

int world_peer_set(struct world *world, const uint8_t id[16], bool watch)
{
	struct hotid_peer wanted = {
		.name = "peer",
		.flags = watch ? HOTID_PEER_FLAGS_WATCH : 0,
		.multiplier = 3,
	};
	u8 path;

	memcpy(wanted.id, id, sizeof(wanted.id));
	for (path = 0; path < HOTID_MAX_PATHS; path++) {
		wanted.paths[path].family = AF_INET6;
		wanted.paths[path].port = path;
		memcpy(&wanted.paths[path].remote, id, sizeof(wanted.id));
	}
	return hotid_peer_set(enter(world), &wanted, NULL);
}

void world_peer_remove(struct world *world, const uint8_t id[16])
{
	struct hotid_peer *peer = hotid_peer_find(enter(world), id);

	if (peer)
		hotid_peer_remove(peer);
}

int world_identity_set(struct world *world, const char *name, uint32_t flags)
{
	const char *why;

	struct hotid_node *node = enter(world);
	int error = hotid_identity_set(node, name, &flags, 0, &why);

	spin_lock_bh(&node->lock);
	hotid_dispatch_identities(node);
	spin_unlock_bh(&node->lock);
	return error;
}

int world_adopt(struct world *world)
{
	const char *why;

	maps[0] = (struct bpf_map) { &array_ops, BPF_MAP_TYPE_ARRAY, probe.slot_size, PROBE_SLOTS,
				     maps[0].references, probe.slots, 0, false, NULL };
	maps[1] = (struct bpf_map) { &array_ops, BPF_MAP_TYPE_ARRAY, probe.counters_size,
				     PROBE_CPUS, maps[1].references, probe.counters, 0, false,
				     NULL };
	return hotid_table_adopt(enter(world), 0, 1, &why);
}

int world_reclaim(struct world *world)
{
	int error = hotid_table_reclaim(enter(world));

	kernel_check(error || (!maps[0].references && !maps[1].references));
	return error;
}

void world_identity_step(struct world *world, const char *name, unsigned int choice)
{
	struct hotid_node *node = enter(world);
	struct hotid_identity *identity = hotid_identity_find(node, name);
	struct hotid_machine *machine = &identity->machine;
	struct hotid_step step = {};
	const char *why;

	spin_lock_bh(&node->lock);
	switch (choice % 8) {
	case 0:
		hotid_identity_prepare(node, identity, hotid_machine_disarm, &why);
		break;
	case 1:
		hotid_identity_release(node, identity, 0, &why);
		break;
	case 2:
		hotid_identity_report(node, identity, machine->state, machine->epoch, EIO, true,
				      "it failed", &why);
		break;
	case 3:
		step.stage = HOTID_STAGE_NET;
		step.verb = HOTID_VERB_TAKE;
		step.status = HOTID_STEP_STATUS_RUNNING;
		hotid_identity_step(node, identity, machine->state, machine->epoch, 1, &step, &why);
		break;
	default:
		/* On towards held. */
		if (hotid_identity_prepare(node, identity, hotid_machine_arm, &why) &&
		    hotid_identity_takeover(node, identity, 0, &why))
			hotid_identity_report(node, identity, machine->state, machine->epoch, 0,
					      true, "", &why);
		break;
	}
	hotid_dispatch_identities(node);
	spin_unlock_bh(&node->lock);
}

void world_silent(struct world *world, const uint8_t id[16])
{
	struct hotid_node *node = enter(world);
	struct hotid_peer *peer = hotid_peer_find(node, id);

	rcu_read_lock();
	spin_lock(&node->lock);
	if (peer && hotid_peer_lives(peer) && (peer->flags & HOTID_PEER_FLAGS_WATCH))
		hotid_dispatch_peer(peer, HOTID_PEER_STATE_DOWN, HOTID_REASON_PEER_SILENT,
				    hotid_slot_last(peer->slot));
	spin_unlock(&node->lock);
	rcu_read_unlock();
}

void world_receive(struct world *world, const void *payload, size_t length, bool bad_checksum)
{
	struct hotid_node *node = enter(world);
	/* Just as long as the payload, so that a read past its end is seen. */
	struct sk_buff *skb = malloc(offsetof(struct sk_buff, data) + length);

	skb->bad_checksum = bad_checksum;
	skb->len = length;
	memcpy(skb->data, payload, length);
	node->receive[0]->sk->queued = skb;
	node->receive[0]->sk->sk_data_ready(node->receive[0]->sk);
	kernel_check(!node->receive[0]->sk->queued);
	enter(world);
}

void world_work(struct world *world)
{
	struct hotid_node *node = enter(world);

	if (node->proof_work.pending) {
		node->proof_work.pending = false;
		node->proof_work.function(&node->proof_work);
	}
	if (node->advertisement_timer.pending) {
		node->advertisement_timer.pending = false;
		node->advertisement_timer.function(&node->advertisement_timer);
	}
	enter(world);
}

bool world_peer_look(struct world *world, const uint8_t id[16], struct world_peer *look)
{
	struct hotid_peer *peer = hotid_peer_find(enter(world), id);
	const struct hotid_slot *slot = peer ? peer->slot : NULL;
	int path;

	if (!peer)
		return false;
	kernel_check(slot->live);
	*look = (struct world_peer) {
		.believed = slot->boot_id,
		.boot_id = peer->boot_id,
		.nonce = peer->proof.nonce,
		.interval_us = slot->interval_us,
		.health = slot->health,
		.grant = slot->grant,
		.state = peer->state,
		.reason = peer->reason,
		.gasp = peer->gasp,
		.downs = peer->downs,
		.paths_up = peer->paths_up,
		.flags = peer->flags,
	};
	for (path = 0; path < WORLD_PATHS; path++) {
		look->seq[path] = slot->path[path].seq;
		look->ns[path] = slot->path[path].ns;
	}
	return true;
}

static struct world_claimant claimant_look(const struct hotid_advertiser *claimant)
{
	struct world_claimant look = {
		.known = claimant->known,
		.boot_id = claimant->boot_id,
		.epoch = claimant->epoch,
		.heard = claimant->heard_ns,
	};

	memcpy(look.id, claimant->id, sizeof(look.id));
	return look;
}

bool world_identity_look(struct world *world, const char *name, struct world_identity *look)
{
	struct hotid_identity *identity = hotid_identity_find(enter(world), name);

	if (!identity)
		return false;
	*look = (struct world_identity) {
		.epoch = identity->machine.epoch,
		.known = identity->machine.known,
		.state = identity->machine.state,
		.fenced = identity->machine.fenced,
		.clean = identity->machine.clean,
		.holder = claimant_look(&identity->holder),
		.taker = claimant_look(&identity->taker),
	};
	return true;
}

uint64_t world_count(struct world *world, int kind)
{
	return hotid_counters_sum(&enter(world)->table.counters, kind);
}

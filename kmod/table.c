// SPDX-License-Identifier: GPL-2.0
/*
 * The slot table.
 *
 * A move to another array (growth, a probe's map, back) runs while beats come
 * in: all slots are copied, the new array is published, and when no reader
 * can be left on the old one, stamps that it still got are carried over. So a
 * move never makes a peer look more silent than it is. Which incarnation a slot accepts
 * changes under node->lock, which is held from the first copy on until the
 * new array is published: nothing can be written to a copy's original.
 *
 * All of it runs in commands. Packets are judged by table_judge.c meanwhile.
 */
#include "table.h"

#include <linux/bpf.h>
#include <linux/log2.h>
#include <linux/slab.h>

#include "compat.h"
#include "map.h"
#include "node.h"
#include "peer.h"
#include "slot_array.h"
#include "slot_keys.h"

#define FEWEST_SLOTS	64
#define MOST_SLOTS	BIT(20)

int hotid_table_init(struct hotid_table *table)
{
	return hotid_counters_init(&table->counters);
}

void hotid_table_exit(struct hotid_table *table)
{
	struct hotid_slot_array *array = rcu_dereference_protected(table->array, 1);

	if (array)
		hotid_slot_array_free(array);
	hotid_counters_exit(&table->counters);
}

static struct hotid_slot_array *current_array(struct hotid_node *node)
{
	/* Commands alone change it, and they come one at a time. */
	return rcu_dereference_protected(node->table.array,
					 lockdep_is_held(&node->commands));
}

/* All that is the peer's. */
static void slot_clear(struct hotid_slot *slot)
{
	u64 adopted = slot->adopted;

	memset(slot, 0, sizeof(*slot));
	slot->adopted = adopted;
}

static void carry_stamps(struct hotid_slot *to, const struct hotid_slot *from)
{
	int path;

	for (path = 0; path < HOTID_SLOT_PATHS; path++) {
		if (READ_ONCE(from->path[path].seq) > READ_ONCE(to->path[path].seq))
			WRITE_ONCE(to->path[path].seq, READ_ONCE(from->path[path].seq));
		if (READ_ONCE(from->path[path].ns) > READ_ONCE(to->path[path].ns))
			WRITE_ONCE(to->path[path].ns, READ_ONCE(from->path[path].ns));
	}
}

/* Add what was counted in a slot that nobody stamps any more. */
static void carry_gaps(struct hotid_slot *to, const struct hotid_slot *from)
{
	int path, i;

	for (path = 0; path < HOTID_SLOT_PATHS; path++) {
		struct hotid_gaps *gaps = &to->gaps[path];

		if (from->gaps[path].longest > READ_ONCE(gaps->longest))
			WRITE_ONCE(gaps->longest, from->gaps[path].longest);
		for (i = 0; i < HOTID_GAP_COUNTS; i++)
			WRITE_ONCE(gaps->count[i],
				   READ_ONCE(gaps->count[i]) + from->gaps[path].count[i]);
	}
}

/* Copy all slots to @to, but for what they counted, and publish it. */
static int table_publish(struct hotid_node *node, struct hotid_slot_array *to)
{
	struct hotid_peer *peer;
	int bucket;

	lockdep_assert_held(&node->lock);
	hash_for_each(node->peers, bucket, peer, hash) {
		struct hotid_slot *old = hotid_peer_slot(peer);
		struct hotid_slot *new = hotid_slot_array_find(to, peer->id, true);

		if (!new)
			return -ENOSPC;
		/* Nobody reads the array yet, but a probe may read its map. */
		memcpy(new, old, offsetof(struct hotid_slot, live));
		new->interval_us = old->interval_us;
		new->health = old->health;
		new->nonce = old->nonce;
		new->asker_boot_id = old->asker_boot_id;
		new->asker_seq = old->asker_seq;
		new->beat_seen_ns = old->beat_seen_ns;
		new->challenge_seen_ns = old->challenge_seen_ns;
		new->gaps_from_ns = old->gaps_from_ns;
		new->grant = READ_ONCE(old->grant);
		hotid_slot_prime(new);
		carry_stamps(new, old);
		/* Judged by from now on, so all of it must be there. */
		smp_store_release(&new->live, old->live);
	}
	hash_for_each(node->peers, bucket, peer, hash)
		rcu_assign_pointer(peer->slot, hotid_slot_array_find(to, peer->id, false));
	rcu_assign_pointer(node->table.array, to);
	return 0;
}

/* Move all peers to @to. On failure @to is the caller's still. */
static int table_move(struct hotid_node *node, struct hotid_slot_array *to)
{
	struct hotid_slot_array *from = current_array(node);
	struct hotid_peer *peer;
	int bucket, error;

	spin_lock_bh(&node->lock);
	error = table_publish(node, to);
	spin_unlock_bh(&node->lock);
	if (error)
		return error;
	if (from && from->map)
		hotid_slot_array_retire(from);
	synchronize_rcu();
	if (!from)
		return 0;
	hash_for_each(node->peers, bucket, peer, hash) {
		struct hotid_slot *new = hotid_peer_slot(peer);
		struct hotid_slot *old = hotid_slot_array_find(from, peer->id, false);

		carry_stamps(new, old);
		carry_gaps(new, old);
	}
	hotid_slot_array_free(from);
	return 0;
}

/* A larger array of our own, until everyone has a place. */
static int table_grow(struct hotid_node *node)
{
	struct hotid_slot_array *now = current_array(node);
	u32 count = now && !now->map ? (now->mask + 1) * 2 : FEWEST_SLOTS;

	for (; count <= MOST_SLOTS; count *= 2) {
		struct hotid_slot_array *array = hotid_slot_array_alloc(count);
		int error;

		if (!array)
			return -ENOMEM;
		error = table_move(node, array);
		if (!error)
			return 0;
		hotid_slot_array_free(array);
	}
	return -ENOSPC;
}

int hotid_table_add(struct hotid_node *node, struct hotid_peer *peer)
{
	struct hotid_slot_array *array = current_array(node);
	u32 generations[HOTID_SLOT_KEYS];
	struct hotid_slot *slot;
	int error;

	for (;;) {
		slot = array ? hotid_slot_array_find(array, peer->id, true) : NULL;
		if (slot)
			break;
		if (array && array->map)
			return -ENOSPC;
		error = table_grow(node);
		if (error)
			return error;
		array = current_array(node);
	}
	slot_clear(slot);
	memcpy(slot->node_id, peer->id, sizeof(slot->node_id));
	rcu_assign_pointer(peer->slot, slot);
	spin_lock_bh(&node->lock);
	hotid_slot_keys_write(slot, node->key, peer->key, generations);
	hotid_slot_keys_publish(slot, generations);
	spin_unlock_bh(&node->lock);
	/* Judged by from now on, so all of it must be there. */
	smp_store_release(&slot->live, 1);
	return 0;
}

void hotid_table_remove(struct hotid_node *node, struct hotid_peer *peer)
{
	struct hotid_slot *slot = hotid_peer_slot(peer);

	WRITE_ONCE(slot->live, 0);
	/* A reader may hold the slot; the place is free when none can. */
	synchronize_rcu();
	slot_clear(slot);
}

/*
 * Readers come at any moment and compare no version, so that a beat costs no
 * more. So a key that stays is not touched, and others change as what readers
 * find by a pointer does: it is taken away, and written when no reader can be
 * looking at it; it is shown again when every reader sees what was written.
 * Which place gets which key follows from what is in the slot, each time anew.
 */
void hotid_table_rekey(struct hotid_node *node)
{
	u32 generations[HOTID_SLOT_KEYS];
	struct hotid_peer *peer;
	bool changes = false;
	int bucket, pass;

	hash_for_each(node->peers, bucket, peer, hash) {
		spin_lock_bh(&node->lock);
		changes |= hotid_slot_keys_withdraw(hotid_peer_slot(peer), node->key, peer->key);
		spin_unlock_bh(&node->lock);
	}
	for (pass = 0; changes && pass < 2; pass++) {
		synchronize_rcu();
		hash_for_each(node->peers, bucket, peer, hash) {
			struct hotid_slot *slot = hotid_peer_slot(peer);

			spin_lock_bh(&node->lock);
			hotid_slot_keys_write(slot, node->key, peer->key, generations);
			if (pass)
				hotid_slot_keys_publish(slot, generations);
			spin_unlock_bh(&node->lock);
		}
	}
}

void hotid_slot_heard(struct hotid_slot *slot, const struct hotid_wire_head *head, u64 now)
{
	struct hotid_stamp *stamp = &slot->path[head->path];
	u64 seq = be64_to_cpu(head->seq), before = READ_ONCE(stamp->ns);

	hotid_stamp_put(slot, head->path, before, seq,
			seq > hotid_slot_newest(slot) ? now : hotid_slot_last(slot));
}

int hotid_table_adopt(struct hotid_node *node, u32 slots_fd, u32 counters_fd, const char **why)
{
	struct hotid_slot_array *now = current_array(node), *array;
	struct bpf_map *slots, *counters;
	int error;

	slots = hotid_map_get(slots_fd, sizeof(struct hotid_slot), why);
	if (IS_ERR(slots))
		return PTR_ERR(slots);
	if (now && now->map == slots) {
		bpf_map_put(slots);
		return 0;
	}
	if (!is_power_of_2(slots->max_entries)) {
		*why = HOTID_MAP_OTHER;
		error = -EINVAL;
		goto put_slots;
	}
	counters = hotid_map_get(counters_fd, sizeof(struct hotid_counters), why);
	if (IS_ERR(counters)) {
		error = PTR_ERR(counters);
		goto put_slots;
	}
	array = kzalloc(sizeof(*array), GFP_KERNEL);
	if (!array) {
		error = -ENOMEM;
		goto put_counters;
	}
	array->map = slots;
	array->mask = slots->max_entries - 1;
	rcu_read_lock();
	array->slots = hotid_map_value(slots, 0);
	rcu_read_unlock();
	/* A pinned map may hold what an earlier module knew. */
	hotid_slot_array_clear(array);
	error = table_move(node, array);
	if (error) {
		*why = "the probe's map has no place for all peers; load the probe with more slots";
		goto free_array;
	}
	/* From here on nobody else can know a sender that this table does not. */
	WRITE_ONCE(array->slots[0].adopted, 1);
	hotid_counters_use(&node->table.counters, counters);
	return 0;

free_array:
	hotid_slot_array_clear(array);
	kfree(array);
put_counters:
	bpf_map_put(counters);
put_slots:
	bpf_map_put(slots);
	return error;
}

int hotid_table_reclaim(struct hotid_node *node)
{
	struct hotid_slot_array *now = current_array(node);
	int error;

	if (!now || !now->map)
		return 0;
	error = table_grow(node);
	if (error)
		return error;
	hotid_counters_use(&node->table.counters, NULL);
	return 0;
}

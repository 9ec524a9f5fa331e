// SPDX-License-Identifier: GPL-2.0
/*
 * The slot table.
 *
 * A move to another array (growth, a probe's map, back) runs while beats come
 * in: all slots are copied, the new array is published, and when no reader
 * can be left on the old one, stamps that it still got are carried over. So a
 * move never makes a peer look more silent than it is. What a slot believes
 * changes under node->lock, which is held from the first copy on until the
 * new array is published: nothing can be written to a copy's original.
 */
#include "table.h"

#include <linux/bpf.h>
#include <linux/log2.h>
#include <linux/slab.h>

#include "compat.h"
#include "map.h"
#include "node.h"
#include "peer.h"

#define FEWEST_PLACES	64
#define MOST_PLACES	BIT(20)

int hotid_table_init(struct hotid_table *table)
{
	table->counters = alloc_percpu(struct hotid_counters);
	return table->counters ? 0 : -ENOMEM;
}

/* A probe that is still attached passes on what it finds no live slot for. */
static void places_retire(struct hotid_places *places)
{
	u32 i;

	WRITE_ONCE(places->slots[0].adopted, 0);
	for (i = 0; i <= places->mask; i++)
		WRITE_ONCE(places->slots[i].live, 0);
}

/* No slot is left, and no key. */
static void places_clear(struct hotid_places *places)
{
	places_retire(places);
	memset(places->slots, 0, (places->mask + 1) * sizeof(*places->slots));
}

static void places_free(struct hotid_places *places)
{
	if (!places)
		return;
	if (places->map) {
		places_clear(places);
		bpf_map_put(places->map);
	} else {
		/* The keys of all peers. */
		kvfree_sensitive(places->slots, (places->mask + 1) * sizeof(*places->slots));
	}
	kfree(places);
}

void hotid_table_exit(struct hotid_table *table)
{
	places_free(rcu_dereference_protected(table->places, 1));
	if (table->probe_counters)
		bpf_map_put(table->probe_counters);
	free_percpu(table->counters);
}

static struct hotid_places *current_places(struct hotid_node *node)
{
	/* Commands alone change it, and they come one at a time. */
	return rcu_dereference_protected(node->table.places,
					 lockdep_is_held(&node->commands));
}

static bool occupied(const struct hotid_slot *slot)
{
	return slot->node_id[0] || slot->node_id[1];
}

/* All that is the peer's. */
static void slot_clear(struct hotid_slot *slot)
{
	u64 adopted = slot->adopted;

	memset(slot, 0, sizeof(*slot));
	slot->adopted = adopted;
}

/* The place of @id, or where it would go, or NULL when its span is full. */
static struct hotid_slot *places_find(const struct hotid_places *places, const u8 *id, bool vacant)
{
	struct hotid_slot *free = NULL;
	u64 words[2];
	u32 i;

	memcpy(words, id, sizeof(words));
	for (i = 0; i < HOTID_SLOT_SPAN; i++) {
		u32 place = (hotid_slot_home(words, places->mask) + i) & places->mask;
		struct hotid_slot *slot = &places->slots[place];

		if (slot->node_id[0] == words[0] && slot->node_id[1] == words[1])
			return slot;
		if (!free && !occupied(slot))
			free = slot;
	}
	return vacant ? free : NULL;
}

static struct hotid_places *places_alloc(u32 count)
{
	struct hotid_places *places = kzalloc(sizeof(*places), GFP_KERNEL);

	if (!places)
		return NULL;
	places->slots = kvcalloc(count, sizeof(*places->slots), GFP_KERNEL);
	if (!places->slots) {
		kfree(places);
		return NULL;
	}
	places->mask = count - 1;
	return places;
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
static int publish(struct hotid_node *node, struct hotid_places *to)
{
	struct hotid_peer *peer;
	int bucket;

	lockdep_assert_held(&node->lock);
	hash_for_each(node->peers, bucket, peer, hash) {
		struct hotid_slot *old = rcu_dereference_protected(peer->slot, 1), *new;

		if (!old)
			continue;
		new = places_find(to, peer->id, true);
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
		hotid_slot_prime(new);
		carry_stamps(new, old);
		/* Judged by from now on, so all of it must be there. */
		smp_store_release(&new->live, old->live);
	}
	hash_for_each(node->peers, bucket, peer, hash)
		if (rcu_access_pointer(peer->slot))
			rcu_assign_pointer(peer->slot, places_find(to, peer->id, false));
	rcu_assign_pointer(node->table.places, to);
	return 0;
}

/* Move all peers to @to. On failure @to is the caller's still. */
static int move(struct hotid_node *node, struct hotid_places *to)
{
	struct hotid_places *from = current_places(node);
	struct hotid_peer *peer;
	int bucket, error;

	spin_lock_bh(&node->lock);
	error = publish(node, to);
	spin_unlock_bh(&node->lock);
	if (error)
		return error;
	if (from && from->map)
		places_retire(from);
	synchronize_rcu();
	if (!from)
		return 0;
	hash_for_each(node->peers, bucket, peer, hash) {
		struct hotid_slot *new = rcu_dereference_protected(peer->slot, 1);
		struct hotid_slot *old = places_find(from, peer->id, false);

		if (!new || !old)
			continue;
		carry_stamps(new, old);
		carry_gaps(new, old);
	}
	places_free(from);
	return 0;
}

/* A larger array of our own, until everyone has a place. */
static int grow(struct hotid_node *node)
{
	struct hotid_places *now = current_places(node);
	u32 count = now && !now->map ? (now->mask + 1) * 2 : FEWEST_PLACES;

	for (; count <= MOST_PLACES; count *= 2) {
		struct hotid_places *places = places_alloc(count);
		int error;

		if (!places)
			return -ENOMEM;
		error = move(node, places);
		if (!error)
			return 0;
		places_free(places);
	}
	return -ENOSPC;
}

/* The place of a slot that has this key, or NULL. */
static u32 *place_of(struct hotid_slot *slot, const siphash_key_t *key, u32 generation)
{
	int i;

	for (i = 0; i < HOTID_SLOT_KEYS; i++)
		if (slot->generation[i] == generation &&
		    !memcmp(slot->key[i], key->key, sizeof(slot->key[i])))
			return &slot->generation[i];
	return NULL;
}

/* Take the keys away that a peer does not have any more. Whether any key changes. */
static bool keys_withdraw(struct hotid_slot *slot, const struct hotid_peer *peer)
{
	const struct hotid_node *node = peer->node;
	bool keep[HOTID_SLOT_KEYS] = {}, changes = false;
	int i;

	for (i = 0; i < HOTID_KEYS; i++) {
		u32 generation = node->key[i].generation;
		u32 *place = generation ? place_of(slot, &peer->key[i], generation) : NULL;

		if (place)
			keep[place - slot->generation] = true;
		else if (generation)
			changes = true;
	}
	for (i = 0; i < HOTID_SLOT_KEYS; i++) {
		if (keep[i] || !slot->generation[i])
			continue;
		WRITE_ONCE(slot->generation[i], 0);
		changes = true;
	}
	if (changes)
		hotid_slot_prime(slot);
	return changes;
}

/* Write the keys that are new into places that have none. Nobody looks at them yet. */
static void keys_write(struct hotid_slot *slot, const struct hotid_peer *peer,
		       u32 generations[HOTID_SLOT_KEYS])
{
	const struct hotid_node *node = peer->node;
	int i, next = 0;

	memcpy(generations, slot->generation, sizeof(slot->generation));
	for (i = 0; i < HOTID_KEYS; i++) {
		if (!node->key[i].generation ||
		    place_of(slot, &peer->key[i], node->key[i].generation))
			continue;
		while (slot->generation[next])
			next++;
		memcpy(slot->key[next], peer->key[i].key, sizeof(slot->key[next]));
		generations[next++] = node->key[i].generation;
	}
	for (i = 0; i < HOTID_SLOT_KEYS; i++)
		if (!generations[i])
			memzero_explicit(slot->key[i], sizeof(slot->key[i]));
}

static void keys_publish(struct hotid_slot *slot, const u32 generations[HOTID_SLOT_KEYS])
{
	int i;

	for (i = 0; i < HOTID_SLOT_KEYS; i++)
		WRITE_ONCE(slot->generation[i], generations[i]);
	hotid_slot_prime(slot);
}

int hotid_table_add(struct hotid_node *node, struct hotid_peer *peer)
{
	struct hotid_places *places = current_places(node);
	u32 generations[HOTID_SLOT_KEYS];
	struct hotid_slot *slot;
	int error;

	for (;;) {
		slot = places ? places_find(places, peer->id, true) : NULL;
		if (slot)
			break;
		if (places && places->map)
			return -ENOSPC;
		error = grow(node);
		if (error)
			return error;
		places = current_places(node);
	}
	slot_clear(slot);
	memcpy(slot->node_id, peer->id, sizeof(slot->node_id));
	rcu_assign_pointer(peer->slot, slot);
	spin_lock_bh(&node->lock);
	keys_write(slot, peer, generations);
	keys_publish(slot, generations);
	spin_unlock_bh(&node->lock);
	/* Judged by from now on, so all of it must be there. */
	smp_store_release(&slot->live, 1);
	return 0;
}

void hotid_table_remove(struct hotid_node *node, struct hotid_peer *peer)
{
	struct hotid_slot *slot = rcu_dereference_protected(peer->slot, 1);

	if (!slot)
		return;
	WRITE_ONCE(slot->live, 0);
	rcu_assign_pointer(peer->slot, NULL);
	/* A reader may hold the slot; the place is free when none can. */
	synchronize_rcu();
	slot_clear(slot);
}

void hotid_table_retire(struct hotid_node *node)
{
	struct hotid_places *places = current_places(node);

	if (places)
		places_retire(places);
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
		changes |= keys_withdraw(rcu_dereference_protected(peer->slot, 1), peer);
		spin_unlock_bh(&node->lock);
	}
	for (pass = 0; changes && pass < 2; pass++) {
		synchronize_rcu();
		hash_for_each(node->peers, bucket, peer, hash) {
			struct hotid_slot *slot = rcu_dereference_protected(peer->slot, 1);

			spin_lock_bh(&node->lock);
			keys_write(slot, peer, generations);
			if (pass)
				keys_publish(slot, generations);
			spin_unlock_bh(&node->lock);
		}
	}
}

/*
 * A probe may read while this writes. It takes a state for no other incarnation
 * or key than its own, since none is primed meanwhile; a beat that is being
 * judged just now may not match, and then is judged again by its whole length.
 */
void hotid_slot_prime(struct hotid_slot *slot)
{
	struct hotid_wire_head head = {
		.magic = cpu_to_be16(HOTID_WIRE_MAGIC),
		.version = HOTID_WIRE_VERSION,
		.type = HOTID_PACKET_BEAT,
		.interval_us = cpu_to_be32(slot->interval_us),
		.boot_id = cpu_to_be64(slot->boot_id),
	};
	int newest = slot->generation[1] > slot->generation[0], i;
	const u64 *words = (const u64 *)&head;

	memcpy(head.node_id, slot->node_id, sizeof(head.node_id));
	WRITE_ONCE(slot->primings, slot->primings + 1);
	WRITE_ONCE(slot->primed, 0);
	smp_wmb(); /* no reader takes half a state for a state */
	slot->primed_head = words[0];
	slot->primed_state = siphash24_begin(slot->key[newest]);
	for (i = 0; i < HOTID_PRIMED_WORDS; i++)
		siphash24_add(&slot->primed_state, words[i]);
	smp_wmb(); /* nor before it is whole */
	WRITE_ONCE(slot->primed, slot->boot_id ? slot->generation[newest] : 0);
	WRITE_ONCE(slot->primings, slot->primings + 1);
}

void hotid_slot_reset_gaps(struct hotid_slot *slot, u64 now)
{
	WRITE_ONCE(slot->gaps_from_ns, now);
	memset(slot->gaps, 0, sizeof(slot->gaps));
}

void hotid_slot_heard(struct hotid_slot *slot, const struct hotid_wire_head *head, u64 now)
{
	struct hotid_stamp *stamp = &slot->path[head->path];
	u64 seq = be64_to_cpu(head->seq), before = READ_ONCE(stamp->ns);

	hotid_stamp_put(slot, head->path, before, seq,
			seq > hotid_slot_newest(slot) ? now : hotid_slot_last(slot));
}

static void *map_value(struct bpf_map *map, u32 index)
{
	return map->ops->map_lookup_elem(map, &index);
}

static u64 probe_count(const struct hotid_table *table, enum hotid_verdict kind)
{
	struct bpf_map *map = table->probe_counters;
	u64 sum = 0;
	u32 i;

	rcu_read_lock();
	for (i = 0; map && i < map->max_entries; i++) {
		struct hotid_counters *counters = map_value(map, i);

		sum += READ_ONCE(counters->kind[kind]);
	}
	rcu_read_unlock();
	return sum;
}

/* From here on the probe counts there, NULL for nowhere. What was counted stays so. */
static void use_counters(struct hotid_table *table, struct bpf_map *counters)
{
	int kind;

	for (kind = 0; kind < HOTID_VERDICTS; kind++)
		this_cpu_add(table->counters->kind[kind],
			     probe_count(table, kind) - table->probe_before[kind]);
	swap(table->probe_counters, counters);
	if (counters)
		bpf_map_put(counters);
	for (kind = 0; kind < HOTID_VERDICTS; kind++)
		table->probe_before[kind] = probe_count(table, kind);
}

int hotid_table_adopt(struct hotid_node *node, u32 slots_fd, u32 counters_fd, const char **why)
{
	struct hotid_places *now = current_places(node), *places;
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
	places = kzalloc(sizeof(*places), GFP_KERNEL);
	if (!places) {
		error = -ENOMEM;
		goto put_counters;
	}
	places->map = slots;
	places->mask = slots->max_entries - 1;
	rcu_read_lock();
	places->slots = map_value(slots, 0);
	rcu_read_unlock();
	/* A pinned map may hold what an earlier module knew. */
	places_clear(places);
	error = move(node, places);
	if (error) {
		*why = "the probe's map has no place for all peers; load the probe with more slots";
		goto free_places;
	}
	/* From here on nobody else can know a sender that this table does not. */
	WRITE_ONCE(places->slots[0].adopted, 1);
	use_counters(&node->table, counters);
	return 0;

free_places:
	places_clear(places);
	kfree(places);
put_counters:
	bpf_map_put(counters);
put_slots:
	bpf_map_put(slots);
	return error;
}

int hotid_table_reclaim(struct hotid_node *node)
{
	struct hotid_places *now = current_places(node);
	int error;

	if (!now || !now->map)
		return 0;
	error = grow(node);
	if (error)
		return error;
	use_counters(&node->table, NULL);
	return 0;
}

static struct hotid_slot *find_live(struct hotid_table *table, const u8 *id)
{
	struct hotid_places *places = rcu_dereference(table->places);
	struct hotid_slot *slot;

	slot = places ? places_find(places, id, false) : NULL;
	/* Pairs with the release in hotid_table_add(): the key is whole. */
	return slot && smp_load_acquire(&slot->live) ? slot : NULL;
}

static enum hotid_verdict judge(struct hotid_table *table, const void *packet, u32 length,
				u64 now, struct hotid_slot **slot)
{
	const struct hotid_wire_head *head = packet;
	enum hotid_verdict verdict;
	siphash_key_t key;
	const u64 *words;
	u64 mac, nonce;
	u32 covered;

	if (length < sizeof(*head))
		return HOTID_VERDICT_TRUNCATED;
	verdict = hotid_wire_form(head, length);
	if (verdict != HOTID_VERDICT_ACCEPTED)
		return verdict;
	*slot = find_live(table, head->node_id);
	if (!*slot)
		return HOTID_VERDICT_UNKNOWN;
	covered = hotid_wire_signed(head->type);
	words = hotid_slot_key(*slot, head);
	if (!words)
		return HOTID_VERDICT_BAD_MAC;
	memcpy(key.key, words, sizeof(key.key));
	mac = siphash(packet, covered, &key);
	/* One XOR of whole words: the time does not tell how much matched. */
	if (mac ^ get_unaligned_le64(packet + covered))
		return HOTID_VERDICT_BAD_MAC;
	nonce = covered == HOTID_PROOF_SIGNED ?
		be64_to_cpu(((const struct hotid_wire_proof *)head)->nonce) : 0;
	return hotid_slot_stamp(*slot, head, nonce, now);
}

enum hotid_verdict hotid_table_judge(struct hotid_table *table, const void *packet, u32 length,
				     u64 now, struct hotid_slot **slot)
{
	enum hotid_verdict verdict = judge(table, packet, length, now, slot);

	hotid_table_note(table, verdict);
	return verdict;
}

void hotid_table_note(struct hotid_table *table, enum hotid_verdict kind)
{
	this_cpu_inc(table->counters->kind[kind]);
}

u64 hotid_table_count(struct hotid_table *table, enum hotid_verdict kind)
{
	u64 sum = probe_count(table, kind) - table->probe_before[kind];
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(table->counters, cpu)->kind[kind]);
	return sum;
}

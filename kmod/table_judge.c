// SPDX-License-Identifier: GPL-2.0
/* Judging packets by the slot table: in softirq, under RCU, without a lock. */
#include "table.h"

#include <linux/siphash.h>

#include "compat.h"
#include "slot_array.h"

static enum hotid_verdict judge_packet(struct hotid_table *table, const void *packet, u32 length,
				       u64 now, struct hotid_slot **slot)
{
	const struct hotid_slot_array *array = rcu_dereference(table->array);
	const struct hotid_wire_head *head = packet;
	enum hotid_verdict verdict;
	siphash_key_t key;
	struct hotid_wire_tail tail;
	const u64 *words;
	u32 covered;
	u64 mac;

	if (length < sizeof(*head))
		return HOTID_VERDICT_TRUNCATED;
	verdict = hotid_wire_form(head, length);
	if (verdict != HOTID_VERDICT_ACCEPTED)
		return verdict;
	*slot = array ? hotid_slot_array_find(array, head->node_id, false) : NULL;
	/* Pairs with the release in hotid_table_add(): the key is whole. */
	if (!*slot || !smp_load_acquire(&(*slot)->live))
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
	tail = hotid_wire_tail(head);
	return hotid_slot_stamp(*slot, head, &tail, now);
}

enum hotid_verdict hotid_table_judge(struct hotid_table *table, const void *packet, u32 length,
				     u64 now, struct hotid_slot **slot)
{
	enum hotid_verdict verdict = judge_packet(table, packet, length, now, slot);

	hotid_counters_note(&table->counters, verdict);
	return verdict;
}

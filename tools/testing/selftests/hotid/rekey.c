// SPDX-License-Identifier: GPL-2.0
/*
 * Keys change while beats come in: none that is signed by a key that stays is
 * lost. Runs in virtual time, and on two CPUs.
 *
 *   ┌──────────────┐                        ┌──────────────┐
 *   │ sender       │ s0 ──────────────── o0 │ observer     │
 *   │ a node       │                        │ changes keys │
 *   │              │ s1 ──────────────── o1 │              │
 *   └──────────────┘                        └──────────────┘
 */
#include "lib/clock.h"
#include "lib/harness.h"
#include "lib/net.h"
#include "lib/node.h"
#include "lib/pair.h"
#include "lib/probe.h"

#define INTERVAL	(1 * MS)
#define ROUNDS		600

FIXTURE(rekey) {
	struct pair pair;
	struct node sender, observer;
	struct probe probe;
};

FIXTURE_VARIANT(rekey) {
	uint32_t mode;
};

FIXTURE_VARIANT_ADD(rekey, module) { HOTID_PROBE_MODE_NONE };
FIXTURE_VARIANT_ADD(rekey, native) { HOTID_PROBE_MODE_NATIVE };

FIXTURE_SETUP(rekey)
{
	struct hotid_peer observer;

	pair_make(&self->pair);
	node_start(&self->sender, self->pair.sender, 1, INTERVAL / US);
	node_start(&self->observer, self->pair.observer, 2, INTERVAL / US);
	probe_start(&self->probe, &self->observer, "o0", variant->mode);
	probe_start(&self->probe, &self->observer, "o1", variant->mode);
	peer_add(&self->observer, self->sender.id, 0, SENDER);
	observer = peer_with(self->observer.id, TELL);
	peer_path(&observer, OBSERVER);
	peer_path(&observer, OBSERVER_TWO);
	peer_set(&self->sender, &observer);
	ASSERT_TRUE(WAIT_FOR(node_read(&self->observer).counters.accepted > 10, 10 * SECOND));
}

FIXTURE_TEARDOWN(rekey)
{
	if (self->probe.skeleton)
		probe_unload(&self->probe);
	hotid_close(self->sender.h);
	hotid_close(self->observer.h);
}

#define THIS	struct __test_metadata *_metadata, struct _test_data_rekey *self

static struct hotid_counts counts_now(struct _test_data_rekey *self)
{
	return node_read(&self->observer).counters;
}

static void expect_no_loss(THIS, const struct hotid_counts *before)
{
	struct hotid_counts after = counts_now(self);

	EXPECT_EQ(before->unknown, after.unknown);
	EXPECT_EQ(before->bad_mac, after.bad_mac);
	EXPECT_LT(before->accepted, after.accepted);
}

/* Another key comes and goes, and the one in use is given once more. */
TEST_F(rekey, beside_the_key_in_use)
{
	static const uint8_t other[HOTID_KEY_LEN] = "the second key";
	struct hotid_counts before = counts_now(self);
	struct hotid *h = self->observer.h;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		MUST(h, hotid_node_add_key(h, 2 + i % 7, other));
		if (i & 1)
			MUST(h, hotid_node_drop_key(h, 2 + i % 7));
		else
			MUST(h, hotid_node_set_key(h, cluster_key));
	}
	expect_no_loss(_metadata, self, &before);
}

/* All beats of a moment ago have come in. */
static void settle(THIS)
{
	uint64_t accepted = counts_now(self).accepted;

	ASSERT_TRUE(WAIT_FOR(counts_now(self).accepted >= accepted + 10, 10 * SECOND));
}

/* The cluster goes from key to key, as an operator does it. */
TEST_F(rekey, from_key_to_key)
{
	struct hotid_counts before = counts_now(self);
	uint8_t key[HOTID_KEY_LEN] = "key of many";
	int generation;

	for (generation = 2; generation < ROUNDS / 20; generation++) {
		key[15] = generation;
		MUST(self->observer.h, hotid_node_add_key(self->observer.h, generation, key));
		MUST(self->sender.h, hotid_node_add_key(self->sender.h, generation, key));
		MUST(self->sender.h, hotid_node_use_key(self->sender.h, generation));
		MUST(self->observer.h, hotid_node_use_key(self->observer.h, generation));
		settle(_metadata, self);
		MUST(self->observer.h, hotid_node_drop_key(self->observer.h, generation - 1));
		MUST(self->sender.h, hotid_node_drop_key(self->sender.h, generation - 1));
	}
	expect_no_loss(_metadata, self, &before);
}

TEST_HARNESS_MAIN

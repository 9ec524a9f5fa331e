// SPDX-License-Identifier: GPL-2.0
/*
 * What the module and the probe share: the hash, the packets, and the judging
 * of a packet against its sender's slot.
 */
#include "ktap.h"

#include <stdlib.h>

#include "siphash24.h"
#include "siphash_reference.h"
#include "slot.h"

/* From the reference implementation: key 00 01 .. 0f, message 00 01 .. of each length. */
static const struct {
	size_t length;
	uint64_t hash;
} published[] = {
	{ 0, 0x726fdb47dd0e0e31ULL }, { 1, 0x74f839c593dc67fdULL }, { 7, 0xab0200f58b01d137ULL },
	{ 8, 0x93f5f5799a932462ULL }, { 15, 0xa129ca6149be45e5ULL }, { 16, 0x3f2acc7f57c29bdbULL },
	{ 24, 0xb8ad50c6f649af94ULL }, { 32, 0x7127512f72f27cceULL }, { 40, 0x0e3ea96b5304a7d0ULL },
	{ 48, 0xe612a3cb9ecba951ULL }, { 56, 0xb78dbfaf3a8d83bdULL }, { 63, 0x958a324ceb064572ULL },
};

#define N_PUBLISHED	(sizeof(published) / sizeof(published[0]))

static void count_up(uint8_t *bytes, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		bytes[i] = i;
}

/* The number of words is a constant everywhere it is used. */
static uint64_t hash_words(const uint8_t *key, const uint8_t *message, size_t length)
{
	__u64 words[2], text[8] = {};

	_Static_assert(HOTID_ADVERT_SIGNED == HOTID_BEAT_SIGNED, "one case for both");

	memcpy(words, key, sizeof(words));
	memcpy(text, message, length);
	switch (length) {
	case 0:
		return siphash24_words(words, text, 0);
	case 8:
		return siphash24_words(words, text, 1);
	case 16:
		return siphash24_words(words, text, 2);
	case 24:
		return siphash24_words(words, text, 3);
	case 32:
		return siphash24_words(words, text, 4);
	case 40:
		return siphash24_words(words, text, 5);
	case HOTID_GASP_SIGNED:
		return siphash24_words(words, text, HOTID_GASP_SIGNED / 8);
	case HOTID_PROOF_SIGNED:
		return siphash24_words(words, text, HOTID_PROOF_SIGNED / 8);
	case HOTID_BEAT_SIGNED:
		return siphash24_words(words, text, HOTID_BEAT_SIGNED / 8);
	default:
		abort();
	}
}

static void siphash_as_published(void)
{
	uint8_t key[16], message[64];
	size_t i, whole = 0;

	count_up(key, sizeof(key));
	count_up(message, sizeof(message));
	for (i = 0; i < N_PUBLISHED; i++) {
		size_t length = published[i].length;

		CHECK(siphash_reference(key, message, length) == published[i].hash);
		if (length % 8)
			continue;
		CHECK(hash_words(key, message, length) == published[i].hash);
		whole++;
	}
	CHECK_INT(whole, 8);
}

static void siphash_as_the_reference(void)
{
	unsigned int seed = 2012, round, i;
	uint8_t key[16], message[64];

	for (round = 0; round < 20000; round++) {
		size_t length = rand_r(&seed) % 9 * 8;

		for (i = 0; i < sizeof(key); i++)
			key[i] = rand_r(&seed);
		for (i = 0; i < sizeof(message); i++)
			message[i] = rand_r(&seed);
		if (!CHECK(hash_words(key, message, length) ==
			   siphash_reference(key, message, length)))
			return;
	}
}

/* The drawing in wire.h, in numbers. */
static void packets_as_drawn(void)
{
	CHECK_INT(offsetof(struct hotid_wire_head, magic), 0);
	CHECK_INT(offsetof(struct hotid_wire_head, version), 2);
	CHECK_INT(offsetof(struct hotid_wire_head, type), 3);
	CHECK_INT(offsetof(struct hotid_wire_head, interval_us), 4);
	CHECK_INT(offsetof(struct hotid_wire_head, node_id), 8);
	CHECK_INT(offsetof(struct hotid_wire_head, boot_id), 24);
	CHECK_INT(offsetof(struct hotid_wire_head, seq), 32);
	CHECK_INT(offsetof(struct hotid_wire_head, health), 40);
	CHECK_INT(offsetof(struct hotid_wire_head, path), 42);
	CHECK_INT(offsetof(struct hotid_wire_head, reason), 43);
	CHECK_INT(offsetof(struct hotid_wire_head, key_generation), 44);
	CHECK_INT(sizeof(struct hotid_wire_head), 48);
	CHECK_INT(offsetof(struct hotid_wire_beat, echo), 48);
	CHECK_INT(offsetof(struct hotid_wire_beat, promise_us), 56);
	CHECK_INT(offsetof(struct hotid_wire_beat, mac), 64);
	CHECK_INT(sizeof(struct hotid_wire_beat), 72);
	CHECK_INT(offsetof(struct hotid_wire_gasp, mac), 48);
	CHECK_INT(sizeof(struct hotid_wire_gasp), 56);
	CHECK_INT(offsetof(struct hotid_wire_proof, nonce), 48);
	CHECK_INT(offsetof(struct hotid_wire_proof, mac), 56);
	CHECK_INT(sizeof(struct hotid_wire_proof), 64);
	CHECK_INT(offsetof(struct hotid_wire_advert, identity), 48);
	CHECK_INT(offsetof(struct hotid_wire_advert, epoch), 56);
	CHECK_INT(offsetof(struct hotid_wire_advert, mac), 64);
	CHECK_INT(sizeof(struct hotid_wire_advert), 72);
	CHECK_INT(HOTID_GASP_SIGNED, 48);
	CHECK_INT(HOTID_BEAT_SIGNED, 64);
	CHECK_INT(HOTID_PROOF_SIGNED, 56);
	CHECK_INT(HOTID_ADVERT_SIGNED, 64);
	CHECK_INT(HOTID_WIRE_VERSION, 3);
	CHECK_INT(HOTID_PACKET_BEAT, 1);
	CHECK_INT(HOTID_PACKET_ADVERT, 5);
}

static void network_order(void)
{
	static const uint8_t bytes[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	uint64_t eight;
	uint32_t four;
	uint16_t two;

	memcpy(&two, bytes, 2);
	memcpy(&four, bytes, 4);
	memcpy(&eight, bytes, 8);
	CHECK(HOTID_NTOHS(two) == 0x0102);
	CHECK(HOTID_NTOHL(four) == 0x01020304);
	CHECK(HOTID_NTOHLL(eight) == 0x0102030405060708ULL);
}

#define BOOT_ID		0x1122334455667788ULL
#define INTERVAL	10000

/* Of a packet that says nothing behind its head. */
static const struct hotid_wire_tail no_tail;

static struct hotid_wire_head beat(uint64_t seq, uint8_t path)
{
	struct hotid_wire_head head = {
		.magic = HOTID_NTOHS(HOTID_WIRE_MAGIC),
		.version = HOTID_WIRE_VERSION,
		.type = HOTID_PACKET_BEAT,
		.interval_us = HOTID_NTOHL(INTERVAL),
		.boot_id = HOTID_NTOHLL(BOOT_ID),
		.seq = HOTID_NTOHLL(seq),
		.path = path,
		.key_generation = HOTID_NTOHL(1),
	};

	return head;
}

static uint32_t right_length(uint8_t type)
{
	static const uint32_t lengths[] = { 0, 72, 56, 64, 64, 72 };

	return lengths[type];
}

static void form_of_lengths(void)
{
	struct hotid_wire_head head = beat(1, 0);
	uint32_t length;
	uint8_t type;

	for (type = HOTID_PACKET_BEAT; type <= HOTID_PACKET_ADVERT; type++) {
		uint32_t right = right_length(type);

		head.type = type;
		for (length = 0; length < 200; length++)
			CHECK_INT(hotid_wire_form(&head, length), length == right ?
				  HOTID_VERDICT_ACCEPTED : HOTID_VERDICT_TRUNCATED);
	}
}

static void form_of_fields(void)
{
	struct hotid_wire_head head;
	int value;

	for (value = 0; value < 65536; value++) {
		head = beat(1, 0);
		head.magic = value;
		if (HOTID_NTOHS(value) != HOTID_WIRE_MAGIC)
			CHECK_INT(hotid_wire_form(&head, 72), HOTID_VERDICT_VERSION);
	}
	for (value = 0; value < 256; value++) {
		head = beat(1, 0);
		head.version = value;
		CHECK_INT(hotid_wire_form(&head, 72), value == HOTID_WIRE_VERSION ?
			  HOTID_VERDICT_ACCEPTED : HOTID_VERDICT_VERSION);
		head = beat(1, 0);
		head.type = value;
		CHECK_INT(hotid_wire_form(&head, 72),
			  value < HOTID_PACKET_BEAT || value > HOTID_PACKET_ADVERT ?
			  HOTID_VERDICT_VERSION : right_length(value) != 72 ?
			  HOTID_VERDICT_TRUNCATED : HOTID_VERDICT_ACCEPTED);
		head = beat(1, value);
		CHECK_INT(hotid_wire_form(&head, 72), value < HOTID_SLOT_PATHS ?
			  HOTID_VERDICT_ACCEPTED : HOTID_VERDICT_VERSION);
	}
}

static struct hotid_slot slot_of(uint64_t seq)
{
	struct hotid_slot slot = {
		.generation = { 1, 0 },
		.boot_id = BOOT_ID,
		.live = 1,
		.interval_us = INTERVAL,
	};
	int path;

	for (path = 0; path < HOTID_SLOT_PATHS; path++)
		slot.path[path] = (struct hotid_stamp) { .ns = 1000, .seq = seq };
	return slot;
}

/* What a beat does to a slot: its verdict, and a stamp only when it is accepted. */
static void stamp(struct hotid_slot slot, const struct hotid_wire_head *head,
		  enum hotid_verdict want)
{
	struct hotid_slot before = slot;
	uint64_t seq = HOTID_NTOHLL(head->seq);

	CHECK_INT(hotid_slot_stamp(&slot, head, &no_tail, 2000), want);
	if (want == HOTID_VERDICT_ACCEPTED) {
		CHECK(slot.path[head->path].ns == 2000);
		CHECK(slot.path[head->path].seq == seq);
		before.path[head->path] = slot.path[head->path];
		hotid_gap_note(&before.gaps[head->path], 2000 - 1000);
	}
	CHECK(!memcmp(&slot, &before, sizeof(slot)));
}

static void sequences(void)
{
	static const struct {
		uint64_t known, sent;
		enum hotid_verdict verdict;
	} rows[] = {
		{ 0, 0, HOTID_VERDICT_REPLAYED }, { 0, 1, HOTID_VERDICT_ACCEPTED },
		{ 0, UINT64_MAX, HOTID_VERDICT_ACCEPTED }, { 7, 6, HOTID_VERDICT_REPLAYED },
		{ 7, 7, HOTID_VERDICT_REPLAYED }, { 7, 8, HOTID_VERDICT_ACCEPTED },
		{ 0xffffffff, 0x100000000, HOTID_VERDICT_ACCEPTED },
		{ 0x100000000, 0xffffffff, HOTID_VERDICT_REPLAYED },
		{ INT64_MAX, (uint64_t)INT64_MAX + 1, HOTID_VERDICT_ACCEPTED },
		{ (uint64_t)INT64_MAX + 1, INT64_MAX, HOTID_VERDICT_REPLAYED },
		{ UINT64_MAX - 1, UINT64_MAX, HOTID_VERDICT_ACCEPTED },
		/* It does not wrap: whoever gets here has sent for half a billion years. */
		{ UINT64_MAX, UINT64_MAX, HOTID_VERDICT_REPLAYED },
		{ UINT64_MAX, 0, HOTID_VERDICT_REPLAYED }, { UINT64_MAX, 1, HOTID_VERDICT_REPLAYED },
	};
	uint8_t path;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (path = 0; path < HOTID_SLOT_PATHS; path++) {
			struct hotid_wire_head head = beat(rows[i].sent, path);

			stamp(slot_of(rows[i].known), &head, rows[i].verdict);
		}
	}
}

/* What a beat does to two paths, of which the other one heard the newest. */
static void beside(uint64_t own, uint64_t newest, uint64_t sent, enum hotid_verdict want,
		   uint64_t want_ns)
{
	uint8_t path, other;

	for (path = 0; path < HOTID_SLOT_PATHS; path++) {
		for (other = 0; other < HOTID_SLOT_PATHS; other++) {
			struct hotid_wire_head head = beat(sent, path);
			struct hotid_slot slot = slot_of(0);

			if (path == other)
				continue;
			slot.path[path] = (struct hotid_stamp) { .ns = 1000, .seq = own };
			slot.path[other] = (struct hotid_stamp) { .ns = 1500, .seq = newest };
			CHECK_INT(hotid_slot_stamp(&slot, &head, &no_tail, 2000), want);
			CHECK_INT(slot.path[path].ns, want_ns);
			CHECK_INT(slot.path[path].seq,
				  want == HOTID_VERDICT_ACCEPTED ? sent : own);
			CHECK_INT(slot.path[other].ns, 1500);
			CHECK_INT(slot.path[other].seq, newest);
			CHECK_INT(hotid_slot_newest(&slot), newest > sent ? newest : sent);
			CHECK_INT(hotid_slot_last(&slot), want_ns > 1500 ? want_ns : 1500);
		}
	}
}

/* All paths share one count: what is only new on its own says only that it works. */
static void paths(void)
{
	beside(5000, 7000, 7001, HOTID_VERDICT_ACCEPTED, 2000);
	/* The newest once more, or less, on another path: as of when the newest came. */
	beside(5000, 7000, 7000, HOTID_VERDICT_ACCEPTED, 1500);
	beside(5000, 7000, 6999, HOTID_VERDICT_ACCEPTED, 1500);
	beside(6998, 7000, 6999, HOTID_VERDICT_ACCEPTED, 1500);
	beside(6999, 7000, 6999, HOTID_VERDICT_REPLAYED, 1000);
	beside(5000, 7000, 7000 - HOTID_SLOT_LAG + 1, HOTID_VERDICT_ACCEPTED, 1500);
	beside(5000, 7000, 7000 - HOTID_SLOT_LAG, HOTID_VERDICT_REPLAYED, 1000);
	beside(0, UINT64_MAX, 1, HOTID_VERDICT_REPLAYED, 1000);
}

/* A time is never put over a later one, nor a sequence over a higher one. */
static void races(void)
{
	struct hotid_slot slot = { .path[2] = { .ns = 1000, .seq = 7 } };
	struct hotid_stamp *stamp = &slot.path[2];

	/* Another CPU was faster: the stamp is its. */
	hotid_stamp_put(&slot, 2, 900, 8, 950);
	CHECK(stamp->ns == 1000 && stamp->seq == 7);
	/* It was the same time, by a clock that was read before. */
	hotid_stamp_put(&slot, 2, 1000, 6, 999);
	CHECK(stamp->ns == 1000 && stamp->seq == 7);
	hotid_stamp_put(&slot, 2, 1000, 8, 1000);
	CHECK(stamp->ns == 1000 && stamp->seq == 8);
	hotid_stamp_put(&slot, 2, 1000, 9, 1001);
	CHECK(stamp->ns == 1001 && stamp->seq == 9);
}

/* What the module has to see, and in which order the reasons count. */
static void control(void)
{
	static const uint8_t types[] = { HOTID_PACKET_GASP, HOTID_PACKET_ADVERT };
	struct hotid_wire_head head;
	size_t i;

	for (i = 0; i < sizeof(types); i++) {
		head = beat(8, 0);
		head.type = types[i];
		stamp(slot_of(7), &head, HOTID_VERDICT_CONTROL);
		head.seq = HOTID_NTOHLL(7);
		stamp(slot_of(7), &head, HOTID_VERDICT_REPLAYED);
		/* Of an incarnation that is not believed it means nothing. */
		head.seq = HOTID_NTOHLL(8);
		head.boot_id = HOTID_NTOHLL(BOOT_ID + 1);
		stamp(slot_of(7), &head, HOTID_VERDICT_UNVERIFIED);
	}
	head = beat(8, 0);
	head.interval_us = HOTID_NTOHL(INTERVAL + 1);
	stamp(slot_of(7), &head, HOTID_VERDICT_CONTROL);
	head = beat(8, 0);
	head.health = HOTID_NTOHS(1);
	stamp(slot_of(7), &head, HOTID_VERDICT_CONTROL);
	/* News that is old is none. */
	head.seq = HOTID_NTOHLL(7);
	stamp(slot_of(7), &head, HOTID_VERDICT_REPLAYED);
	/* Nor is that of a path that comes late. */
	{
		struct hotid_slot slot = slot_of(7);

		head.seq = HOTID_NTOHLL(8);
		slot.path[1] = (struct hotid_stamp) { .ns = 1000, .seq = 8 };
		CHECK_INT(hotid_slot_stamp(&slot, &head, &no_tail, 2000), HOTID_VERDICT_ACCEPTED);
		CHECK(slot.health == 0 && slot.path[0].ns == 1000 && slot.path[0].seq == 8);
	}
}

/* Beats that are not believed: one in a while is shown to the module. */
static void unverified(void)
{
	struct hotid_wire_head head = beat(3, 0);
	struct hotid_slot slot = slot_of(7);

	/* An unknown boot id's sequence says nothing. */
	head.boot_id = HOTID_NTOHLL(BOOT_ID + 1);
	CHECK_INT(hotid_slot_stamp(&slot, &head, &no_tail, 2000), HOTID_VERDICT_CONTROL);
	slot.beat_seen_ns = 2000;
	CHECK_INT(hotid_slot_stamp(&slot, &head, &no_tail, 2001), HOTID_VERDICT_UNVERIFIED);
	CHECK_INT(hotid_slot_stamp(&slot, &head, &no_tail, 1999 + HOTID_SLOT_PASS_NS),
		  HOTID_VERDICT_UNVERIFIED);
	CHECK_INT(hotid_slot_stamp(&slot, &head, &no_tail, 2000 + HOTID_SLOT_PASS_NS),
		  HOTID_VERDICT_CONTROL);
	/* Who is believed does not wait for that. */
	head = beat(8, 0);
	CHECK_INT(hotid_slot_stamp(&slot, &head, &no_tail, 2001 + HOTID_SLOT_PASS_NS),
		  HOTID_VERDICT_ACCEPTED);
	/* Nothing is believed yet. */
	slot = slot_of(0);
	slot.boot_id = 0;
	CHECK_INT(hotid_slot_stamp(&slot, &head, &no_tail, 2000), HOTID_VERDICT_CONTROL);
	/* Nor is it when the packet has no boot id either. */
	head.boot_id = 0;
	stamp(slot, &head, HOTID_VERDICT_UNVERIFIED);
}

static enum hotid_verdict nonce_stamp(struct hotid_slot *slot, const struct hotid_wire_head *head,
				      uint64_t nonce, uint64_t now)
{
	struct hotid_wire_tail tail = { .nonce = nonce };

	return hotid_slot_stamp(slot, head, &tail, now);
}

/* Answers to what was asked, and challenges that were not heard before. */
static void proofs(void)
{
	struct hotid_wire_head head = beat(8, 0);
	struct hotid_slot slot = slot_of(7);

	head.type = HOTID_PACKET_ANSWER;
	CHECK_INT(hotid_slot_stamp(&slot, &head, &no_tail, 2000), HOTID_VERDICT_REPLAYED);
	CHECK_INT(nonce_stamp(&slot, &head, 77, 2000), HOTID_VERDICT_REPLAYED);
	slot.nonce = 77;
	CHECK_INT(nonce_stamp(&slot, &head, 77, 2000), HOTID_VERDICT_CONTROL);
	CHECK_INT(nonce_stamp(&slot, &head, 78, 2000), HOTID_VERDICT_REPLAYED);

	head.type = HOTID_PACKET_CHALLENGE;
	CHECK_INT(nonce_stamp(&slot, &head, 5, 2000), HOTID_VERDICT_CONTROL);
	slot.challenge_seen_ns = 2000;
	CHECK_INT(nonce_stamp(&slot, &head, 5, 2001), HOTID_VERDICT_UNVERIFIED);
	slot.asker_boot_id = BOOT_ID;
	slot.asker_seq = 7;
	CHECK_INT(nonce_stamp(&slot, &head, 5, 2001), HOTID_VERDICT_CONTROL);
	slot.asker_seq = 8;
	CHECK_INT(nonce_stamp(&slot, &head, 5, 2002), HOTID_VERDICT_REPLAYED);
	CHECK_INT(nonce_stamp(&slot, &head, 5, 2002 + HOTID_SLOT_PASS_NS),
		  HOTID_VERDICT_REPLAYED);
}

static void keys(void)
{
	struct hotid_slot slot = slot_of(0);
	struct hotid_wire_head head = beat(1, 0);

	slot.generation[0] = 3;
	slot.generation[1] = 0x01020304;
	head.key_generation = HOTID_NTOHL(3);
	CHECK(hotid_slot_key(&slot, &head) == slot.key[0]);
	head.key_generation = HOTID_NTOHL(0x01020304);
	CHECK(hotid_slot_key(&slot, &head) == slot.key[1]);
	head.key_generation = HOTID_NTOHL(4);
	CHECK(!hotid_slot_key(&slot, &head));
	/* A place without a key has generation 0, which names none. */
	head.key_generation = 0;
	CHECK(!hotid_slot_key(&slot, &head));
	slot.generation[0] = 0;
	CHECK(!hotid_slot_key(&slot, &head));
}

/* Hashed in two parts, with the state kept in between. */
static void siphash_in_parts(void)
{
	unsigned int seed = 8, round, i, split;
	uint8_t key[16], message[HOTID_BEAT_SIGNED];
	__u64 words[2], text[HOTID_BEAT_SIGNED / 8];

	for (round = 0; round < 1000; round++) {
		for (i = 0; i < sizeof(key); i++)
			key[i] = rand_r(&seed);
		for (i = 0; i < sizeof(message); i++)
			message[i] = rand_r(&seed);
		memcpy(words, key, sizeof(words));
		memcpy(text, message, sizeof(text));
		for (split = 0; split <= HOTID_BEAT_SIGNED / 8; split++) {
			struct siphash24 kept, state = siphash24_begin(words);

			for (i = 0; i < split; i++)
				siphash24_add(&state, text[i]);
			kept = state;
			for (; i < HOTID_BEAT_SIGNED / 8; i++)
				siphash24_add(&kept, text[i]);
			if (!CHECK(siphash24_end(&kept, HOTID_BEAT_SIGNED / 8) ==
				   siphash_reference(key, message, sizeof(message))))
				return;
		}
	}
}

/* Just the packets whose first words are those that were hashed ahead. */
static void primed(void)
{
	struct hotid_slot slot = slot_of(0);
	struct hotid_wire_head head;
	union {
		struct hotid_wire_head head;
		__u64 words[6];
		uint8_t bytes[48];
	} packet = { .head = beat(1, 0) };
	size_t bit;

	memset(packet.head.node_id, 0x5a, sizeof(packet.head.node_id));
	head = packet.head;
	slot.primed = 1;
	slot.primed_head = packet.words[0];
	slot.node_id[0] = packet.words[1];
	slot.node_id[1] = packet.words[2];
	CHECK(hotid_slot_primed(&slot, &packet.head));
	for (bit = 0; bit < 48 * 8; bit++) {
		size_t at = bit / 8;
		/* Sequence, health, path and reason are hashed afterwards. */
		bool ahead = at < 32 || at >= 44;

		packet.bytes[at] ^= 1 << bit % 8;
		CHECK_INT(!!hotid_slot_primed(&slot, &packet.head), !ahead);
		packet.bytes[at] ^= 1 << bit % 8;
	}
	/* Nothing was hashed ahead. */
	slot.primed = 0;
	CHECK(!hotid_slot_primed(&slot, &packet.head));
	packet.head.key_generation = 0;
	CHECK(!hotid_slot_primed(&slot, &packet.head));
	/* No incarnation is believed, and a packet says so too. */
	packet.head = head;
	slot.primed = 1;
	slot.boot_id = 0;
	packet.head.boot_id = 0;
	CHECK(!hotid_slot_primed(&slot, &packet.head));
}

static void homes(void)
{
	uint32_t mask;
	int bit;

	for (mask = 63; mask < 1u << 20; mask = mask * 2 + 1) {
		for (bit = 0; bit < 64; bit++) {
			__u64 id[2] = { UINT64_MAX, 1ULL << bit };
			uint32_t want = bit < 32 ? (1u << bit) & mask : 0;

			CHECK_INT(hotid_slot_home(id, mask), want);
		}
	}
}

static const struct ktap_test tests[] = {
	{ "siphash_as_published", siphash_as_published },
	{ "siphash_as_the_reference", siphash_as_the_reference },
	{ "siphash_in_parts", siphash_in_parts },
	{ "packets_as_drawn", packets_as_drawn },
	{ "network_order", network_order },
	{ "form_of_lengths", form_of_lengths },
	{ "form_of_fields", form_of_fields },
	{ "sequences", sequences },
	{ "paths", paths },
	{ "races", races },
	{ "control", control },
	{ "unverified", unverified },
	{ "proofs", proofs },
	{ "keys", keys },
	{ "primed", primed },
	{ "homes", homes },
};

KTAP_MAIN(tests)

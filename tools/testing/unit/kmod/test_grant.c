// SPDX-License-Identifier: GPL-2.0
/* What a beat says of leases, and what a slot keeps of it. */
#include "ktap.h"

#include "slot.h"

#define BOOT_ID		0x1122334455667788ULL
#define INTERVAL	10000

static struct hotid_wire_head beat(uint64_t seq, uint8_t path)
{
	return (struct hotid_wire_head) {
		.type = HOTID_PACKET_BEAT,
		.interval_us = HOTID_NTOHL(INTERVAL),
		.boot_id = HOTID_NTOHLL(BOOT_ID),
		.seq = HOTID_NTOHLL(seq),
		.path = path,
	};
}

/* What lies between head and MAC, of each type what it has. */
static void tails(void)
{
	struct hotid_wire_beat packet = {
		.head = beat(8, 0),
		.echo = HOTID_NTOHLL(0x0102030405060708ULL),
		.promise_us = HOTID_NTOHL(30000),
	};
	struct hotid_wire_tail tail;
	uint8_t type;

	for (type = HOTID_PACKET_BEAT; type <= HOTID_PACKET_ADVERT; type++) {
		bool proof = type == HOTID_PACKET_CHALLENGE || type == HOTID_PACKET_ANSWER;
		bool echo = type == HOTID_PACKET_BEAT;

		packet.head.type = type;
		tail = hotid_wire_tail(&packet.head);
		CHECK(tail.nonce == (proof ? 0x0102030405060708ULL : 0));
		CHECK(tail.echo == (echo ? 0x0102030405060708ULL : 0));
		CHECK_INT(tail.promise_us, echo ? 30000 : 0);
	}
}

/* The grant that a slot keeps of a beat. */
static uint64_t grant_of(struct hotid_slot *slot, const struct hotid_wire_head *head,
			 uint64_t echo, uint32_t promise_us, enum hotid_verdict want)
{
	struct hotid_wire_tail tail = { .echo = echo, .promise_us = promise_us };

	CHECK_INT(hotid_slot_stamp(slot, head, &tail, 2000), want);
	return slot->grant;
}

static void grants(void)
{
	const uint64_t most = (1U << HOTID_GRANT_SHIFT) - 1;
	struct hotid_wire_head head = beat(8, 0);
	struct hotid_slot slot = { .boot_id = BOOT_ID, .live = 1, .interval_us = INTERVAL };

	CHECK(grant_of(&slot, &head, 5, 30000, HOTID_VERDICT_ACCEPTED) ==
	      (5ULL << HOTID_GRANT_SHIFT | 30000));
	/* That of the newest beat counts, whatever it is. */
	head = beat(9, 1);
	CHECK(grant_of(&slot, &head, 4, 20000, HOTID_VERDICT_ACCEPTED) ==
	      (4ULL << HOTID_GRANT_SHIFT | 20000));
	/* One that is older, or says what the module has to see first, leaves it alone. */
	head = beat(8, 2);
	CHECK(grant_of(&slot, &head, 6, 30000, HOTID_VERDICT_ACCEPTED) ==
	      (4ULL << HOTID_GRANT_SHIFT | 20000));
	head = beat(10, 0);
	head.health = HOTID_NTOHS(1);
	CHECK(grant_of(&slot, &head, 6, 30000, HOTID_VERDICT_CONTROL) ==
	      (4ULL << HOTID_GRANT_SHIFT | 20000));
	/* No promise, or nothing that it could be counted from. */
	head = beat(11, 0);
	CHECK(!grant_of(&slot, &head, 6, 0, HOTID_VERDICT_ACCEPTED));
	head = beat(12, 0);
	CHECK(!grant_of(&slot, &head, 0, 30000, HOTID_VERDICT_ACCEPTED));
	/* As much as there is room for. */
	head = beat(13, 0);
	CHECK(grant_of(&slot, &head, UINT64_MAX, UINT32_MAX, HOTID_VERDICT_ACCEPTED) ==
	      UINT64_MAX);
	head = beat(14, 0);
	CHECK(grant_of(&slot, &head, 1, most + 1, HOTID_VERDICT_ACCEPTED) ==
	      (1ULL << HOTID_GRANT_SHIFT | most));
}

static const struct ktap_test tests[] = {
	{ "tails", tails },
	{ "grants", grants },
};

KTAP_MAIN(tests)

// SPDX-License-Identifier: GPL-2.0
/*
 * Frames leave the ports of an identity by the leases of its voters and by its state,
 * and not otherwise. Runs in virtual time. To the fixture of lib/failover_fixture.h each
 * test adds a client of HOLDER, which sees what HOLDER says:
 *
 *   ┌────────────┐
 *   │ HOLDER     │ lan0 ──────────────── c0   client
 *   └────────────┘
 */
#include <pthread.h>
#include <sys/socket.h>

#include "lib/capture.h"
#include "lib/failover_fixture.h"
#include "lib/frame.h"

#define PORT	"lan0"
#define EVERY	(200 * US)
#define ALLOWED	(30 * MS)

/**
 * struct talker - says something all the time
 * @stop: it is to end
 * @port: of HOLDER
 * @client: gets it
 * @last_ns: when the client got the last frame, CLOCK_REALTIME
 */
struct talker {
	pthread_t thread;
	bool stop;
	int ns, port, client;
	uint64_t last_ns;
};

static void *talk(void *data)
{
	static const uint8_t from[6] = { 2, 0, 0, 0, 0, 1 }, to[6] = { 2, 0, 0, 0, 0, 2 };
	struct talker *talker = data;
	struct made frame = {};

	frame_ethernet(&frame, to, from, 0x88b5);	/* for local experiments */
	frame.length = 60;
	while (!__atomic_load_n(&talker->stop, __ATOMIC_RELAXED)) {
		/* A frame that is blocked fails, which is no fault of this test. */
		if (send(talker->port, frame.bytes, frame.length, 0) < 0 && errno != ENOBUFS)
			err(1, "talker");
		sleep_ns(EVERY);
	}
	return NULL;
}

static void talker_start(struct talker *talker, const struct node *node)
{
	*talker = (struct talker){ .ns = ns_new() };
	link_veth(node->ns, PORT, talker->ns, "c0");
	talker->port = capture_open(node->ns, PORT);
	talker->client = capture_open(talker->ns, "c0");
	if (pthread_create(&talker->thread, NULL, talk, talker))
		errx(1, "no thread");
}

static void talker_stop(struct talker *talker)
{
	__atomic_store_n(&talker->stop, true, __ATOMIC_RELAXED);
	pthread_join(talker->thread, NULL);
	close(talker->port);
	close(talker->client);
	close(talker->ns);
}

/* All that the client got so far; how many frames. */
static unsigned int heard(struct talker *talker)
{
	unsigned int n = 0;
	struct frame frame;

	for (; capture_next(talker->client, &frame, 0); n++)
		talker->last_ns = frame.ns;
	return n;
}

/* What it gets in this time, from now on. */
static unsigned int heard_in(struct talker *talker, uint64_t span_ns)
{
	heard(talker);
	sleep_ns(span_ns);
	return heard(talker);
}

/* From CLOCK_MONOTONIC to CLOCK_REALTIME, which nobody sets here. */
static uint64_t real_ns(uint64_t monotonic)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return monotonic + (now.tv_sec * SECOND + now.tv_nsec - now_ns());
}

/* Guard the port of a node; the voters are the first so many nodes. */
static void guard(const struct _test_data_automatic *self, int n, size_t voters)
{
	struct hotid_guard guard = {
		.n_voters = voters, .n_ports = 1,
		.ports[0].ifindex = link_index(self->nodes[n].ns, PORT),
	};
	size_t i;

	for (i = 0; i < voters; i++)
		memcpy(guard.voters[i].id, self->nodes[i].id, HOTID_ID_LEN);
	MUST(self->nodes[n].h, hotid_identity_guard(self->nodes[n].h, WEB, &guard));
}

static uint32_t egress(const struct _test_data_automatic *self, int n)
{
	return identity_read(&self->nodes[n], WEB).egress;
}

static uint64_t down_at(const struct _test_data_automatic *self, int observer)
{
	return peer_read(&self->nodes[observer], self->nodes[HOLDER].id).changed_ns;
}

static bool is_down(const struct _test_data_automatic *self, int observer)
{
	return peer_state(&self->nodes[observer], self->nodes[HOLDER].id) ==
	       HOTID_PEER_STATE_DOWN;
}

/*
 * Nobody hears the holder any more, and its daemon does nothing: its last frame comes
 * before the spare may act, and not much earlier.
 */
TEST_F(automatic, silent_before_the_spare_acts)
{
	static const struct {
		uint32_t interval_us, multiplier;
	} paces[] = { { 10000, 3 }, { 1000, 3 }, { 1000, 2 }, { 20000, 5 } };
	struct talker talker;
	size_t i;
	int n;

	usual_state(_metadata, self, 0);
	talker_start(&talker, &self->nodes[HOLDER]);
	guard(self, HOLDER, 2);
	for (i = 0; i < sizeof(paces) / sizeof(paces[0]); i++) {
		uint64_t deadline = paces[i].interval_us * US * paces[i].multiplier, cut, last;
		struct hotid_node pace = { .interval_us = paces[i].interval_us };
		struct hotid_peer peer = peer_with(self->nodes[HOLDER].id, WATCH | TELL);

		/* Echoes come at the pace of those who send them. */
		for (n = 0; n < NODES; n++)
			MUST(self->nodes[n].h, hotid_node_set(self->nodes[n].h, &pace,
							      HOTID_SET_INTERVAL));
		peer.multiplier = paces[i].multiplier;
		peer_path(&peer, addresses[HOLDER]);
		peer_set(&self->nodes[SPARE], &peer);
		/* A longer interval is true after as many beats as say so. */
		sleep_ns(2 * SECOND);
		EXPECT_LT(0, heard_in(&talker, 50 * MS));
		/* Two beats are hardly longer than the way of an echo: it may lapse in between. */
		ASSERT_TRUE(WAIT_FOR(egress(self, HOLDER) == HOTID_EGRESS_OPEN, SECOND));

		die(self, HOLDER);
		cut = real_ns(now_ns());
		ASSERT_TRUE(WAIT_FOR(is_down(self, SPARE), SECOND));
		sleep_ns(100 * MS);
		heard(&talker);
		last = talker.last_ns;
		EXPECT_LT(last, real_ns(down_at(self, SPARE))) {
			TH_LOG("%u us x %u: it spoke until %lld us after it was declared down",
			       paces[i].interval_us, paces[i].multiplier,
			       (long long)(last - real_ns(down_at(self, SPARE))) / 1000);
		}
		/* The lease is short of the deadline by 1/256, and began a beat ago. */
		EXPECT_GT(last + 2 * EVERY + MS, cut + deadline - deadline / 256 -
						 paces[i].interval_us * US * 2);
		EXPECT_EQ(HOTID_EGRESS_BLOCKED, egress(self, HOLDER));
		EXPECT_EQ(0, heard_in(&talker, 200 * MS));
		EXPECT_EQ(HELD, identity_state(&self->nodes[HOLDER], WEB));

		cut_off(self, HOLDER, true, false, false);
		ASSERT_TRUE(WAIT_FOR(egress(self, HOLDER) == HOTID_EGRESS_OPEN, SECOND));
		EXPECT_LT(0, heard_in(&talker, 50 * MS));
	}
	talker_stop(&talker);
}

/* It is heard, and hears nobody: without echoes it has no lease. */
TEST_F(automatic, silent_when_it_hears_nobody)
{
	struct talker talker;

	usual_state(_metadata, self, 0);
	talker_start(&talker, &self->nodes[HOLDER]);
	guard(self, HOLDER, NODES);
	EXPECT_LT(0, heard_in(&talker, 50 * MS));
	cut_off(self, HOLDER, false, true, true);
	ASSERT_TRUE(WAIT_FOR(egress(self, HOLDER) == HOTID_EGRESS_BLOCKED, SECOND));
	EXPECT_EQ(0, heard_in(&talker, SECOND));
	EXPECT_EQ(HOTID_PEER_STATE_UP, peer_state(&self->nodes[SPARE], self->nodes[HOLDER].id));
	cut_off(self, HOLDER, false, true, false);
	ASSERT_TRUE(WAIT_FOR(egress(self, HOLDER) == HOTID_EGRESS_OPEN, SECOND));
	EXPECT_LT(0, heard_in(&talker, 50 * MS));
	talker_stop(&talker);
}

/* Of three voters two suffice, of whom the holder is one. */
TEST_F(automatic, majority_of_the_voters)
{
	struct hotid_identity told;
	struct talker talker;

	usual_state(_metadata, self, 0);
	talker_start(&talker, &self->nodes[HOLDER]);
	guard(self, HOLDER, NODES);
	EXPECT_LT(0, heard_in(&talker, 50 * MS));
	MUST(self->nodes[SPARE].h, hotid_peer_del(self->nodes[SPARE].h, self->nodes[HOLDER].id));
	sleep_ns(SECOND);
	EXPECT_EQ(HOTID_EGRESS_OPEN, egress(self, HOLDER));
	EXPECT_LT(0, heard_in(&talker, 50 * MS));
	while (listener_next(&self->events[HOLDER], 50 * MS))
		;
	MUST(self->nodes[OTHER].h, hotid_peer_del(self->nodes[OTHER].h, self->nodes[HOLDER].id));
	/* It says so. */
	do
		told = listener_identity(&self->events[HOLDER], WEB, SECOND)->identity;
	while (told.egress != HOTID_EGRESS_BLOCKED);
	EXPECT_EQ(HELD, told.state);
	EXPECT_GT(now_ns(), told.lease_ns);
	EXPECT_EQ(0, heard_in(&talker, SECOND));
	EXPECT_LT(0, identity_read(&self->nodes[HOLDER], WEB).blocked_frames);
	talker_stop(&talker);
}

/* Whoever is superseded is silent at once, whatever leases it has, and whatever its daemon does. */
TEST_F(automatic, superseded_is_silent)
{
	struct node *spare = &self->nodes[SPARE];
	struct hotid_identity taking;
	struct hotid_step step = { .index = 1, .stage = HOTID_STAGE_NET, .verb = HOTID_VERB_TAKE,
				   .status = HOTID_STEP_STATUS_DONE, .name = "a", .kind = "k" };
	struct talker talker;

	usual_state(_metadata, self, 0);
	talker_start(&talker, &self->nodes[HOLDER]);
	guard(self, HOLDER, NODES);
	MUST(spare->h, hotid_identity_takeover(spare->h, WEB, 0));
	EXPECT_LT(0, heard_in(&talker, 500 * MS));
	taking = identity_read(spare, WEB);
	MUST(spare->h, hotid_step_report(spare->h, WEB, TAKING, taking.epoch, &step));
	ASSERT_TRUE(WAIT_FOR(identity_state(&self->nodes[HOLDER], WEB) == RELEASING, SECOND));
	EXPECT_EQ(HOTID_EGRESS_BLOCKED, egress(self, HOLDER));
	EXPECT_EQ(0, heard_in(&talker, 500 * MS));
	talker_stop(&talker);
}

/* Without voters the state alone decides. */
TEST_F(automatic, state_decides)
{
	struct node *node = &self->nodes[HOLDER];
	struct hotid_step step = { .index = 1, .stage = HOTID_STAGE_NET, .verb = HOTID_VERB_TAKE,
				   .status = HOTID_STEP_STATUS_DONE, .name = "a", .kind = "k" };
	struct talker talker;

	talker_start(&talker, node);
	MUST(node->h, hotid_identity_new(node->h, WEB, 0));
	EXPECT_EQ(HOTID_EGRESS_UNGUARDED, egress(self, HOLDER));
	EXPECT_LT(0, heard_in(&talker, 50 * MS));
	guard(self, HOLDER, 0);
	EXPECT_EQ(0, heard_in(&talker, 50 * MS));
	MUST(node->h, hotid_identity_arm(node->h, WEB));
	identity_done(node, WEB);
	EXPECT_EQ(0, heard_in(&talker, 50 * MS));
	MUST(node->h, hotid_identity_takeover(node->h, WEB, EPOCH));
	EXPECT_EQ(0, heard_in(&talker, 50 * MS));
	/* The fence is proven. */
	MUST(node->h, hotid_step_report(node->h, WEB, TAKING, EPOCH, &step));
	EXPECT_LT(0, heard_in(&talker, 50 * MS));
	identity_done(node, WEB);
	EXPECT_LT(0, heard_in(&talker, 50 * MS));
	EXPECT_EQ(HOTID_EGRESS_OPEN, egress(self, HOLDER));
	EXPECT_EQ(0, identity_read(node, WEB).lease_ns);
	/* What it is told to end it ends in good order. */
	MUST(node->h, hotid_identity_release(node->h, WEB, 0));
	EXPECT_LT(0, heard_in(&talker, 50 * MS));
	identity_done(node, WEB);
	EXPECT_EQ(0, heard_in(&talker, 50 * MS));
	talker_stop(&talker);
}

/* Another guard takes the place of one, without a frame more or less; none frees the port. */
TEST_F(automatic, guards_are_replaced)
{
	struct node *node = &self->nodes[HOLDER];
	struct hotid_guard none = {}, missing = { .n_ports = 1, .ports[0].ifindex = 9999 };
	struct hotid_identity before, after;
	struct talker talker;
	int i;

	usual_state(_metadata, self, 0);
	talker_start(&talker, node);
	guard(self, HOLDER, NODES);
	before = identity_read(node, WEB);
	EXPECT_EQ(NODES, before.guard.n_voters);
	EXPECT_EQ(0, memcmp(before.guard.voters[OTHER].id, self->nodes[OTHER].id, HOTID_ID_LEN));
	EXPECT_EQ(1, before.guard.n_ports);
	EXPECT_EQ(link_index(node->ns, PORT), before.guard.ports[0].ifindex);
	for (i = 0; i < 20; i++)
		guard(self, HOLDER, i % 2 ? NODES : 2);
	EXPECT_EQ(0, identity_read(node, WEB).blocked_frames);
	/* What is refused changes nothing. */
	EXPECT_EQ(-ENODEV, hotid_identity_guard(node->h, WEB, &missing));
	EXPECT_EQ(-ENODEV, hotid_identity_guard(node->h, "new", &missing));
	EXPECT_EQ(-ENOENT, hotid_identity_get(node->h, "new", &after));
	EXPECT_EQ(1, identity_read(node, WEB).guard.n_ports);
	cut_off(self, HOLDER, false, true, true);
	sleep_ns(SECOND);
	EXPECT_EQ(0, heard_in(&talker, 50 * MS));
	MUST(node->h, hotid_identity_guard(node->h, WEB, &none));
	EXPECT_LT(0, heard_in(&talker, 50 * MS));
	EXPECT_EQ(HOTID_EGRESS_UNGUARDED, egress(self, HOLDER));
	talker_stop(&talker);
}

/* A port may go before its guard does, and a namespace with both. */
TEST_F(automatic, ports_are_deleted)
{
	struct node *node = &self->nodes[HOLDER];
	struct hotid_guard two = { .n_ports = 2 };

	link_dummy(node->ns, "d0");
	link_dummy(node->ns, "d1");
	two.ports[0].ifindex = link_index(node->ns, "d0");
	two.ports[1].ifindex = link_index(node->ns, "d1");
	MUST(node->h, hotid_identity_guard(node->h, WEB, &two));
	link_delete(node->ns, "d0");
	EXPECT_EQ(HOTID_EGRESS_BLOCKED, egress(self, HOLDER));
	EXPECT_EQ(-ENODEV, hotid_identity_guard(node->h, WEB, &two));
	MUST(node->h, hotid_identity_del(node->h, WEB));
	two.n_ports = 1;
	two.ports[0] = two.ports[1];
	MUST(node->h, hotid_identity_guard(node->h, WEB, &two));
	link_delete(node->ns, "d1");
	MUST(node->h, hotid_identity_del(node->h, WEB));
	/* The fixture's end takes the namespace along, with a guard in it. */
	link_dummy(node->ns, "d2");
	two.ports[0].ifindex = link_index(node->ns, "d2");
	MUST(node->h, hotid_identity_guard(node->h, WEB, &two));
}

TEST_HARNESS_MAIN

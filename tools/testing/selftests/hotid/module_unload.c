// SPDX-License-Identifier: GPL-2.0
/*
 * The module comes and goes while everything else goes on, a hundred times;
 * and so do namespaces. Nothing is left of either.
 *
 *   ┌──────────────┐                        ┌──────────────┐
 *   │ sender       │ s0 ──────────────── o0 │ observer     │     ┌──────┐
 *   │ holds web    │                        │ armed for it │     │ idle │ x 8
 *   │              │ s1 ──────────────── o1 │              │     └──────┘
 *   └──────────────┘                        └──────────────┘
 *
 * All the time somebody floods the beat port, somebody reads all lists, and
 * somebody listens to events.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>

#include "lib/capture.h"
#include "lib/census.h"
#include "lib/clock.h"
#include "lib/harness.h"
#include "lib/identities.h"
#include "lib/net.h"
#include "lib/packet.h"
#include "lib/pair.h"
#include "lib/probe.h"

#define ROUNDS		100
#define WARM_UP		5
#define NAMESPACES	40
#define RARE		10	/* what is not done in each round is done in each fifth */
#define IDLE		8
#define LIVING		(1 + 2 + IDLE)	/* namespaces: the first, the pair's, the idle ones */
#define WEB		"web"

/*
 * Seconds. The framework wants a limit and would take 30; the one of the whole
 * program, see settings, is what ends a hang. It judges nothing.
 */
#define LIMIT		1800

#define THIS		struct __test_metadata *_metadata

static void flood(const struct pair *pair)
{
	int udp = udp_open(pair->sender, OBSERVER, HOTID_DEFAULT_PORT);
	uint8_t bytes[PACKET_MAX];
	unsigned int seed = 5, i;

	for (;;) {
		for (i = 0; i < sizeof(bytes); i++)
			bytes[i] = rand_r(&seed);
		udp_send(udp, bytes, rand_r(&seed) % sizeof(bytes));
		sleep_ns(MS);
	}
}

static int ignore_peer(const struct hotid_peer *peer, void *data)
{
	return 0;
}

static int ignore_identity(const struct hotid_identity *identity, void *data)
{
	return 0;
}

/* Whatever is read may be gone in the middle of it. */
static void read_lists(const struct pair *pair)
{
	ns_enter(pair->observer);
	for (;;) {
		struct hotid_node node;
		struct hotid *h;

		if (hotid_open(&h)) {
			sleep_ns(MS);
			continue;
		}
		if (!hotid_node_get(h, &node))
			hotid_node_clear(&node);
		hotid_peer_dump(h, ignore_peer, NULL);
		hotid_identity_dump(h, ignore_identity, NULL);
		hotid_history_dump(h, ignore_identity, NULL);
		hotid_close(h);
		sleep_ns(MS);
	}
}

static void ignore_event(const struct hotid_event *event, void *data)
{
}

static void listen_to_events(const struct pair *pair)
{
	ns_enter(pair->observer);
	for (;;) {
		struct pollfd readable = { .events = POLLIN };
		struct hotid *h;
		int i;

		if (hotid_open(&h)) {
			sleep_ns(MS);
			continue;
		}
		if (!hotid_subscribe(h, ignore_event, NULL)) {
			readable.fd = hotid_event_fd(h);
			for (i = 0; i < 20 && poll(&readable, 1, 10) >= 0; i++)
				hotid_dispatch(h);
		}
		hotid_close(h);
	}
}

static pid_t begin(void (*work)(const struct pair *pair), const struct pair *pair)
{
	pid_t child = fork();

	if (child < 0)
		err(1, "fork");
	if (!child)
		work(pair);
	return child;
}

static void end(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* It does not while something of an identity is on a node. */
static bool unload_refused(void)
{
	return syscall(SYS_delete_module, "hotid", O_NONBLOCK) < 0 &&
	       (errno == EAGAIN || errno == EBUSY);
}

static void introduce(const struct node *node, const struct node *other, const char *first,
		      const char *second)
{
	struct hotid_peer peer = peer_with(other->id, WATCH | TELL);

	/* A beat each millisecond is for the load; nobody shall fall for being late. */
	peer.multiplier = HOTID_MULTIPLIER_MAX;
	peer_path(&peer, first);
	peer_path(&peer, second);
	peer_set(node, &peer);
	/* From within, so that last words are prepared. */
	ns_enter(node->ns);
	MUST(node->h, hotid_keepalive(node->h, HOTID_HEALTH_USERSPACE));
	ns_home();
}

/* What comes and goes while a node lives. */
static void come_and_go(const struct node *node)
{
	struct hotid_node other_port = { .port = HOTID_DEFAULT_PORT + 1 };
	struct hotid_node port = { .port = HOTID_DEFAULT_PORT };
	static const uint8_t key[HOTID_KEY_LEN] = "the second key";
	uint8_t id[HOTID_ID_LEN];

	node_id(77, id);
	peer_add(node, id, WATCH | TELL, SENDER);
	MUST(node->h, hotid_peer_del(node->h, id));
	identity_bring(node, "short-lived", 0, FAILED, 1);
	MUST(node->h, hotid_identity_del(node->h, "short-lived"));
	MUST(node->h, hotid_node_add_key(node->h, 2, key));
	MUST(node->h, hotid_node_drop_key(node->h, 2));
	MUST(node->h, hotid_node_set(node->h, &other_port, HOTID_SET_PORT));
	MUST(node->h, hotid_node_set(node->h, &port, HOTID_SET_PORT));
}

/* Hung is alive: keepalives come rarely here. */
static bool lives(const struct node *node, const struct node *peer)
{
	uint32_t state = peer_state(node, peer->id);

	return state == HOTID_PEER_STATE_UP || state == HOTID_PEER_STATE_HUNG;
}

/* One life of the module, ended while all of it is in use. */
static void round_trip(THIS, const struct pair *pair, int round)
{
	struct node sender, observer;
	struct probe probe = {};

	module_load();
	node_start(&sender, pair->sender, 1, 1000);
	node_start(&observer, pair->observer, 2, 1000);
	if (round % 5 == 4)
		probe_start(&probe, &observer, "o0", round % 2 ? HOTID_PROBE_MODE_NATIVE :
								 HOTID_PROBE_MODE_GENERIC);
	introduce(&sender, &observer, OBSERVER, OBSERVER_TWO);
	introduce(&observer, &sender, SENDER, SENDER_TWO);
	/* Not by itself: on a starved host the sender may be silent for too long. */
	identity_bring(&observer, WEB, 0, ARMED, 0);
	identity_bring(&sender, WEB, 0, TAKING, 0);
	EXPECT_TRUE(WAIT_FOR(lives(&observer, &sender) && lives(&sender, &observer),
			     10 * SECOND)) {
		TH_LOG("round %d", round);
	}
	come_and_go(&observer);
	/* Once more, now that the neighbours are known. */
	introduce(&sender, &observer, OBSERVER, OBSERVER_TWO);
	EXPECT_TRUE(unload_refused());
	MUST(observer.h, hotid_identity_disarm(observer.h, WEB));
	identity_done(&observer, WEB);
	EXPECT_TRUE(unload_refused());
	MUST(sender.h, hotid_identity_report(sender.h, WEB, TAKING, 1, EIO, true, ""));
	ASSERT_TRUE(module_unload()) {
		TH_LOG("round %d: %s", round, strerror(errno));
	}
	hotid_close(sender.h);
	hotid_close(observer.h);
	if (probe.skeleton)
		probe_unload(&probe);
}

/* Nothing is left that has to do with the module, which is gone. */
static void expect_nothing_left(THIS, const struct census *before, const struct census *after,
				long rounds)
{
	const struct holding *holding;
	size_t from = 0;

	while ((holding = census_orphan(after, &from))) {
		EXPECT_EQ(0, holding->count) {
			TH_LOG("%ld of %s, asked for at %s, are left of a module that is gone",
			       holding->count, holding->cache, holding->caller);
		}
	}
	EXPECT_EQ(0, after->orphans);
	from = 0;
	while ((holding = census_grown(before, after, rounds / RARE, &from))) {
		EXPECT_EQ(NULL, holding) {
			TH_LOG("%s: %s has %ld now", holding->cache, holding->caller,
			       holding->count);
		}
	}
	EXPECT_EQ(before->maps, after->maps);
	EXPECT_EQ(before->programs, after->programs);
	/*
	 * The kernel tells of memory per CPU in pages only. Fifty bytes for each
	 * namespace and round would be more than this.
	 */
	EXPECT_LT(after->percpu_kb - before->percpu_kb, 48);
}

static bool has_orphans(const struct census *census)
{
	size_t from = 0;

	return census_orphan(census, &from);
}

static bool has_grown(const struct census *before, const struct census *after, long rounds)
{
	size_t from = 0;

	return census_grown(before, after, rounds / RARE, &from);
}

/*
 * Programs and maps are freed after grace periods, and what kfree_rcu() frees
 * is freed in batches, seconds later.
 */
static void settle(const struct census *before, struct census *after, long rounds)
{
	WAIT_FOR((census_take(after), after->maps <= before->maps &&
		  after->programs <= before->programs && !has_orphans(after) &&
		  !has_grown(before, after, rounds)), 30 * SECOND);
}

FIXTURE(module) {
	struct pair pair;
	int idle[IDLE];
	struct census *before, *after;
};

FIXTURE_SETUP(module)
{
	int i;

	/* Without cables, of which the kernel keeps a route for each CPU that used it. */
	self->pair.observer = ns_new();
	self->pair.sender = ns_new();
	for (i = 0; i < IDLE; i++)
		self->idle[i] = ns_new();
	self->before = malloc(sizeof(*self->before));
	self->after = malloc(sizeof(*self->after));
}

FIXTURE_TEARDOWN(module)
{
	module_load();
}

TEST_F_TIMEOUT(module, loaded_and_unloaded, LIMIT)
{
	pid_t others[3];
	int round, i;

	pair_plug(&self->pair);
	others[0] = begin(flood, &self->pair);
	others[1] = begin(read_lists, &self->pair);
	others[2] = begin(listen_to_events, &self->pair);
	/* The first rounds fill caches that stay full. */
	for (round = 0; round < WARM_UP; round++)
		round_trip(_metadata, &self->pair, round);
	census_take(self->before);
	for (round = 0; round < ROUNDS; round++)
		round_trip(_metadata, &self->pair, round);
	for (i = 0; i < 3; i++)
		end(others[i]);
	settle(self->before, self->after, ROUNDS);
	expect_nothing_left(_metadata, self->before, self->after, ROUNDS);
}

/* Two nodes that know each other, and are gone as soon as they do. */
static void short_lives(THIS, int round)
{
	struct node sender, observer;
	struct probe probe = {};
	struct pair pair;

	pair_make(&pair);
	node_start(&sender, pair.sender, 1, 1000);
	node_start(&observer, pair.observer, 2, 1000);
	if (round % 5 == 4)
		probe_start(&probe, &observer, "o0", HOTID_PROBE_MODE_NATIVE);
	introduce(&sender, &observer, OBSERVER, OBSERVER_TWO);
	introduce(&observer, &sender, SENDER, SENDER_TWO);
	identity_bring(&sender, WEB, 0, TAKING, 0);
	/* Some die before they are known, some after. */
	if (round % 2) {
		EXPECT_TRUE(WAIT_FOR(lives(&observer, &sender), 10 * SECOND));
	}
	hotid_close(sender.h);
	hotid_close(observer.h);
	close(pair.sender);
	close(pair.observer);
	if (probe.skeleton)
		probe_unload(&probe);
}

static long namespaces(struct census *census)
{
	census_take(census);
	return census_of(census, "net_namespace");
}

/*
 * Wait until no more than @most namespaces are there. Newer kernels free those
 * that end together when the next ones do: so one more ends, alone, and is
 * then the only one that may be left.
 */
static bool namespaces_end(struct census *census, long most)
{
	int tries;

	for (tries = 0; tries < 60; tries++) {
		close(ns_new());
		if (WAIT_FOR(namespaces(census) <= most, 3 * SECOND))
			return true;
	}
	return false;
}

TEST_F_TIMEOUT(module, namespaces_come_and_go, LIMIT)
{
	int round;

	module_load();
	for (round = 0; round < WARM_UP; round++)
		short_lives(_metadata, round);
	ASSERT_TRUE(namespaces_end(self->before, LIVING + 1));
	/* The last one goes at once, or not at all. */
	WAIT_FOR(namespaces(self->before) <= LIVING, 5 * SECOND);
	for (round = 0; round < NAMESPACES; round++)
		short_lives(_metadata, round);
	EXPECT_TRUE(namespaces_end(self->after, census_of(self->before, "net_namespace")));
	/* With it gone, whatever it still had is nobody's. */
	ASSERT_TRUE(module_unload());
	settle(self->before, self->after, NAMESPACES);
	expect_nothing_left(_metadata, self->before, self->after, NAMESPACES);
}

/* What holds the module, and what lets go of it: no more, no less, in every state. */
TEST_F(module, in_use)
{
	struct node node;
	struct hotid *h;

	module_load();
	node_start(&node, self->pair.observer, 2, 1000);
	h = node.h;
	identity_bring(&node, WEB, 0, ARMING, 0);
	EXPECT_TRUE(unload_refused());
	identity_done(&node, WEB);
	EXPECT_TRUE(unload_refused());
	node_daemon_lives(&node);
	MUST(h, hotid_identity_takeover(h, WEB, 0));
	EXPECT_TRUE(unload_refused());
	identity_done(&node, WEB);
	EXPECT_TRUE(unload_refused());
	MUST(h, hotid_identity_release(h, WEB, 0));
	EXPECT_TRUE(unload_refused());
	/* Failed, and something is left. */
	MUST(h, hotid_identity_report(h, WEB, RELEASING, 1, EIO, false, ""));
	EXPECT_TRUE(unload_refused());
	MUST(h, hotid_identity_disarm(h, WEB));
	EXPECT_TRUE(unload_refused());
	MUST(h, hotid_identity_report(h, WEB, RELEASING, 1, EIO, true, ""));
	/* Failed and clean: nothing is. A refused command changes nothing of that. */
	EXPECT_EQ(-ENOTCONN, hotid_identity_release(h, WEB, 0));
	MUST(h, hotid_identity_disarm(h, WEB));
	EXPECT_TRUE(unload_refused());
	identity_done(&node, WEB);
	EXPECT_EQ(-EALREADY, hotid_identity_disarm(h, WEB));
	ASSERT_TRUE(module_unload());
	hotid_close(h);
	/* The end of a namespace is that of a node: it holds nothing any more. */
	module_load();
	node.ns = ns_new();
	node_start(&node, node.ns, 3, 1000);
	identity_bring(&node, WEB, 0, HELD, 0);
	EXPECT_TRUE(unload_refused());
	hotid_close(node.h);
	close(node.ns);
	ASSERT_TRUE(module_unload());
}

/* Nobody who was told of it stays behind: the family, the sockets, the ports. */
TEST_F(module, gone_when_unloaded)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	struct node node;
	struct hotid *h;
	int udp;

	module_load();
	node_start(&node, self->pair.observer, 2, 1000);
	hotid_close(node.h);
	address.sin_port = htons(HOTID_DEFAULT_PORT);
	ns_enter(self->pair.observer);
	udp = socket(AF_INET, SOCK_DGRAM, 0);
	EXPECT_EQ(-1, bind(udp, (struct sockaddr *)&address, sizeof(address)));
	ASSERT_TRUE(module_unload());
	EXPECT_EQ(0, bind(udp, (struct sockaddr *)&address, sizeof(address)));
	EXPECT_EQ(HOTID_ERR_NO_MODULE, hotid_open(&h));
	ns_home();
	close(udp);
	/* Another life is another incarnation. */
	module_load();
	node.h = node_connect(self->pair.observer);
	EXPECT_FALSE(node_read(&node).key_set);
	EXPECT_EQ(0, node_read(&node).port);
	hotid_close(node.h);
}

TEST_HARNESS_MAIN

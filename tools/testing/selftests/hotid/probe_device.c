// SPDX-License-Identifier: GPL-2.0
/*
 * The probe on a device, beside everything else that goes on there.
 *
 *   ┌──────────────┐                        ┌──────────────┐
 *   │ sender       │ s0 ──────────────── o0 │ observer     │
 *   │ a node       │                        │ watches it;  │
 *   │              │ s1 ──────────────── o1 │ probe on o0  │
 *   └──────────────┘                        └──────────────┘
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>

#include "lib/clock.h"
#include "lib/harness.h"
#include "lib/listener.h"
#include "lib/net.h"
#include "lib/node.h"
#include "lib/pair.h"
#include "lib/probe.h"

#define INTERVAL	(100 * MS)
#define BULK		(1 << 20)

FIXTURE(probe) {
	struct pair pair;
	struct node sender, observer;
	struct probe probe;
	struct listener events;
};

FIXTURE_VARIANT(probe) {
	uint32_t mode;
};

FIXTURE_VARIANT_ADD(probe, native) { HOTID_PROBE_MODE_NATIVE };
FIXTURE_VARIANT_ADD(probe, generic) { HOTID_PROBE_MODE_GENERIC };

FIXTURE_SETUP(probe)
{
	pair_make(&self->pair);
	node_start(&self->sender, self->pair.sender, 1, INTERVAL / US);
	node_start(&self->observer, self->pair.observer, 2, INTERVAL / US);
	listener_open(&self->events, self->pair.observer);
	peer_add(&self->observer, self->sender.id, WATCH, SENDER);
	peer_add(&self->sender, self->observer.id, TELL, OBSERVER);
	ASSERT_NE(NULL, listener_next(&self->events, 5 * SECOND));
	probe_start(&self->probe, &self->observer, "o0", variant->mode);
}

FIXTURE_TEARDOWN(probe)
{
	if (self->probe.skeleton)
		probe_unload(&self->probe);
	hotid_close(self->sender.h);
	hotid_close(self->observer.h);
}

#define THIS	struct __test_metadata *_metadata, struct _test_data_probe *self

/* Accepted beats: by the probe itself, and in all as the module tells. */
static uint64_t by_probe(struct _test_data_probe *self)
{
	return probe_count(&self->probe, 0);
}

static uint64_t in_all(struct _test_data_probe *self)
{
	return node_read(&self->observer).counters.accepted;
}

static void expect_quiet(THIS, uint64_t for_ns)
{
	const struct note *note = listener_next(&self->events, for_ns);

	EXPECT_EQ(NULL, note) {
		TH_LOG("state %s, about %s", hotid_peer_state_name(note->peer.state),
		       hotid_reason_name(note->peer.event));
	}
}

/* Detection works, whichever way the beats come. */
static void expect_watchful(THIS)
{
	const struct note *note;

	ns_lose(self->pair.sender, OBSERVER, true);
	note = listener_next(&self->events, 5 * SECOND);
	ASSERT_NE(NULL, note);
	EXPECT_EQ(HOTID_PEER_STATE_DOWN, note->peer.state);
	EXPECT_EQ(HOTID_REASON_PEER_SILENT, note->peer.event);
	EXPECT_GE(note->peer.changed_ns - peer_last_ns(&note->peer), 3 * INTERVAL);
	ns_lose(self->pair.sender, OBSERVER, false);
	note = listener_next(&self->events, 5 * SECOND);
	ASSERT_NE(NULL, note);
	EXPECT_EQ(HOTID_PEER_STATE_UP, note->peer.state);
}

TEST_F(probe, takes_the_beats)
{
	uint64_t before = by_probe(self), all = in_all(self);
	struct hotid_node node;

	EXPECT_TRUE(WAIT_FOR(by_probe(self) >= before + 5, 5 * SECOND));
	EXPECT_GE(in_all(self), all + 5);
	expect_quiet(_metadata, self, 5 * INTERVAL);
	MUST(self->observer.h, hotid_node_get(self->observer.h, &node));
	EXPECT_EQ(1, node.n_probes);
	EXPECT_EQ(link_index(self->pair.observer, "o0"), node.probes[0].ifindex);
	EXPECT_EQ(variant->mode, node.probes[0].mode);
	hotid_node_clear(&node);
	expect_watchful(_metadata, self);
}

/* The exit code of a command in a namespace. */
static int run_in(int ns, const char *const *argv)
{
	pid_t child = fork();
	int status;

	if (!child) {
		ns_enter(ns);
		freopen("/dev/null", "w", stdout);
		execv(argv[0], (char **)argv);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		err(1, "%s", argv[0]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static const char *const ping4[] = { "/usr/bin/ping", "-c3", "-i0.1", "-W2", "-s1000", OBSERVER, NULL };
static const char *const ping6[] = { "/usr/bin/ping", "-c3", "-i0.1", "-W2", "fd01::1", NULL };

/* Send BULK bytes by TCP from the sender to the observer; how many came. */
static size_t tcp_bulk(struct _test_data_probe *self)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(5001) };
	static uint8_t bytes[65536];
	int listener, connection;
	ssize_t length;
	size_t got = 0, i;
	pid_t child;

	ns_enter(self->pair.observer);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	ns_home();
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 1))
		err(1, "listen");
	child = fork();
	if (!child) {
		inet_pton(AF_INET, OBSERVER, &address.sin_addr);
		ns_enter(self->pair.sender);
		connection = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(connection, (struct sockaddr *)&address, sizeof(address)))
			err(1, "connect");
		for (i = 0; i < BULK; i += sizeof(bytes)) {
			memset(bytes, i >> 16, sizeof(bytes));
			if (write(connection, bytes, sizeof(bytes)) != sizeof(bytes))
				err(1, "write");
		}
		_exit(0);
	}
	connection = accept(listener, NULL, NULL);
	while ((length = read(connection, bytes, sizeof(bytes))) > 0) {
		for (i = 0; i < (size_t)length; i++)
			if (bytes[i] != (uint8_t)((got + i) >> 16))
				errx(1, "a wrong byte at %zu", got + i);
		got += length;
	}
	close(connection);
	close(listener);
	waitpid(child, NULL, 0);
	return got;
}

/* Datagrams to the ports beside ours. */
static void udp_beside(THIS)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	int port, receiver, sender;
	char text[8];

	for (port = HOTID_DEFAULT_PORT - 1; port <= HOTID_DEFAULT_PORT + 1; port += 2) {
		struct timeval limit = { .tv_sec = 2 };

		address.sin_port = htons(port);
		address.sin_addr.s_addr = INADDR_ANY;
		ns_enter(self->pair.observer);
		receiver = socket(AF_INET, SOCK_DGRAM, 0);
		ns_enter(self->pair.sender);
		sender = socket(AF_INET, SOCK_DGRAM, 0);
		ns_home();
		setsockopt(receiver, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
		ASSERT_EQ(0, bind(receiver, (struct sockaddr *)&address, sizeof(address)));
		inet_pton(AF_INET, OBSERVER, &address.sin_addr);
		ASSERT_EQ(5, sendto(sender, "hello", 5, 0, (struct sockaddr *)&address,
				    sizeof(address)));
		EXPECT_EQ(5, recv(receiver, text, sizeof(text), 0));
		close(receiver);
		close(sender);
	}
}

/* Programs are read from the disk, while virtual time leaps. */
TEST_F(probe, ordinary_traffic_goes_on)
{
	EXPECT_EQ(0, run_in(self->pair.sender, ping4));
	EXPECT_EQ(0, run_in(self->pair.sender, ping6));
	EXPECT_EQ(BULK, tcp_bulk(self));
	udp_beside(_metadata, self);
	expect_quiet(_metadata, self, 5 * INTERVAL);
	EXPECT_EQ(HOTID_PEER_STATE_UP, peer_state(&self->observer, self->sender.id));
}

/* The program leaves the device while beats come; the module does its work. */
TEST_F(probe, detached_and_attached_again)
{
	uint64_t all, probes;
	int round;

	for (round = 0; round < 3; round++) {
		probe_detach(&self->probe);
		probes = by_probe(self);
		all = in_all(self);
		EXPECT_TRUE(WAIT_FOR(in_all(self) >= all + 5, 5 * SECOND));
		EXPECT_EQ(probes, by_probe(self));
		expect_quiet(_metadata, self, 1 * MS);
		expect_watchful(_metadata, self);

		probe_attach(&self->probe, self->pair.observer, "o0", variant->mode);
		EXPECT_TRUE(WAIT_FOR(by_probe(self) >= probes + 5, 5 * SECOND));
		expect_quiet(_metadata, self, 1 * MS);
	}
	EXPECT_EQ(0, run_in(self->pair.sender, ping4));
}

/* The slots move back and forth, with all that is known in them. */
TEST_F(probe, maps_given_and_taken)
{
	uint32_t index = link_index(self->pair.observer, "o0");
	struct hotid_peer before, after;
	uint64_t counted = 0;
	int round;

	for (round = 0; round < 20; round++) {
		before = peer_read(&self->observer, self->sender.id);
		MUST(self->observer.h, hotid_probe_del(self->observer.h, round & 1 ? index : 0));
		after = peer_read(&self->observer, self->sender.id);
		EXPECT_EQ(before.boot_id, after.boot_id);
		EXPECT_LE(before.paths[0].seq, after.paths[0].seq);
		EXPECT_LE(before.paths[0].last_ns, after.paths[0].last_ns);
		EXPECT_EQ(0, node_read(&self->observer).n_probes);
		EXPECT_LE(counted, in_all(self));
		counted = in_all(self);
		MUST(self->observer.h, hotid_probe_set(self->observer.h, self->probe.slots,
						       self->probe.counters, index,
						       variant->mode));
		after = peer_read(&self->observer, self->sender.id);
		EXPECT_EQ(before.boot_id, after.boot_id);
		EXPECT_LE(before.paths[0].seq, after.paths[0].seq);
		/* Nothing is counted twice, and what was counted stays. */
		EXPECT_LE(counted, in_all(self));
		counted = in_all(self);
		EXPECT_LE(counted, node_read(&self->sender).beats_sent);
	}
	expect_quiet(_metadata, self, 5 * INTERVAL);
	EXPECT_EQ(0, peer_read(&self->observer, self->sender.id).downs);
	expect_watchful(_metadata, self);
}

/* A probe whose maps the module does not read is no obstacle. */
TEST_F(probe, attached_without_its_maps)
{
	uint64_t probes, all = in_all(self);

	MUST(self->observer.h, hotid_probe_del(self->observer.h, 0));
	probes = by_probe(self);
	EXPECT_TRUE(WAIT_FOR(in_all(self) >= all + 5, 5 * SECOND));
	EXPECT_EQ(probes, by_probe(self));
	expect_quiet(_metadata, self, 5 * INTERVAL);
	expect_watchful(_metadata, self);
}

/* As when a daemon of a newer version starts. */
TEST_F(probe, replaced_by_another)
{
	struct probe old = self->probe;
	int round;

	for (round = 0; round < 3; round++) {
		struct probe new = {};

		probe_detach(&old);
		probe_start(&new, &self->observer, "o0", variant->mode);
		probe_unload(&old);
		old = new;
		EXPECT_TRUE(WAIT_FOR(probe_count(&new, 0) >= 5, 5 * SECOND));
	}
	self->probe = old;
	expect_quiet(_metadata, self, 1 * MS);
	expect_watchful(_metadata, self);
}

TEST_F(probe, device_goes_away)
{
	const struct note *note;

	pair_unplug(&self->pair);
	note = listener_next(&self->events, 5 * SECOND);
	ASSERT_NE(NULL, note);
	EXPECT_EQ(HOTID_PEER_STATE_DOWN, note->peer.state);
	pair_plug(&self->pair);
	/* A path whose network has come back is tried again by a keepalive. */
	MUST(self->sender.h, hotid_keepalive(self->sender.h, 0));
	note = listener_next(&self->events, 5 * SECOND);
	ASSERT_NE(NULL, note);
	EXPECT_EQ(HOTID_PEER_STATE_UP, note->peer.state);
}

TEST_F(probe, two_devices)
{
	struct hotid_peer to = peer_with(self->observer.id, TELL);
	const struct note *note;

	probe_start(&self->probe, &self->observer, "o1", variant->mode);
	EXPECT_EQ(2, node_read(&self->observer).n_probes);
	peer_path(&to, OBSERVER);
	peer_path(&to, OBSERVER_TWO);
	peer_set(&self->sender, &to);
	note = listener_next(&self->events, 5 * SECOND);
	ASSERT_NE(NULL, note);
	EXPECT_EQ(HOTID_REASON_PATH_BEAT, note->peer.event);
	/* The last probe that goes takes the maps with it, no sooner. */
	MUST(self->observer.h, hotid_probe_del(self->observer.h,
					       link_index(self->pair.observer, "o1")));
	EXPECT_EQ(1, node_read(&self->observer).n_probes);
	expect_quiet(_metadata, self, 5 * INTERVAL);
}

/* Ids that all want the same place: eight have one near it, the ninth has none. */
TEST_F(probe, no_slot_left)
{
	struct hotid_peer peer = peer_with(self->sender.id, WATCH);
	int i, error = 0;

	peer_path(&peer, "10.1.0.99");
	for (i = 0; i < 8 && !error; i++) {
		peer.id[0] = 0x10 + i;
		error = hotid_peer_new(self->observer.h, &peer);
		EXPECT_EQ(i < 7 ? 0 : -ENOSPC, error);
	}
	EXPECT_NE(NULL, strstr(hotid_strerror(self->observer.h, error), "slot"));
	/* Other places are free. */
	peer.id[8] ^= 0x40;
	MUST(self->observer.h, hotid_peer_new(self->observer.h, &peer));
	/* The module's own table grows instead. */
	MUST(self->observer.h, hotid_probe_del(self->observer.h, 0));
	peer.id[8] ^= 0x40;
	for (i = 7; i < 40; i++) {
		peer.id[0] = 0x10 + i;
		peer.id[9] = i;		/* so that a larger table tells them apart */
		MUST(self->observer.h, hotid_peer_new(self->observer.h, &peer));
	}
	expect_quiet(_metadata, self, 5 * INTERVAL);
	expect_watchful(_metadata, self);
}

/* More peers than the map has slots for: refused, and all goes on as before. */
TEST_F(probe, too_small_for_all_peers)
{
	struct hotid_peer peer = peer_with(self->sender.id, WATCH);
	int i;

	MUST(self->observer.h, hotid_probe_del(self->observer.h, 0));
	peer_path(&peer, "10.1.0.99");
	for (i = 0; i < 20; i++) {
		peer.id[0] = 0x10 + i;
		peer.id[9] = i;
		MUST(self->observer.h, hotid_peer_new(self->observer.h, &peer));
	}
	EXPECT_EQ(-ENOSPC, hotid_probe_set(self->observer.h, self->probe.slots,
					   self->probe.counters,
					   link_index(self->pair.observer, "o0"), variant->mode));
	EXPECT_EQ(0, node_read(&self->observer).n_probes);
	/* It is attached still, and knows nobody. */
	expect_quiet(_metadata, self, 5 * INTERVAL);
	expect_watchful(_metadata, self);
}

TEST_HARNESS_MAIN

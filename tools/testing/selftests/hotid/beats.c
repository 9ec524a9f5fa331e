// SPDX-License-Identifier: GPL-2.0
/*
 * The beats of a node as they are on the wire, and its claims and gasps, checked
 * against the drawing in wire.h by code of its own. Runs in virtual time. The
 * fixture is drawn in lib/beats_fixture.h.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>

#include "lib/beats_fixture.h"
#include "lib/net.h"
#include "lib/raw.h"

#define IDENTITY "web"

TEST_F(beats, every_field)
{
	struct hotid_node node = node_read(&self->sender);
	struct datagram datagram;
	struct packet packet;
	struct frame frame;
	uint64_t seq = 0;
	int i;

	tell_observer(&self->sender, OBSERVER);
	for (i = 0; i < 10; i++) {
		packet = next_packet(_metadata, self->captures[0], &frame, &datagram, SECOND);
		EXPECT_EQ(0x4869, packet.magic);
		EXPECT_EQ(WIRE_VERSION, packet.version);
		EXPECT_EQ(BEAT, packet.type);
		EXPECT_EQ(10000, packet.interval_us);
		EXPECT_EQ(0, memcmp(packet.node_id, self->sender.id, HOTID_ID_LEN));
		EXPECT_EQ(node.boot_id, packet.boot_id);
		if (i) {
			EXPECT_EQ(seq + 1, packet.seq);
		}
		seq = packet.seq;
		EXPECT_EQ(0, packet.health);
		EXPECT_EQ(0, packet.path);
		EXPECT_EQ(0, packet.reason);
		EXPECT_EQ(1, packet.key_generation);
		EXPECT_EQ(BEAT_SIZE, datagram.length);
		EXPECT_EQ(4, datagram.version);
		EXPECT_EQ(0xc0, datagram.class);
		EXPECT_EQ(inet_addr(SENDER), *(in_addr_t *)datagram.from);
		EXPECT_EQ(inet_addr(OBSERVER), *(in_addr_t *)datagram.to);
	}
	EXPECT_EQ(0, node_read(&self->sender).send_errors);
}

FIXTURE(family) {
	struct pair pair;
	struct node sender;
	int capture;
	uint8_t from[16], to[16];
};

FIXTURE_VARIANT(family) {
	const char *from, *to;		/* NULL for link-local addresses */
};

FIXTURE_VARIANT_ADD(family, ipv4) { SENDER, OBSERVER };
FIXTURE_VARIANT_ADD(family, ipv6) { "fd01::2", "fd01::1" };
FIXTURE_VARIANT_ADD(family, link_local) { NULL, NULL };

FIXTURE_SETUP(family)
{
	int family = variant->to && strchr(variant->to, '.') ? AF_INET : AF_INET6;

	node_id(2, observer_id);
	pair_make(&self->pair);
	self->capture = capture_open(self->pair.observer, "o0");
	node_start(&self->sender, self->pair.sender, 1, 10000);
	if (variant->to) {
		inet_pton(family, variant->from, self->from);
		inet_pton(family, variant->to, self->to);
	} else {
		link_local_address(self->pair.sender, "s0", self->from);
		link_local_address(self->pair.observer, "o0", self->to);
	}
}

FIXTURE_TEARDOWN(family)
{
	hotid_close(self->sender.h);
}

TEST_F(family, addresses)
{
	struct hotid_peer peer = peer_with(observer_id, TELL);
	bool four = variant->to && strchr(variant->to, '.');
	struct datagram datagram;
	struct frame frame;
	int i;

	peer_path_raw(&peer, self->to, four ? 4 : 16,
		      variant->to ? 0 : link_index(self->pair.sender, "s0"));
	peer_set(&self->sender, &peer);
	for (i = 0; i < 5; i++) {
		next_packet(_metadata, self->capture, &frame, &datagram, SECOND);
		EXPECT_EQ(four ? 4 : 6, datagram.version);
		EXPECT_EQ(0, memcmp(self->from, datagram.from, 16));
		EXPECT_EQ(0, memcmp(self->to, datagram.to, 16));
	}
}

TEST_F(family, port_and_own_address)
{
	struct hotid_peer peer = peer_with(observer_id, TELL);
	bool four = variant->to && strchr(variant->to, '.');
	struct datagram datagram;
	struct frame frame;
	uint8_t other[16] = {};

	link_address(self->pair.sender, "s0", four ? "10.1.0.77/24" : "fd01::77/64");
	inet_pton(four ? AF_INET : AF_INET6, four ? "10.1.0.77" : "fd01::77", other);
	peer_path_raw(&peer, self->to, four ? 4 : 16, link_index(self->pair.sender, "s0"));
	peer.paths[0].port = 9999;
	memcpy(peer.paths[0].local, other, 16);
	peer.paths[0].local_len = four ? 4 : 16;
	peer_set(&self->sender, &peer);
	ASSERT_TRUE(capture_datagram(self->capture, 9999, &frame, &datagram, SECOND));
	EXPECT_EQ(0, memcmp(other, datagram.from, 16));
}

TEST_F(beats, a_change_is_told_at_once)
{
	struct hotid_node wanted = { .interval_us = 10000000 };
	struct datagram datagram;
	struct packet packet;
	struct frame frame;

	MUST(self->sender.h, hotid_node_set(self->sender.h, &wanted, HOTID_SET_INTERVAL));
	tell_observer(&self->sender, OBSERVER);
	next_packet(_metadata, self->captures[0], &frame, &datagram, SECOND);
	wanted.interval_us = 9000000;
	MUST(self->sender.h, hotid_node_set(self->sender.h, &wanted, HOTID_SET_INTERVAL));
	packet = next_packet(_metadata, self->captures[0], &frame, &datagram, SECOND);
	EXPECT_EQ(9000000, packet.interval_us);
}

TEST_F(beats, only_to_those_who_are_told)
{
	struct hotid_peer peer = peer_with(observer_id, WATCH);
	struct datagram datagram;
	struct frame frame;

	peer_path(&peer, OBSERVER);
	peer_set(&self->sender, &peer);
	EXPECT_TRUE(silent(self->captures[0], 100 * MS));
	peer.flags = WATCH | TELL;
	peer_set(&self->sender, &peer);
	next_packet(_metadata, self->captures[0], &frame, &datagram, SECOND);
	peer.flags = 0;
	peer_set(&self->sender, &peer);
	flush(self->captures[0]);
	EXPECT_TRUE(silent(self->captures[0], 100 * MS));
	peer.flags = TELL;
	peer_set(&self->sender, &peer);
	next_packet(_metadata, self->captures[0], &frame, &datagram, SECOND);
	MUST(self->sender.h, hotid_peer_del(self->sender.h, observer_id));
	flush(self->captures[0]);
	EXPECT_TRUE(silent(self->captures[0], 100 * MS));
}

/* A node that cannot sign, or has no name to sign with, says nothing. */
TEST_F(beats, only_with_id_and_key)
{
	struct pair pair;
	struct node bare;
	struct hotid_node wanted = { .port = HOTID_DEFAULT_PORT };
	struct datagram datagram;
	struct frame frame;
	int capture;

	pair_make(&pair);
	capture = capture_open(pair.observer, "o0");
	bare.ns = pair.sender;
	bare.h = node_connect(bare.ns);
	MUST(bare.h, hotid_node_set(bare.h, &wanted, HOTID_SET_PORT));
	peer_add(&bare, observer_id, TELL, OBSERVER);
	EXPECT_TRUE(silent(capture, 50 * MS));
	MUST(bare.h, hotid_node_set_key(bare.h, cluster_key));
	EXPECT_TRUE(silent(capture, 50 * MS));
	node_id(1, wanted.id);
	MUST(bare.h, hotid_node_set(bare.h, &wanted, HOTID_SET_ID));
	next_packet(_metadata, capture, &frame, &datagram, SECOND);
}

TEST_F(beats, health)
{
	struct hotid_node wanted = { .user_limit_ms = 100 };
	struct datagram datagram;
	struct packet packet;
	struct frame frame;
	uint64_t sent, lapsed = 0;

	MUST(self->sender.h, hotid_node_set(self->sender.h, &wanted, HOTID_SET_USER_LIMIT));
	tell_observer(&self->sender, OBSERVER);
	MUST(self->sender.h, hotid_keepalive(self->sender.h, HOTID_HEALTH_AUDIT));
	sent = now_ns();
	do
		packet = next_packet(_metadata, self->captures[0], &frame, &datagram, SECOND);
	while (!packet.health && now_ns() < sent + SECOND);
	EXPECT_EQ(HOTID_HEALTH_USERSPACE | HOTID_HEALTH_AUDIT, packet.health);
	while (packet.health && now_ns() < sent + SECOND) {
		packet = next_packet(_metadata, self->captures[0], &frame, &datagram, SECOND);
		lapsed = now_ns() - sent;
	}
	EXPECT_EQ(0, packet.health);
	EXPECT_GE(lapsed, 100 * MS);
	EXPECT_LE(lapsed, 110 * MS + slack_ns());
}

static struct refusal set_number(struct node *node, uint16_t type, uint32_t value,
				 const uint8_t *key)
{
	char buffer[RAW_MAX] = {};
	struct refusal refusal;
	struct nlmsghdr *request;
	struct raw raw;

	raw_open(&raw, node->ns);
	request = raw_begin(&raw, buffer, HOTID_CMD_NODE_SET);
	mnl_attr_put_u32(request, type, value);
	if (key)
		mnl_attr_put(request, HOTID_A_NODE_KEY, HOTID_KEY_LEN, key);
	refusal = raw_ask(&raw, request);
	raw_close(&raw);
	return refusal;
}

/* A new key is signed with from the moment it is used, and not before. */
TEST_F(beats, key_generations)
{
	static const uint8_t key[HOTID_KEY_LEN] = "the second key..";
	struct datagram datagram;
	struct packet packet;
	struct frame frame;
	int i;

	tell_observer(&self->sender, OBSERVER);
	EXPECT_EQ(0, node_read(&self->sender).key_other);
	EXPECT_EQ(0, set_number(&self->sender, HOTID_A_NODE_KEY_GENERATION, 7, key).error);
	EXPECT_EQ(7, node_read(&self->sender).key_other);
	flush(self->captures[0]);
	packet = next_packet(_metadata, self->captures[0], &frame, &datagram, SECOND);
	EXPECT_EQ(1, packet.key_generation);
	EXPECT_EQ(0, set_number(&self->sender, HOTID_A_NODE_KEY_USE, 7, NULL).error);
	EXPECT_EQ(1, node_read(&self->sender).key_other);
	flush(self->captures[0]);
	for (i = 0; i < 3; i++) {
		ASSERT_TRUE(capture_datagram(self->captures[0], HOTID_DEFAULT_PORT, &frame,
					     &datagram, SECOND));
		ASSERT_TRUE(packet_read(datagram.payload, datagram.length, &packet));
		EXPECT_EQ(7, packet.key_generation);
		EXPECT_EQ(packet_mac(datagram.payload, datagram.length, key, self->sender.id),
			  packet.mac);
	}
	EXPECT_EQ(0, set_number(&self->sender, HOTID_A_NODE_KEY_DROP, 1, NULL).error);
	EXPECT_EQ(0, node_read(&self->sender).key_other);
}

/* A keepalive of the daemon, which is in the node's namespace, and what it made of path 0. */
static uint32_t gasp_state(const struct node *sender)
{
	ns_enter(sender->ns);
	MUST(sender->h, hotid_keepalive(sender->h, HOTID_HEALTH_USERSPACE));
	ns_home();
	return peer_read(sender, observer_id).paths[0].gasp;
}

/* Whether the kernel's log got a line with this text since it was opened. */
static bool logged(int kmsg, const char *text)
{
	char line[1024];
	ssize_t length;
	bool found = false;

	/* A record a read; -EPIPE when some were overwritten meanwhile. */
	while ((length = read(kmsg, line, sizeof(line) - 1)) > 0 || errno == EPIPE) {
		line[length > 0 ? length : 0] = '\0';
		found |= !!strstr(line, text);
	}
	return found;
}

/* For each path it is told whether a panic can be: what stands in the way, or nothing. */
TEST_F(beats, whether_a_panic_can_be_told)
{
	struct node *sender = &self->sender;
	struct hotid_peer quiet = peer_with(observer_id, 0);
	int kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	ASSERT_LE(0, kmsg);
	lseek(kmsg, 0, SEEK_END);
	tell_observer(sender, "10.3.0.1");
	EXPECT_EQ(HOTID_GASP_STATE_NONE, peer_read(sender, observer_id).paths[0].gasp);
	EXPECT_EQ(HOTID_GASP_STATE_NO_ROUTE, gasp_state(sender));
	link_dummy(sender->ns, "dummy");
	link_address(sender->ns, "dummy", "10.3.0.2/24");
	EXPECT_TRUE(WAIT_FOR(gasp_state(sender) == HOTID_GASP_STATE_READY, 5 * SECOND));
	link_set_up(sender->ns, "dummy", false);
	EXPECT_EQ(HOTID_GASP_STATE_NO_ROUTE, gasp_state(sender));

	/* New settings begin anew; here nobody answers, and then nobody is told. */
	tell_observer(sender, "10.1.0.77");
	EXPECT_EQ(HOTID_GASP_STATE_NONE, peer_read(sender, observer_id).paths[0].gasp);
	EXPECT_EQ(HOTID_GASP_STATE_NO_NEIGHBOUR, gasp_state(sender));
	peer_path(&quiet, "10.1.0.77");
	peer_set(sender, &quiet);
	EXPECT_EQ(HOTID_GASP_STATE_NONE, gasp_state(sender));

	/* The kernel gives no netpoll on the port of a bridge. The neighbour is known already. */
	tell_observer(sender, OBSERVER_TWO);
	flush(self->captures[1]);
	EXPECT_FALSE(silent(self->captures[1], SECOND));
	link_bridge(sender->ns, "bridge");
	link_enslave(sender->ns, "s1", "bridge");
	EXPECT_TRUE(WAIT_FOR(gasp_state(sender) == HOTID_GASP_STATE_NO_NETPOLL, 5 * SECOND));
	/* Each keepalive that finds RTNL free asks for it, so nothing must complain of it. */
	EXPECT_FALSE(logged(kmsg, "netpoll"));
	close(kmsg);
}

/* Claims: at once when an identity is taken, then four times a second, then no more. */
TEST_F(beats, claims)
{
	struct hotid *h = self->sender.h;
	struct datagram datagram;
	struct packet packet;
	struct frame frame;
	uint64_t taken, first = 0;
	int claims = 0, held = 0;

	tell_observer(&self->sender, OBSERVER);
	MUST(h, hotid_identity_new(h, IDENTITY, 0));
	MUST(h, hotid_identity_arm(h, IDENTITY));
	MUST(h, hotid_identity_report(h, IDENTITY, HOTID_IDENTITY_STATE_ARMING, 0, 0, true, ""));
	node_daemon_lives(&self->sender);
	sleep_ns(300 * MS);
	while (capture_datagram(self->captures[0], HOTID_DEFAULT_PORT, &frame, &datagram, 1)) {
		EXPECT_EQ(BEAT_SIZE, datagram.length);
	}
	MUST(h, hotid_identity_takeover(h, IDENTITY, 77));
	taken = now_ns();
	while (now_ns() < taken + 2 * SECOND) {
		packet = next_packet(_metadata, self->captures[0], &frame, &datagram, SECOND);
		if (packet.type == BEAT)
			continue;
		EXPECT_EQ(CLAIM, packet.type);
		EXPECT_EQ(CLAIM_SIZE, datagram.length);
		EXPECT_EQ(packet_identity(IDENTITY), packet.identity);
		EXPECT_EQ(77, packet.epoch);
		if (!claims++)
			first = now_ns();
		if (packet.reason == HOTID_IDENTITY_STATE_HELD) {
			held++;
		} else {
			EXPECT_EQ(HOTID_IDENTITY_STATE_TAKING, packet.reason);
			EXPECT_EQ(0, held);
		}
		if (claims == 3)
			MUST(h, hotid_identity_report(h, IDENTITY, HOTID_IDENTITY_STATE_TAKING,
						      77, 0, true, ""));
	}
	EXPECT_LE(first, taken + 10 * MS + slack_ns());
	EXPECT_GE(claims, 8);
	EXPECT_LE(claims, 10);
	EXPECT_GE(held, 5);
	MUST(h, hotid_identity_release(h, IDENTITY, 0));
	flush(self->captures[0]);
	taken = now_ns();
	while (now_ns() < taken + SECOND) {
		packet = next_packet(_metadata, self->captures[0], &frame, &datagram, SECOND);
		EXPECT_EQ(BEAT, packet.type);
	}
}

/* A namespace that ends says so, on each path, and then nothing. */
TEST_F(beats, gasps)
{
	struct hotid_peer peer = peer_with(observer_id, TELL);
	struct datagram datagram;
	struct packet packet;
	struct frame frame;
	int path, gasps[2] = {};

	peer_path(&peer, OBSERVER);
	peer_path(&peer, OBSERVER_TWO);
	peer_set(&self->sender, &peer);
	next_packet(_metadata, self->captures[0], &frame, &datagram, SECOND);
	hotid_close(self->sender.h);
	self->sender.h = NULL;
	close(self->pair.sender);
	for (path = 0; path < 2; path++) {
		uint64_t last = 0;

		while (capture_datagram(self->captures[path], HOTID_DEFAULT_PORT, &frame,
					&datagram, 2 * SECOND)) {
			ASSERT_TRUE(packet_read(datagram.payload, datagram.length, &packet));
			EXPECT_EQ(packet_mac(datagram.payload, datagram.length, cluster_key,
					     self->sender.id), packet.mac);
			EXPECT_EQ(path, packet.path);
			EXPECT_LT(last, packet.seq);
			last = packet.seq;
			if (packet.type == BEAT) {
				EXPECT_EQ(0, gasps[path]);
				continue;
			}
			EXPECT_EQ(GASP, packet.type);
			EXPECT_EQ(HOTID_GASP_UNLOAD, packet.reason);
			gasps[path]++;
		}
		EXPECT_EQ(3, gasps[path]);
	}
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * The node: settings, defaults, key, port and health.
 *
 *   ┌──────┐   ┌───────┐
 *   │ ns   │   │ other │     two namespaces, no link: two nodes
 *   └──────┘   └───────┘
 */
#include <arpa/inet.h>

#include "lib/clock.h"
#include "lib/harness.h"
#include "lib/listener.h"
#include "lib/net.h"
#include "lib/node.h"
#include "lib/packet.h"
#include "lib/raw.h"

FIXTURE(node) {
	struct node node;
};

FIXTURE_SETUP(node)
{
	self->node.ns = ns_new();
	self->node.h = node_connect(self->node.ns);
}

FIXTURE_TEARDOWN(node)
{
	hotid_close(self->node.h);
}

/* A UDP socket of the test's own on a port, or -1 with errno. */
static int occupy(int ns, int family, uint16_t port)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };
	bool six = family == AF_INET6;
	int fd, error, on = 1;

	ns_enter(ns);
	fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ns_home();
	if (fd < 0)
		err(1, "socket");
	if (six)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	error = six ? bind(fd, (struct sockaddr *)&in6, sizeof(in6)) :
		      bind(fd, (struct sockaddr *)&in, sizeof(in));
	if (!error)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

static bool port_free(int ns, int family, uint16_t port)
{
	int fd = occupy(ns, family, port);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

TEST_F(node, defaults)
{
	static const uint8_t none[HOTID_ID_LEN];
	struct hotid_node node = node_read(&self->node);
	uint64_t now = now_ns();

	EXPECT_EQ(0, memcmp(node.id, none, sizeof(none)));
	EXPECT_STREQ("", node.name);
	EXPECT_NE(0, node.boot_id);
	EXPECT_FALSE(node.key_set);
	EXPECT_EQ(0, node.port);
	EXPECT_EQ(10000, node.interval_us);
	EXPECT_EQ(500, node.user_limit_ms);
	EXPECT_EQ(0, node.health);
	EXPECT_EQ(0, node.beats_sent);
	EXPECT_EQ(0, node.send_errors);
	EXPECT_EQ(0, node.n_probes);
	EXPECT_STRNE("", node.version);
	EXPECT_LE(node.now_ns, now);
	EXPECT_GT(node.now_ns + 10 * SECOND, now);
	EXPECT_EQ(0, node.counters.accepted + node.counters.truncated + node.counters.version +
		     node.counters.unknown + node.counters.bad_mac + node.counters.replayed +
		     node.counters.control);
}

TEST_F(node, namespaces_are_nodes_of_their_own)
{
	struct node other = { .ns = ns_new() };
	struct hotid_node wanted = { .interval_us = 33000, .name = "one" };
	struct hotid_node there, here;

	other.h = node_connect(other.ns);
	MUST(self->node.h, hotid_node_set(self->node.h, &wanted, HOTID_SET_NAME | HOTID_SET_INTERVAL));
	here = node_read(&self->node);
	there = node_read(&other);
	EXPECT_NE(here.boot_id, there.boot_id);
	EXPECT_EQ(33000, here.interval_us);
	EXPECT_EQ(10000, there.interval_us);
	EXPECT_STREQ("", there.name);
}

TEST_F(node, set_changes_what_is_given_and_no_more)
{
	struct hotid_node wanted = {
		.name = "spare", .port = 4444, .interval_us = 2500, .user_limit_ms = 77,
	};
	struct hotid_node read;
	uint64_t boot_id = node_read(&self->node).boot_id;

	node_id(9, wanted.id);
	MUST(self->node.h, hotid_node_set(self->node.h, &wanted, HOTID_SET_ID | HOTID_SET_NAME |
					  HOTID_SET_PORT | HOTID_SET_INTERVAL |
					  HOTID_SET_USER_LIMIT));
	read = node_read(&self->node);
	EXPECT_EQ(0, memcmp(read.id, wanted.id, sizeof(read.id)));
	EXPECT_STREQ("spare", read.name);
	EXPECT_EQ(4444, read.port);
	EXPECT_EQ(2500, read.interval_us);
	EXPECT_EQ(77, read.user_limit_ms);
	EXPECT_FALSE(read.key_set);

	wanted.interval_us = 6000;
	wanted.port = 5555;
	MUST(self->node.h, hotid_node_set(self->node.h, &wanted, HOTID_SET_INTERVAL));
	read = node_read(&self->node);
	EXPECT_EQ(6000, read.interval_us);
	EXPECT_EQ(4444, read.port);
	EXPECT_STREQ("spare", read.name);
	EXPECT_EQ(77, read.user_limit_ms);
	EXPECT_EQ(boot_id, read.boot_id);
}

TEST_F(node, limits_themselves_are_allowed)
{
	struct hotid_node wanted = {};
	char longest[HOTID_NAME_MAX + 1] = {};

	memset(longest, 'n', HOTID_NAME_MAX);
	strcpy(wanted.name, longest);
	for (int highest = 0; highest < 2; highest++) {
		struct hotid_node read;

		wanted.port = highest ? 65535 : 1;
		wanted.interval_us = highest ? HOTID_INTERVAL_MAX_US : HOTID_INTERVAL_MIN_US;
		wanted.user_limit_ms = highest ? 600000 : 10;
		MUST(self->node.h, hotid_node_set(self->node.h, &wanted, HOTID_SET_NAME |
						  HOTID_SET_PORT | HOTID_SET_INTERVAL |
						  HOTID_SET_USER_LIMIT));
		read = node_read(&self->node);
		EXPECT_EQ(wanted.port, read.port);
		EXPECT_EQ(wanted.interval_us, read.interval_us);
		EXPECT_EQ(wanted.user_limit_ms, read.user_limit_ms);
		EXPECT_STREQ(longest, read.name);
	}
}

struct search {
	const void *secret;
	size_t length;
	bool found;
	size_t looked_through;
};

static void search_message(const struct nlmsghdr *message, void *data)
{
	struct search *search = data;

	search->looked_through += message->nlmsg_len;
	search->found |= !!memmem(message, message->nlmsg_len, search->secret, search->length);
}

/* Neither the cluster key nor what is derived from it is in any answer. */
static bool told(const struct node *node, const void *secret)
{
	static const uint8_t dumps[] = { HOTID_CMD_PEER_GET, HOTID_CMD_IDENTITY_GET,
					 HOTID_CMD_HISTORY_GET };
	/* Half of it would be too much too. */
	struct search search = { .secret = secret, .length = HOTID_KEY_LEN / 2 };
	char buffer[RAW_MAX] = {};
	struct raw raw;
	size_t i;

	raw_open(&raw, node->ns);
	raw_read(&raw, raw_begin(&raw, buffer, HOTID_CMD_NODE_GET), false, search_message, &search);
	for (i = 0; i < sizeof(dumps); i++) {
		memset(buffer, 0, sizeof(buffer));
		raw_read(&raw, raw_begin(&raw, buffer, dumps[i]), true, search_message, &search);
	}
	raw_close(&raw);
	if (search.looked_through < 500)
		errx(1, "the node answers hardly anything");
	return search.found;
}

TEST_F(node, key_is_never_told)
{
	uint8_t mine[16], peers[16], id[HOTID_ID_LEN];

	node_start(&self->node, self->node.ns, 1, 10000);
	node_id(2, id);
	peer_add(&self->node, id, WATCH, "10.9.9.9");
	MUST(self->node.h, hotid_identity_new(self->node.h, "web", 0));
	MUST(self->node.h, hotid_identity_arm(self->node.h, "web"));
	packet_key(cluster_key, self->node.id, mine);
	packet_key(cluster_key, id, peers);
	EXPECT_FALSE(told(&self->node, cluster_key));
	EXPECT_FALSE(told(&self->node, mine));
	EXPECT_FALSE(told(&self->node, peers));
	/* That the search can find something at all: */
	EXPECT_TRUE(told(&self->node, id));
}

TEST_F(node, key_set_tells_that_there_is_one)
{
	MUST(self->node.h, hotid_node_set_key(self->node.h, cluster_key));
	EXPECT_TRUE(node_read(&self->node).key_set);
}

/* A request to set port and interval; what becomes of it. */
static struct refusal set_port(const struct node *node, uint16_t port, uint32_t *offset)
{
	char buffer[RAW_MAX] = {};
	struct refusal refusal;
	struct nlmsghdr *request;
	struct raw raw;

	raw_open(&raw, node->ns);
	request = raw_begin(&raw, buffer, HOTID_CMD_NODE_SET);
	mnl_attr_put_u32(request, HOTID_A_NODE_INTERVAL_US, 123456);
	*offset = request->nlmsg_len;
	mnl_attr_put_u16(request, HOTID_A_NODE_PORT, port);
	refusal = raw_ask(&raw, request);
	raw_close(&raw);
	return refusal;
}

FIXTURE(port) {
	struct node node;
};

FIXTURE_VARIANT(port) {
	int family;
};

FIXTURE_VARIANT_ADD(port, ipv4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(port, ipv6) { .family = AF_INET6 };

FIXTURE_SETUP(port)
{
	node_start(&self->node, ns_new(), 1, 10000);
}

FIXTURE_TEARDOWN(port)
{
	hotid_close(self->node.h);
}

TEST_F(port, in_use_is_refused_and_the_old_one_stays)
{
	int fd = occupy(self->node.ns, variant->family, 6000);
	struct hotid_node read;
	struct refusal refusal;
	uint32_t offset;

	ASSERT_GE(fd, 0);
	refusal = set_port(&self->node, 6000, &offset);
	EXPECT_EQ(-EADDRINUSE, refusal.error);
	EXPECT_EQ(0, strncmp(refusal.message, "port ", 5)) TH_LOG("%s", refusal.message);
	EXPECT_TRUE(refusal.has_offset);
	EXPECT_EQ(offset, refusal.offset);

	read = node_read(&self->node);
	EXPECT_EQ(HOTID_DEFAULT_PORT, read.port);
	EXPECT_EQ(10000, read.interval_us);
	EXPECT_FALSE(port_free(self->node.ns, AF_INET, HOTID_DEFAULT_PORT));
	EXPECT_FALSE(port_free(self->node.ns, AF_INET6, HOTID_DEFAULT_PORT));
	/* Nothing of the failed attempt is left open. */
	close(fd);
	EXPECT_TRUE(port_free(self->node.ns, AF_INET, 6000));
	EXPECT_TRUE(port_free(self->node.ns, AF_INET6, 6000));
}

TEST_F(port, change_gives_the_old_one_back)
{
	struct hotid_node wanted = { .port = 6001 };

	EXPECT_FALSE(port_free(self->node.ns, variant->family, HOTID_DEFAULT_PORT));
	MUST(self->node.h, hotid_node_set(self->node.h, &wanted, HOTID_SET_PORT));
	EXPECT_TRUE(port_free(self->node.ns, variant->family, HOTID_DEFAULT_PORT));
	EXPECT_FALSE(port_free(self->node.ns, variant->family, 6001));
	/* The same port again is no change, and no conflict with itself. */
	MUST(self->node.h, hotid_node_set(self->node.h, &wanted, HOTID_SET_PORT));
	EXPECT_EQ(6001, node_read(&self->node).port);
}

TEST_F(node, health_lasts_as_long_as_a_keepalive)
{
	struct hotid_node wanted = { .user_limit_ms = 400 };
	uint64_t sent, seen;

	MUST(self->node.h, hotid_node_set(self->node.h, &wanted, HOTID_SET_USER_LIMIT));
	sent = now_ns();
	MUST(self->node.h, hotid_keepalive(self->node.h,
						HOTID_HEALTH_USERSPACE | HOTID_HEALTH_AUDIT));
	EXPECT_EQ(HOTID_HEALTH_USERSPACE | HOTID_HEALTH_AUDIT, node_read(&self->node).health);
	EXPECT_TRUE(WAIT_FOR(!node_read(&self->node).health, 10 * SECOND));
	seen = now_ns();
	EXPECT_GE(seen, sent + 400 * MS);

	/* A daemon that finds a fault lives all the same. */
	MUST(self->node.h, hotid_keepalive(self->node.h, 0));
	EXPECT_EQ(HOTID_HEALTH_USERSPACE, node_read(&self->node).health);
}

TEST_F(node, ids_are_not_shared)
{
	struct hotid_node wanted = {};
	struct hotid_peer self_as_peer;
	uint8_t id[HOTID_ID_LEN];

	node_start(&self->node, self->node.ns, 1, 10000);
	self_as_peer = peer_with(self->node.id, WATCH);
	EXPECT_EQ(-EINVAL, hotid_peer_new(self->node.h, &self_as_peer));

	node_id(2, id);
	peer_add(&self->node, id, WATCH, "10.9.9.9");
	memcpy(wanted.id, id, sizeof(id));
	EXPECT_EQ(-EEXIST, hotid_node_set(self->node.h, &wanted, HOTID_SET_ID));
	EXPECT_EQ(0, memcmp(node_read(&self->node).id, self->node.id, sizeof(id)));
}

static int count_peer(const struct hotid_peer *peer, void *data)
{
	unsigned int *count = data;

	++*count;
	return 0;
}

#define CROWD	1000

/* Peers 2 and up; that of number 1 would be the node itself. */
static void crowd_fill(struct hotid_peer *crowd)
{
	uint8_t id[HOTID_ID_LEN];
	int i;

	for (i = 0; i < CROWD; i++) {
		node_id(i + 2, id);
		crowd[i] = peer_with(id, WATCH);
		peer_path(&crowd[i], "10.9.9.9");
	}
}

TEST_F(node, many_peers_at_once)
{
	static struct hotid_peer crowd[CROWD];
	unsigned int count = 0;
	size_t first = CROWD;
	int i;

	node_start(&self->node, self->node.ns, 1, 10000);
	crowd_fill(crowd);
	MUST(self->node.h, hotid_peer_new_many(self->node.h, crowd, CROWD, &first));
	MUST(self->node.h, hotid_peer_dump(self->node.h, count_peer, &count));
	EXPECT_EQ(CROWD, count);
	EXPECT_EQ(CROWD, first);
	/* Again is no error, and with other settings they are changed. */
	for (i = 0; i < CROWD; i++)
		crowd[i].multiplier = 7;
	MUST(self->node.h, hotid_peer_new_many(self->node.h, crowd, CROWD, &first));
	EXPECT_EQ(7, peer_read(&self->node, crowd[CROWD - 1].id).multiplier);
	MUST(self->node.h, hotid_peer_new_many(self->node.h, crowd, 0, &first));
}

/* A list of peers that is kept by events alone stays right. */
TEST_F(node, peers_that_come_and_go_are_told)
{
	static const uint8_t id[HOTID_ID_LEN] = "a peer to forget";
	struct listener events;
	struct hotid_peer peer;
	const struct note *note;

	node_start(&self->node, self->node.ns, 1, 10000);
	listener_open(&events, self->node.ns);
	events.membership = true;
	peer = peer_with(id, TELL);
	strcpy(peer.name, "gone");
	peer_path(&peer, "10.9.9.9");
	peer_path(&peer, "fd77::9");
	peer_set(&self->node, &peer);
	note = listener_next(&events, 2 * SECOND);
	ASSERT_NE(NULL, note);
	EXPECT_EQ(HOTID_EVENT_PEER, note->type);
	EXPECT_EQ(HOTID_REASON_NONE, note->peer.event);
	EXPECT_EQ(HOTID_PEER_STATE_UNKNOWN, note->peer.state);

	MUST(self->node.h, hotid_peer_del(self->node.h, id));
	note = listener_next(&events, 2 * SECOND);
	ASSERT_NE(NULL, note);
	EXPECT_EQ(HOTID_EVENT_PEER_DEL, note->type);
	EXPECT_EQ(0, memcmp(id, note->peer.id, HOTID_ID_LEN));
	EXPECT_STREQ("gone", note->peer.name);
	EXPECT_EQ(TELL, note->peer.flags);
	ASSERT_EQ(2, note->peer.n_paths);
	EXPECT_EQ(4, note->peer.paths[0].address_len);
	EXPECT_EQ(0, memcmp(peer.paths[0].address, note->peer.paths[0].address, 4));
	EXPECT_EQ(16, note->peer.paths[1].address_len);
	EXPECT_EQ(0, memcmp(peer.paths[1].address, note->peer.paths[1].address, 16));

	/* One that is not there is no news. */
	EXPECT_EQ(HOTID_ERR_NO_PEER, hotid_peer_del(self->node.h, id));
	EXPECT_EQ(NULL, listener_next(&events, 20 * MS));
	hotid_close(events.h);
}

/* Each is judged on its own; the first that is refused is named. */
TEST_F(node, some_of_many_are_refused)
{
	static struct hotid_peer crowd[CROWD];
	unsigned int count = 0;
	size_t first = CROWD;
	int i;

	node_start(&self->node, self->node.ns, 1, 10000);
	crowd_fill(crowd);
	for (i = 100; i < CROWD - 1; i++)
		memset(crowd[i].paths[0].address, 0, 4);
	memcpy(crowd[500].id, self->node.id, HOTID_ID_LEN);
	EXPECT_EQ(-EINVAL, hotid_peer_new_many(self->node.h, crowd, CROWD, &first));
	EXPECT_EQ(100, first);
	EXPECT_NE(NULL, strstr(hotid_strerror(self->node.h, -EINVAL), "unicast"));
	MUST(self->node.h, hotid_peer_dump(self->node.h, count_peer, &count));
	EXPECT_EQ(101, count);
	/* The connection is as good as before. */
	MUST(self->node.h, hotid_peer_del(self->node.h, crowd[CROWD - 1].id));
	/* What is no address is found before anything is sent. */
	crowd_fill(crowd);
	crowd[200].paths[0].address_len = 17;
	EXPECT_EQ(-EINVAL, hotid_peer_new_many(self->node.h, crowd, CROWD, &first));
	EXPECT_EQ(200, first);
	count = 0;
	MUST(self->node.h, hotid_peer_dump(self->node.h, count_peer, &count));
	EXPECT_EQ(100, count);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * The network under a node's beats changes: a cable is pulled out, an address goes
 * and another one comes, or all of it comes late. Runs in virtual time. The fixture
 * is drawn in lib/beats_fixture.h.
 */
#include <arpa/inet.h>

#include "lib/beats_fixture.h"
#include "lib/net.h"

TEST_F(beats, two_paths)
{
	struct hotid_peer peer = peer_with(observer_id, TELL);
	struct datagram datagram;
	struct packet packets[2];
	struct frame frame;
	int i, path;

	peer_path(&peer, OBSERVER);
	peer_path(&peer, OBSERVER_TWO);
	peer_set(&self->sender, &peer);
	for (i = 0; i < 5; i++) {
		for (path = 0; path < 2; path++) {
			packets[path] = next_packet(_metadata, self->captures[path], &frame,
						    &datagram, SECOND);
			EXPECT_EQ(path, packets[path].path);
			EXPECT_EQ(inet_addr(path ? SENDER_TWO : SENDER),
				  *(in_addr_t *)datagram.from);
		}
		EXPECT_EQ(packets[0].seq, packets[1].seq);
	}
	/* A cable that is pulled out does not matter to the other. */
	link_set_up(self->pair.sender, "s0", false);
	sleep_ns(50 * MS);
	flush(self->captures[0]);
	flush(self->captures[1]);
	next_packet(_metadata, self->captures[1], &frame, &datagram, SECOND);
	EXPECT_TRUE(silent(self->captures[0], 50 * MS));
	/* And it beats again, without anybody's help, when it is back. */
	link_set_up(self->pair.sender, "s0", true);
	next_packet(_metadata, self->captures[0], &frame, &datagram, SECOND);
}

/* A cable or a route that is not there yet is no error; a keepalive tries again. */
TEST_F(beats, a_network_that_comes_later)
{
	struct datagram datagram;
	struct frame frame;

	tell_observer(&self->sender, "10.3.0.1");
	link_veth(self->pair.observer, "o2", self->pair.sender, "s2");
	link_address(self->pair.observer, "o2", "10.3.0.1/24");
	link_address(self->pair.sender, "s2", "10.3.0.2/24");
	self->captures[0] = capture_open(self->pair.observer, "o2");
	MUST(self->sender.h, hotid_keepalive(self->sender.h, 0));
	next_packet(_metadata, self->captures[0], &frame, &datagram, SECOND);
}

/* The next packet is from this address. */
static void expect_source(THIS, int capture, const char *address)
{
	uint8_t want[16] = {};
	struct datagram datagram;
	struct frame frame;

	flush(capture);
	ASSERT_EQ(1, inet_pton(strchr(address, ':') ? AF_INET6 : AF_INET, address, want));
	next_packet(_metadata, capture, &frame, &datagram, SECOND);
	EXPECT_EQ(0, memcmp(want, datagram.from, strchr(address, ':') ? 16 : 4));
}

/* A node that is renumbered beats from its new address, with the next keepalive. */
TEST_F(beats, renumbered)
{
	tell_observer(&self->sender, OBSERVER);
	expect_source(_metadata, self->captures[0], SENDER);
	link_address_delete(self->pair.sender, "s0", SENDER "/24");
	link_address(self->pair.sender, "s0", "10.1.0.7/24");
	MUST(self->sender.h, hotid_keepalive(self->sender.h, 0));
	expect_source(_metadata, self->captures[0], "10.1.0.7");
	/* A keepalive that finds nothing wrong changes nothing. */
	MUST(self->sender.h, hotid_keepalive(self->sender.h, 0));
	expect_source(_metadata, self->captures[0], "10.1.0.7");
}

TEST_F(beats, renumbered6)
{
	tell_observer(&self->sender, "fd01::1");
	expect_source(_metadata, self->captures[0], "fd01::2");
	link_address(self->pair.sender, "s0", "fd01::7/64");
	link_address_delete(self->pair.sender, "s0", "fd01::2/64");
	MUST(self->sender.h, hotid_keepalive(self->sender.h, 0));
	expect_source(_metadata, self->captures[0], "fd01::7");
}

/* Where the source was asked for, no other one will do. */
TEST_F(beats, source_that_was_asked_for_is_gone)
{
	struct hotid_peer peer = peer_with(observer_id, TELL);

	link_address(self->pair.sender, "s0", "10.1.0.7/24");
	peer_path(&peer, OBSERVER);
	peer.paths[0].local_len = 4;
	memcpy(peer.paths[0].local, (uint8_t []) { 10, 1, 0, 7 }, 4);
	peer_set(&self->sender, &peer);
	expect_source(_metadata, self->captures[0], "10.1.0.7");
	link_address_delete(self->pair.sender, "s0", "10.1.0.7/24");
	MUST(self->sender.h, hotid_keepalive(self->sender.h, 0));
	flush(self->captures[0]);
	EXPECT_TRUE(silent(self->captures[0], 200 * MS));
	link_address(self->pair.sender, "s0", "10.1.0.7/24");
	MUST(self->sender.h, hotid_keepalive(self->sender.h, 0));
	expect_source(_metadata, self->captures[0], "10.1.0.7");
}

TEST_HARNESS_MAIN

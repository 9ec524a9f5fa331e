// SPDX-License-Identifier: GPL-2.0
/*
 * Beats in frames that are rare, and frames that are none. What the probe does
 * not read itself it passes up, and the module finds the beat in it: so both
 * come to the same result.
 *
 *   ┌──────────────┐                        ┌──────────────┐
 *   │ sender       │ s0 ──────────────── o0 │ observer     │
 *   │ a fake peer  │                        │ watches it;  │
 *   │              │ s1 ──────────────── o1 │ o0.5 is VLAN │
 *   └──────────────┘                        └──────────────┘
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>

#include "lib/capture.h"
#include "lib/clock.h"
#include "lib/fake.h"
#include "lib/frame.h"
#include "lib/harness.h"
#include "lib/listener.h"
#include "lib/net.h"
#include "lib/pair.h"
#include "lib/probe.h"

#define BOOT_ID		0x1122334455667788ULL
#define SLOW		10000000
#define SENDER6		"fd01::2"
#define OBSERVER6	"fd01::1"

FIXTURE(frames) {
	struct pair pair;
	struct node observer;
	struct probe probe;
	struct fake peer;
	int wire;
	uint8_t to[6], from[6];
	struct made frame;
	uint8_t datagram[256];
	size_t length;
};

FIXTURE_VARIANT(frames) {
	uint32_t mode;
};

FIXTURE_VARIANT_ADD(frames, module) { HOTID_PROBE_MODE_NONE };
FIXTURE_VARIANT_ADD(frames, native) { HOTID_PROBE_MODE_NATIVE };
FIXTURE_VARIANT_ADD(frames, generic) { HOTID_PROBE_MODE_GENERIC };

FIXTURE_SETUP(frames)
{
	pair_make(&self->pair);
	link_vlan(self->pair.observer, "o0", "o0.5", 5);
	node_start(&self->observer, self->pair.observer, 2, 10000);
	probe_start(&self->probe, &self->observer, "o0", variant->mode);
	fake_open(&self->peer, self->pair.sender, &self->observer, 1, BOOT_ID, SLOW);
	fake_come_up(&self->peer);
	self->wire = capture_open(self->pair.sender, "s0");
	link_mac(self->pair.observer, "o0", self->to);
	link_mac(self->pair.sender, "s0", self->from);
}

FIXTURE_TEARDOWN(frames)
{
	EXPECT_EQ(HOTID_PEER_STATE_UP, peer_state(&self->observer, self->peer.beat.node_id));
	if (self->probe.skeleton)
		probe_unload(&self->probe);
	hotid_close(self->observer.h);
}

#define THIS	struct __test_metadata *_metadata, struct _test_data_frames *self

/* The next beat as a datagram, between these addresses. */
static void next_datagram(struct _test_data_frames *self, const char *from, const char *to)
{
	uint8_t bytes[PACKET_MAX];
	size_t length;

	self->peer.beat.seq++;
	length = packet_write(&self->peer.beat, cluster_key, bytes);
	self->length = datagram_make(self->datagram, HOTID_DEFAULT_PORT, bytes, length, from, to);
}

static void send_frame(struct _test_data_frames *self)
{
	capture_send(self->wire, self->frame.bytes, self->frame.length);
}

/* The beat that was sent last has come. */
static void accepted(THIS, const char *what)
{
	struct hotid_peer peer;

	EXPECT_TRUE(WAIT_FOR((peer = peer_read(&self->observer, self->peer.beat.node_id),
			      peer.paths[0].seq == self->peer.beat.seq), SECOND)) {
		TH_LOG("%s: not received", what);
	}
}

/* How many accepted packets the probe saw itself. */
static uint64_t by_probe(struct _test_data_frames *self)
{
	return self->probe.skeleton ? probe_count(&self->probe, 0) : 0;
}

/* It is received; by the probe itself only when direct is true. */
static void received(THIS, uint64_t before, bool direct, const char *what)
{
	accepted(_metadata, self, what);
	EXPECT_EQ(before + (direct && self->probe.skeleton), by_probe(self)) {
		TH_LOG("%s", what);
	}
}

/* That the frames made here are right at all. */
TEST_F(frames, plain)
{
	uint64_t before = by_probe(self);

	next_datagram(self, SENDER, OBSERVER);
	frame_ethernet(&self->frame, self->to, self->from, ETH_P_IP);
	frame_ip4(&self->frame, SENDER, OBSERVER, 0, self->length, 0, 0);
	frame_bytes(&self->frame, self->datagram, self->length);
	send_frame(self);
	received(_metadata, self, before, true, "IPv4");

	before = by_probe(self);
	next_datagram(self, SENDER6, OBSERVER6);
	frame_ethernet(&self->frame, self->to, self->from, ETH_P_IPV6);
	frame_ip6(&self->frame, SENDER6, OBSERVER6, IPPROTO_UDP, self->length);
	frame_bytes(&self->frame, self->datagram, self->length);
	send_frame(self);
	received(_metadata, self, before, true, "IPv6");
}

TEST_F(frames, ip_options)
{
	size_t options;

	for (options = 4; options <= 40; options += 4) {
		uint64_t before = by_probe(self);

		next_datagram(self, SENDER, OBSERVER);
		frame_ethernet(&self->frame, self->to, self->from, ETH_P_IP);
		frame_ip4(&self->frame, SENDER, OBSERVER, options, self->length, 0, 0);
		frame_bytes(&self->frame, self->datagram, self->length);
		send_frame(self);
		received(_metadata, self, before, false, "options");
	}
}

TEST_F(frames, ipv6_extension_header)
{
	uint64_t before = by_probe(self);

	next_datagram(self, SENDER6, OBSERVER6);
	frame_ethernet(&self->frame, self->to, self->from, ETH_P_IPV6);
	frame_ip6(&self->frame, SENDER6, OBSERVER6, IPPROTO_DSTOPTS, 8 + self->length);
	frame_options6(&self->frame, IPPROTO_UDP);
	frame_bytes(&self->frame, self->datagram, self->length);
	send_frame(self);
	received(_metadata, self, before, false, "destination options");
}

/* In two fragments, in both orders, cut at every place that can be. */
TEST_F(frames, fragments)
{
	size_t cut;
	int order, part;

	for (cut = 8; cut < BEAT_SIZE + 8; cut += 8) {
		for (order = 0; order < 2; order++) {
			uint64_t before = by_probe(self);

			next_datagram(self, SENDER, OBSERVER);
			for (part = 0; part < 2; part++) {
				bool second = part != order;
				size_t length = second ? self->length - cut : cut;

				frame_ethernet(&self->frame, self->to, self->from, ETH_P_IP);
				frame_ip4(&self->frame, SENDER, OBSERVER, 0, length,
					  second ? cut : 0, !second);
				frame_bytes(&self->frame, self->datagram + (second ? cut : 0),
					    length);
				send_frame(self);
			}
			received(_metadata, self, before, false, "fragments");
		}
	}
}

TEST_F(frames, vlan)
{
	uint64_t before = by_probe(self);

	next_datagram(self, SENDER, OBSERVER);
	frame_ethernet(&self->frame, self->to, self->from, ETH_P_IP);
	frame_vlan(&self->frame, 5, ETH_P_IP);
	frame_ip4(&self->frame, SENDER, OBSERVER, 0, self->length, 0, 0);
	frame_bytes(&self->frame, self->datagram, self->length);
	send_frame(self);
	received(_metadata, self, before, false, "VLAN");
}

/* Padded, as Ethernet does with what is short. */
TEST_F(frames, padding)
{
	uint64_t before = by_probe(self);
	uint8_t pad[64] = {};

	next_datagram(self, SENDER, OBSERVER);
	frame_ethernet(&self->frame, self->to, self->from, ETH_P_IP);
	frame_ip4(&self->frame, SENDER, OBSERVER, 0, self->length, 0, 0);
	frame_bytes(&self->frame, self->datagram, self->length);
	frame_bytes(&self->frame, pad, sizeof(pad));
	send_frame(self);
	received(_metadata, self, before, true, "padding");
}

/* A frame cut off anywhere is no beat, and no harm. */
TEST_F(frames, cut_off)
{
	struct hotid_peer peer;
	size_t whole, length;
	int six;

	for (six = 0; six < 2; six++) {
		next_datagram(self, six ? SENDER6 : SENDER, six ? OBSERVER6 : OBSERVER);
		frame_ethernet(&self->frame, self->to, self->from, six ? ETH_P_IPV6 : ETH_P_IP);
		if (six)
			frame_ip6(&self->frame, SENDER6, OBSERVER6, IPPROTO_UDP, self->length);
		else
			frame_ip4(&self->frame, SENDER, OBSERVER, 0, self->length, 0, 0);
		frame_bytes(&self->frame, self->datagram, self->length);
		whole = self->frame.length;
		/* A device wants a whole Ethernet header. */
		for (length = ETH_HLEN; length < whole; length++) {
			self->frame.length = length;
			send_frame(self);
		}
		sleep_ns(50 * MS);
		peer = peer_read(&self->observer, self->peer.beat.node_id);
		EXPECT_GT(self->peer.beat.seq, peer.paths[0].seq);
		self->frame.length = whole;
		send_frame(self);
		accepted(_metadata, self, "whole again");
	}
}

/* Lengths in the headers that lie about the frame. */
TEST_F(frames, lying_lengths)
{
	static const uint16_t lies[] = { 0, 1, 7, 8, 9, GASP_SIZE, GASP_SIZE + 8,
					 BEAT_SIZE + 7, BEAT_SIZE + 9, 500, 65535 };
	struct hotid_peer peer;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lies); i++) {
		next_datagram(self, SENDER, OBSERVER);
		self->datagram[4] = lies[i] >> 8;
		self->datagram[5] = lies[i];
		frame_ethernet(&self->frame, self->to, self->from, ETH_P_IP);
		frame_ip4(&self->frame, SENDER, OBSERVER, 0, self->length, 0, 0);
		frame_bytes(&self->frame, self->datagram, self->length);
		send_frame(self);
		sleep_ns(5 * MS);
		peer = peer_read(&self->observer, self->peer.beat.node_id);
		EXPECT_GT(self->peer.beat.seq, peer.paths[0].seq) {
			TH_LOG("a UDP length of %u", lies[i]);
		}
	}
	next_datagram(self, SENDER, OBSERVER);
	frame_ethernet(&self->frame, self->to, self->from, ETH_P_IP);
	frame_ip4(&self->frame, SENDER, OBSERVER, 0, self->length, 0, 0);
	frame_bytes(&self->frame, self->datagram, self->length);
	send_frame(self);
	accepted(_metadata, self, "truth again");
}

TEST_HARNESS_MAIN

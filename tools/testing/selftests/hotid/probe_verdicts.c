// SPDX-License-Identifier: GPL-2.0
/*
 * The probe's answers, frame by frame, by BPF_PROG_TEST_RUN with the slots of
 * a real node: dropped is what is done with, passed is what the stack or the
 * module has to see, and no frame is changed.
 *
 *   ┌──────────────┐
 *   │ observer     │     no link; the frames are given to the probe
 *   └──────────────┘
 */
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <netinet/in.h>

#include "lib/fake.h"
#include "lib/frame.h"
#include "lib/harness.h"
#include "lib/net.h"
#include "lib/pair.h"
#include "lib/probe.h"

#define BOOT_ID		0x1122334455667788ULL
#define SLOW		10000000
#define SENDER6		"fd01::2"
#define OBSERVER6	"fd01::1"

FIXTURE(probe_run) {
	struct pair pair;
	struct node observer;
	struct probe probe;
	struct fake peer;
	struct made frame;
};

FIXTURE_SETUP(probe_run)
{
	pair_make(&self->pair);
	node_start(&self->observer, self->pair.observer, 2, 10000);
	probe_load(&self->probe);
	MUST(self->observer.h, hotid_probe_set(self->observer.h, self->probe.slots,
					       self->probe.counters,
					       link_index(self->pair.observer, "o0"),
					       HOTID_PROBE_MODE_NATIVE));
	fake_open(&self->peer, self->pair.sender, &self->observer, 1, BOOT_ID, SLOW);
	fake_come_up(&self->peer);
}

FIXTURE_TEARDOWN(probe_run)
{
	probe_unload(&self->probe);
	hotid_close(self->observer.h);
}

#define THIS	struct __test_metadata *_metadata, struct _test_data_probe_run *self

/* Give the frame to the probe; it says this, and leaves the frame alone. */
static void expect_verdict(THIS, uint32_t verdict, const char *what)
{
	uint8_t after[FRAME_MAX + 256] = {};
	LIBBPF_OPTS(bpf_test_run_opts, options,
		    .data_in = self->frame.bytes,
		    .data_size_in = self->frame.length,
		    .data_out = after,
		    .data_size_out = sizeof(after),
		    .repeat = 1);

	ASSERT_EQ(0, bpf_prog_test_run_opts(self->probe.program, &options)) {
		TH_LOG("%s: errno %d", what, errno);
	}
	EXPECT_EQ(verdict, options.retval) {
		TH_LOG("%s", what);
	}
	EXPECT_EQ(self->frame.length, options.data_size_out);
	EXPECT_EQ(0, memcmp(after, self->frame.bytes, self->frame.length));
}

static void wrap(struct _test_data_probe_run *self, uint16_t port, const void *bytes,
		 size_t length, bool six)
{
	static const uint8_t to[6] = { 2, 0, 0, 0, 0, 1 }, from[6] = { 2, 0, 0, 0, 0, 2 };
	uint8_t datagram[256];
	const char *source = six ? SENDER6 : SENDER, *target = six ? OBSERVER6 : OBSERVER;

	length = datagram_make(datagram, port, bytes, length, source, target);
	frame_ethernet(&self->frame, to, from, six ? ETH_P_IPV6 : ETH_P_IP);
	if (six)
		frame_ip6(&self->frame, source, target, IPPROTO_UDP, length);
	else
		frame_ip4(&self->frame, source, target, 0, length, 0, 0);
	frame_bytes(&self->frame, datagram, length);
}

/* A packet in a frame; counted as this kind, by the probe, if by any. */
static void run_packet(THIS, const struct packet *packet, uint32_t verdict, int kind,
		       const char *what)
{
	uint8_t bytes[PACKET_MAX];
	size_t length = packet_write(packet, cluster_key, bytes);
	uint64_t before = kind < 0 ? 0 : probe_count(&self->probe, kind);

	wrap(self, HOTID_DEFAULT_PORT, bytes, length, packet->seq & 1);
	expect_verdict(_metadata, self, verdict, what);
	if (kind >= 0) {
		EXPECT_EQ(before + 1, probe_count(&self->probe, kind))
			TH_LOG("%s", what);
	}
}

/* Indexes of the probe's counters. */
enum { ACCEPTED, TRUNCATED, VERSION, UNKNOWN, BAD_MAC, REPLAYED, CONTROL, UNVERIFIED };

TEST_F(probe_run, beats)
{
	struct packet packet = self->peer.beat;
	struct hotid_peer peer;
	int i;

	for (i = 0; i < 8; i++) {
		packet.seq++;
		packet.path = i / 2;
		run_packet(_metadata, self, &packet, XDP_DROP, ACCEPTED, "a good beat");
		run_packet(_metadata, self, &packet, XDP_DROP, REPLAYED, "the same again");
	}
	/* The module finds the stamps that the probe made. */
	peer = peer_read(&self->observer, packet.node_id);
	EXPECT_EQ(HOTID_PEER_STATE_UP, peer.state);
	EXPECT_EQ(self->peer.beat.seq + 2, peer.paths[0].seq);
	EXPECT_LE(8, node_read(&self->observer).counters.accepted);
}

TEST_F(probe_run, bad_packets)
{
	struct packet packet = self->peer.beat;
	uint8_t bytes[PACKET_MAX];
	uint64_t before;
	size_t length;

	packet.seq++;
	packet.version = 1;
	run_packet(_metadata, self, &packet, XDP_DROP, VERSION, "version");
	packet.version = WIRE_VERSION;
	packet.type = 6;
	run_packet(_metadata, self, &packet, XDP_DROP, VERSION, "type");
	packet.type = BEAT;
	packet.path = 4;
	run_packet(_metadata, self, &packet, XDP_DROP, VERSION, "path");
	packet.path = 0;
	packet.key_generation = 9;
	run_packet(_metadata, self, &packet, XDP_DROP, BAD_MAC, "generation");
	packet.key_generation = 1;

	packet_write(&packet, cluster_key, bytes);
	bytes[50] ^= 1;
	before = probe_count(&self->probe, BAD_MAC);
	wrap(self, HOTID_DEFAULT_PORT, bytes, BEAT_SIZE, false);
	expect_verdict(_metadata, self, XDP_DROP, "wrong MAC");
	EXPECT_EQ(before + 1, probe_count(&self->probe, BAD_MAC));
	bytes[50] ^= 1;
	for (length = 0; length < 100; length++) {
		if (length == BEAT_SIZE)
			continue;
		before = probe_count(&self->probe, TRUNCATED);
		wrap(self, HOTID_DEFAULT_PORT, bytes, length, length & 1);
		expect_verdict(_metadata, self, XDP_DROP, "wrong length");
		EXPECT_EQ(before + 1, probe_count(&self->probe, TRUNCATED));
	}
	/* The good one still is good. */
	run_packet(_metadata, self, &packet, XDP_DROP, ACCEPTED, "a good beat");
}

/* What the module has to see goes up, and is left to it to count. */
TEST_F(probe_run, control)
{
	struct packet packet;
	int type;

	for (type = GASP; type <= CHALLENGE; type++) {
		packet = self->peer.beat;
		packet.type = type;
		packet.seq++;
		run_packet(_metadata, self, &packet, XDP_PASS, -1, "control");
	}
	/* Nothing was asked. */
	packet.type = ANSWER;
	run_packet(_metadata, self, &packet, XDP_DROP, REPLAYED, "answer");
	packet.nonce = 1;
	run_packet(_metadata, self, &packet, XDP_DROP, REPLAYED, "answer");
	/* A sender without a slot here has none anywhere: the module uses this table. */
	packet = self->peer.beat;
	packet.seq++;
	packet.node_id[3] ^= 1;
	run_packet(_metadata, self, &packet, XDP_DROP, UNKNOWN, "unknown node");
	packet = packet_claim(&self->peer.beat, self->peer.beat.seq + 1, "web", 1, HOTID_IDENTITY_STATE_HELD);
	run_packet(_metadata, self, &packet, XDP_PASS, -1, "claim");
	packet = self->peer.beat;
	packet.seq++;
	packet.boot_id++;
	run_packet(_metadata, self, &packet, XDP_PASS, -1, "boot id");
	packet.type = GASP;
	run_packet(_metadata, self, &packet, XDP_DROP, UNVERIFIED, "gasp of another boot id");
	packet.type = BEAT;
	packet.boot_id--;
	packet.interval_us = 20000;
	run_packet(_metadata, self, &packet, XDP_PASS, -1, "interval");
	packet.interval_us = SLOW;
	packet.health = HOTID_HEALTH_USERSPACE;
	run_packet(_metadata, self, &packet, XDP_PASS, -1, "health");
}

static void passes(THIS, const char *what)
{
	expect_verdict(_metadata, self, XDP_PASS, what);
}

TEST_F(probe_run, other_traffic)
{
	static const uint16_t ports[] = { 0, 1, 53, 7706, 7708, 7707 ^ 0x8000, 0x1b1e, 65535 };
	uint8_t bytes[PACKET_MAX];
	struct packet packet = self->peer.beat;
	size_t i, whole;

	packet.seq++;
	packet_write(&packet, cluster_key, bytes);
	for (i = 0; i < ARRAY_SIZE(ports); i++) {
		wrap(self, ports[i], bytes, BEAT_SIZE, i & 1);
		if (ports[i] != HOTID_DEFAULT_PORT)
			passes(_metadata, self, "another port");
	}
	for (i = 0; i < 256; i++) {
		if (i == IPPROTO_UDP)
			continue;
		wrap(self, HOTID_DEFAULT_PORT, bytes, BEAT_SIZE, false);
		self->frame.bytes[14 + 9] = i;
		passes(_metadata, self, "another protocol over IPv4");
		wrap(self, HOTID_DEFAULT_PORT, bytes, BEAT_SIZE, true);
		self->frame.bytes[14 + 6] = i;
		passes(_metadata, self, "another protocol over IPv6");
	}
	for (i = 0; i < 16; i++) {
		wrap(self, HOTID_DEFAULT_PORT, bytes, BEAT_SIZE, false);
		self->frame.bytes[12] ^= 1 << i % 8;
		passes(_metadata, self, "another Ethernet type");
	}
	/* Fragments, options and tags are the stack's. */
	wrap(self, HOTID_DEFAULT_PORT, bytes, BEAT_SIZE, false);
	self->frame.bytes[14 + 6] = 0x20;
	passes(_metadata, self, "first fragment");
	self->frame.bytes[14 + 6] = 0;
	self->frame.bytes[14 + 7] = 4;
	passes(_metadata, self, "last fragment");
	self->frame.bytes[14 + 7] = 0;
	for (i = 0; i < 16; i++) {
		self->frame.bytes[14] = 0x40 | i;
		if (i != 5)
			passes(_metadata, self, "a head of another length");
	}
	/* Too short for a UDP header: nobody knows whose it is. */
	wrap(self, HOTID_DEFAULT_PORT, bytes, BEAT_SIZE, false);
	whole = self->frame.length;
	for (i = ETH_HLEN; i < ETH_HLEN + 28; i++) {
		self->frame.length = i;
		passes(_metadata, self, "cut off");
	}
	self->frame.length = whole;
	expect_verdict(_metadata, self, XDP_DROP, "a good beat after all");
}

/* Frames of noise: whatever they are, the verifier's proof holds. */
TEST_F(probe_run, noise)
{
	unsigned int seed = 31, i, j;

	for (i = 0; i < 500; i++) {
		uint8_t after[FRAME_MAX + 256];
		LIBBPF_OPTS(bpf_test_run_opts, options,
			    .data_in = self->frame.bytes,
			    .data_out = after,
			    .data_size_out = sizeof(after),
			    .repeat = 1);

		for (j = 0; j < 200; j++)
			self->frame.bytes[j] = rand_r(&seed);
		if (i & 1) {
			self->frame.bytes[12] = 8;
			self->frame.bytes[13] = 0;
			self->frame.bytes[14] = 0x45;
			self->frame.bytes[20] = self->frame.bytes[21] = 0;
			self->frame.bytes[23] = IPPROTO_UDP;
			self->frame.bytes[36] = HOTID_DEFAULT_PORT >> 8;
			self->frame.bytes[37] = HOTID_DEFAULT_PORT & 0xff;
		}
		options.data_size_in = ETH_HLEN + rand_r(&seed) % 180;
		ASSERT_EQ(0, bpf_prog_test_run_opts(self->probe.program, &options));
		EXPECT_TRUE(options.retval == XDP_DROP || options.retval == XDP_PASS);
	}
	EXPECT_EQ(0, probe_count(&self->probe, ACCEPTED));
}

TEST_HARNESS_MAIN

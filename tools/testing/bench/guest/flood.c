// SPDX-License-Identifier: GPL-2.0
#include "flood.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <err.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <string.h>

#include "bench_junk.skel.h"
#include "junk.h"
#include "lib/net.h"
#include "lib/packet.h"
#include "run.h"

#define PORT	7707
#define REPEAT	(1 << 20)	/* a test run begins with grace periods, so they are long */

static struct bench_junk *program;
static uint8_t frame[JUNK_FRAME];

static uint16_t ip_checksum(const void *data, size_t words)
{
	const uint16_t *word = data;
	uint32_t sum = 0;

	while (words--)
		sum += *word++;
	sum = (sum & 0xffff) + (sum >> 16);
	return ~(sum + (sum >> 16));
}

static void frame_fill(const struct flood *flood)
{
	static const uint8_t no_key[16] = "not the key";
	struct packet beat = packet_beat(flood->forged, 1, ~0ULL, 10000);
	struct ethhdr *eth = (struct ethhdr *)frame;
	struct iphdr *ip = (struct iphdr *)(eth + 1);
	struct udphdr *udp = (struct udphdr *)(ip + 1);
	uint8_t bytes[PACKET_MAX];

	memcpy(eth->h_dest, flood->mac, sizeof(eth->h_dest));
	eth->h_source[0] = 2;
	eth->h_proto = htons(ETH_P_IP);
	ip->version = 4;
	ip->ihl = 5;
	ip->ttl = 255;
	ip->protocol = IPPROTO_UDP;
	ip->tot_len = htons(sizeof(frame) - sizeof(*eth));
	ip->saddr = htonl(0x0a630063);
	inet_pton(AF_INET, flood->to, &ip->daddr);
	ip->check = ip_checksum(ip, sizeof(*ip) / 2);
	udp->source = udp->dest = htons(PORT);
	udp->len = htons(sizeof(frame) - sizeof(*eth) - sizeof(*ip));
	if (packet_write(&beat, no_key, bytes) != sizeof(frame) - JUNK_HEADERS)
		errx(1, "junk.h does not know how long a beat is");
	memcpy(frame + JUNK_HEADERS, bytes, sizeof(frame) - JUNK_HEADERS);
}

static void run(void *data)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = sizeof(frame),
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .repeat = REPEAT);

	for (;;)
		if (bpf_prog_test_run_opts(bpf_program__fd(program->progs.junk), &options))
			err(1, "junk");
}

pid_t flood_start(const struct flood *flood)
{
	size_t i;

	program = bench_junk__open();
	if (!program)
		err(1, "opening the junk");
	program->rodata->device = link_index(flood->ns, flood->device);
	program->rodata->beat_port = PORT;
	for (i = 0; i < JUNK_PORTS && flood->ports[i]; i++)
		program->rodata->other_ports[i] = flood->ports[i];
	program->rodata->n_other_ports = i;
	if (bench_junk__load(program))
		err(1, "loading the junk");
	frame_fill(flood);
	return run_child(flood->ns, run, NULL);
}

uint64_t flood_sent(void)
{
	return program->bss->sent;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * What the XDP probe costs per packet: BPF_PROG_TEST_RUN on the kernel that
 * runs this, so meant for a host whose kernel has the BPF JIT.
 *
 * usage: probe_cost [REPEATS [ROUNDS]]
 *
 * Prints one line of JSON: nanoseconds per packet for each thing that may
 * become of one, of every round. That every packet took the path it was meant
 * to take is checked by the probe's own counters; a line is printed only when
 * it did.
 *
 * "accepted" is the difference of two runs of feed.bpf.c, see there, with
 * the probe and without it. The others repeat one packet as it is. "replayed"
 * is the whole way of an accepted beat but for the two stores at its end.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <err.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench_feed.skel.h"
#include "feed.h"
#include "hotid_probe.skel.h"
#include "siphash24.h"
#include "slot.h"

#define SLOTS		16384		/* as for 10 000 peers */
#define PORT		7707
#define INTERVAL_US	10000
#define MOST_ROUNDS	64

static const __u64 key[2] = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 };

struct frame {
	struct ethhdr eth;
	struct iphdr ip;
	struct udphdr udp;
	struct hotid_wire_beat beat;
} __attribute__((packed));

_Static_assert(sizeof(struct frame) == FEED_FRAME, "feed.h describes struct frame");
_Static_assert(offsetof(struct frame, beat.head.seq) == FEED_SEQ, "feed.h: FEED_SEQ");
_Static_assert(offsetof(struct frame, beat.mac) == FEED_MAC, "feed.h: FEED_MAC");

struct bench {
	struct hotid_probe *probe;
	struct bench_feed *feed;
	struct feed_beat *beats;
	struct hotid_slot slot;
	__u32 place;
	int cpus;
};

static __u64 sign(const struct frame *frame)
{
	__u64 words[HOTID_BEAT_SIGNED / 8];

	memcpy(words, (const char *)frame + FEED_HEADERS, sizeof(words));
	return siphash24_words(key, words, HOTID_BEAT_SIGNED / 8);
}

static struct frame beat_frame(__u64 seq)
{
	struct frame frame = {
		.eth = { .h_proto = htons(ETH_P_IP) },
		.ip = { .version = 4, .ihl = 5, .protocol = IPPROTO_UDP, .ttl = 64,
			.tot_len = htons(sizeof(frame) - sizeof(frame.eth)) },
		.udp = { .dest = htons(PORT),
			 .len = htons(sizeof(struct udphdr) + sizeof(frame.beat)) },
		.beat.head = { .magic = htons(HOTID_WIRE_MAGIC), .version = HOTID_WIRE_VERSION,
			       .type = HOTID_PACKET_BEAT, .interval_us = htonl(INTERVAL_US),
			       .boot_id = htobe64(77), .seq = htobe64(seq),
			       .key_generation = htonl(1) },
	};

	memset(frame.beat.head.node_id, 0x5a, sizeof(frame.beat.head.node_id));
	frame.beat.mac = sign(&frame);
	return frame;
}

/* The slot as the module fills it and primes it, offset places from its home. */
static void slot_init(struct bench *bench, const struct frame *frame, unsigned int offset)
{
	__u64 words[HOTID_PRIMED_WORDS];
	int i;

	bench->slot = (struct hotid_slot) {
		.key = { { key[0], key[1] } },
		.generation = { 1 },
		.boot_id = 77,
		.live = 1,
		.interval_us = INTERVAL_US,
	};
	memcpy(bench->slot.node_id, frame->beat.head.node_id, sizeof(bench->slot.node_id));
	memcpy(words, (const char *)frame + FEED_HEADERS, sizeof(words));
	bench->slot.primed = 1;
	bench->slot.primed_head = words[0];
	bench->slot.primed_state = siphash24_begin(key);
	for (i = 0; i < HOTID_PRIMED_WORDS; i++)
		siphash24_add(&bench->slot.primed_state, words[i]);
	bench->place = hotid_slot_home(bench->slot.node_id, SLOTS - 1) + offset;
}

static void slot_write(struct bench *bench, const struct hotid_slot *slot)
{
	if (bpf_map_update_elem(bpf_map__fd(bench->probe->maps.slots), &bench->place, slot, BPF_ANY))
		err(1, "slot");
}

static void load(struct bench *bench)
{
	const struct hotid_slot first = { .adopted = 1 };
	__u32 place = 0;
	__u32 probe = FEED_TARGET_PROBE, nothing = FEED_TARGET_NOTHING;
	int targets, fd;

	bench->cpus = libbpf_num_possible_cpus();
	bench->probe = hotid_probe__open();
	if (!bench->probe)
		err(1, "opening the probe");
	bench->probe->rodata->beat_port = PORT;
	bench->probe->rodata->slot_mask = SLOTS - 1;
	if (bpf_map__set_max_entries(bench->probe->maps.slots, SLOTS) ||
	    bpf_map__set_max_entries(bench->probe->maps.counters, bench->cpus) ||
	    hotid_probe__load(bench->probe))
		err(1, "loading the probe");
	if (bpf_map_update_elem(bpf_map__fd(bench->probe->maps.slots), &place, &first, BPF_ANY))
		err(1, "slots");
	bench->feed = bench_feed__open_and_load();
	if (!bench->feed)
		err(1, "loading the feeder");
	targets = bpf_map__fd(bench->feed->maps.targets);
	fd = bpf_program__fd(bench->probe->progs.hotid_probe);
	if (bpf_map_update_elem(targets, &probe, &fd, BPF_ANY))
		err(1, "targets");
	fd = bpf_program__fd(bench->feed->progs.nothing);
	if (bpf_map_update_elem(targets, &nothing, &fd, BPF_ANY))
		err(1, "targets");
	bench->beats = mmap(NULL, FEED_BEATS * sizeof(*bench->beats), PROT_READ | PROT_WRITE,
			    MAP_SHARED, bpf_map__fd(bench->feed->maps.beats), 0);
	if (bench->beats == MAP_FAILED)
		err(1, "beats");
}

static __u64 counted(struct bench *bench, enum hotid_verdict verdict)
{
	struct hotid_counters counters;
	__u64 sum = 0;
	__u32 cpu;

	for (cpu = 0; cpu < (__u32)bench->cpus; cpu++) {
		if (bpf_map_lookup_elem(bpf_map__fd(bench->probe->maps.counters), &cpu, &counters))
			err(1, "counters");
		sum += counters.kind[verdict];
	}
	return sum;
}

/* Nanoseconds per repeat; the packet's fate must be the one given. */
static double test_run(int program, const void *packet, __u32 length, __u32 repeats,
		       __u32 verdict)
{
	char after[256];
	LIBBPF_OPTS(bpf_test_run_opts, options,
		    .data_in = packet, .data_size_in = length,
		    .data_out = after, .data_size_out = sizeof(after), .repeat = repeats);

	if (bpf_prog_test_run_opts(program, &options))
		err(1, "test run");
	if (options.retval != verdict)
		errx(1, "the packet's fate is %u instead of %u", options.retval, verdict);
	return options.duration;
}

/* One packet again and again: what does not change its slot. */
static double repeat(struct bench *bench, const void *packet, __u32 length, __u32 repeats,
		     __u32 fate, int verdict)
{
	__u64 before = verdict < 0 ? 0 : counted(bench, verdict);
	double ns = test_run(bpf_program__fd(bench->probe->progs.hotid_probe), packet, length,
			     repeats, fate);

	if (verdict >= 0 && counted(bench, verdict) - before != repeats)
		errx(1, "%llu of %u packets were judged %d",
		     (unsigned long long)(counted(bench, verdict) - before), repeats, verdict);
	return ns;
}

/* FEED_BEATS fresh beats at a time, signed before each. */
static double accepted(struct bench *bench, struct frame *frame, __u32 repeats)
{
	int probe = bpf_program__fd(bench->feed->progs.feed_probe);
	int nothing = bpf_program__fd(bench->feed->progs.feed_nothing);
	__u32 chunks = (repeats + FEED_BEATS - 1) / FEED_BEATS, chunk, i;
	__u64 before = counted(bench, HOTID_VERDICT_ACCEPTED), seq = 0;
	double with = 1e9, without = 1e9, ns;

	slot_write(bench, &bench->slot);
	for (chunk = 0; chunk < chunks; chunk++) {
		for (i = 0; i < FEED_BEATS; i++) {
			frame->beat.head.seq = htobe64(++seq);
			bench->beats[i].seq = frame->beat.head.seq;
			bench->beats[i].mac = sign(frame);
		}
		/* The least of each: the rest is what else the host did. */
		ns = test_run(nothing, frame, sizeof(*frame), FEED_BEATS, XDP_DROP);
		without = ns < without ? ns : without;
		ns = test_run(probe, frame, sizeof(*frame), FEED_BEATS, XDP_DROP);
		with = ns < with ? ns : with;
	}
	if (counted(bench, HOTID_VERDICT_ACCEPTED) - before != (__u64)chunks * FEED_BEATS)
		errx(1, "not every beat was accepted");
	return with - without;
}

static void print_rounds(const char *name, const double *ns, int rounds, bool last)
{
	int i;

	printf("\"%s\": [", name);
	for (i = 0; i < rounds; i++)
		printf("%s%.2f", i ? ", " : "", ns[i]);
	printf("]%s", last ? "" : ", ");
}

enum { EMPTY, PASS_OTHER, PASS_ARP, UNKNOWN, BAD_MAC, REPLAYED, ACCEPTED,
       ACCEPTED_LAST_PLACE, ACCEPTED_UNPRIMED, KINDS };

static const char *const names[KINDS] = {
	"empty", "pass_other_udp", "pass_not_ip", "unknown", "bad_mac", "replayed", "accepted",
	"accepted_end_of_span", "accepted_unprimed",
};

static void round_of(struct bench *bench, __u32 repeats, double ns[KINDS])
{
	struct frame beat = beat_frame(1), other;
	const __u32 size = sizeof(beat);

	slot_init(bench, &beat, 0);
	ns[EMPTY] = test_run(bpf_program__fd(bench->feed->progs.nothing), &beat, size, repeats,
			     XDP_DROP);
	other = beat;
	other.udp.dest = htons(53);
	ns[PASS_OTHER] = repeat(bench, &other, size, repeats, XDP_PASS, -1);
	other = beat;
	other.eth.h_proto = htons(ETH_P_ARP);
	ns[PASS_ARP] = repeat(bench, &other, size, repeats, XDP_PASS, -1);
	other = beat;
	other.beat.head.node_id[3] ^= 1;
	ns[UNKNOWN] = repeat(bench, &other, size, repeats, XDP_DROP, HOTID_VERDICT_UNKNOWN);
	slot_write(bench, &bench->slot);
	other = beat;
	other.beat.mac ^= 1;
	ns[BAD_MAC] = repeat(bench, &other, size, repeats, XDP_DROP, HOTID_VERDICT_BAD_MAC);
	bench->slot.path[0].seq = 1;
	slot_write(bench, &bench->slot);
	ns[REPLAYED] = repeat(bench, &beat, size, repeats, XDP_DROP, HOTID_VERDICT_REPLAYED);
	bench->slot.path[0].seq = 0;
	ns[ACCEPTED] = accepted(bench, &beat, repeats);
	/* The same peer where seven others sit before it. */
	slot_write(bench, &(struct hotid_slot) {});
	slot_init(bench, &beat, HOTID_SLOT_SPAN - 1);
	ns[ACCEPTED_LAST_PLACE] = accepted(bench, &beat, repeats);
	slot_write(bench, &(struct hotid_slot) {});
	/* As while keys are rotated. */
	slot_init(bench, &beat, 0);
	bench->slot.primed = 0;
	ns[ACCEPTED_UNPRIMED] = accepted(bench, &beat, repeats);
	slot_write(bench, &(struct hotid_slot) {});
}

/* A field of a file that says "FIELD : VALUE", or its first line. */
static void print_fact(const char *name, const char *path, const char *field)
{
	FILE *file = fopen(path, "r");
	char line[256], *value = NULL;

	while (file && !value && fgets(line, sizeof(line), file))
		if (!field)
			value = line;
		else if (!strncmp(line, field, strlen(field)))
			value = strchr(line, ':') + 2;
	printf("\"%s\": \"%.*s\", ", name, value ? (int)strcspn(value, "\"\n") : 0, value ?: "");
	if (file)
		fclose(file);
}

static void print_host(void)
{
	print_fact("kernel", "/proc/sys/kernel/osrelease", NULL);
	print_fact("processor", "/proc/cpuinfo", "model name");
	print_fact("clocksource",
		   "/sys/devices/system/clocksource/clocksource0/current_clocksource", NULL);
}

int main(int argc, char **argv)
{
	__u32 repeats = argc > 1 ? strtoul(argv[1], NULL, 0) : 5000000;
	int rounds = argc > 2 ? atoi(argv[2]) : 5, i, kind;
	double ns[MOST_ROUNDS][KINDS], column[MOST_ROUNDS];
	struct bench bench = {};

	if (!repeats || rounds < 1 || rounds > MOST_ROUNDS)
		errx(2, "usage: probe_cost [REPEATS [ROUNDS]], at most %d rounds", MOST_ROUNDS);
	load(&bench);
	for (i = 0; i < rounds; i++)
		round_of(&bench, repeats, ns[i]);
	printf("{\"repeats\": %u, ", repeats);
	print_host();
	for (kind = 0; kind < KINDS; kind++) {
		for (i = 0; i < rounds; i++)
			column[i] = ns[i][kind];
		print_rounds(names[kind], column, rounds, kind == KINDS - 1);
	}
	printf("}\n");
	return 0;
}

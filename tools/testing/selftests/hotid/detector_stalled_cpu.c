// SPDX-License-Identifier: GPL-2.0
/*
 * The failure detector on several CPUs, one of which may be stalled: its
 * interrupts are off, as when a driver hangs or a hypervisor does not run it.
 *
 *   ┌──────────────┐                        ┌──────────────┐
 *   │ sender       │ s0 ──────────────── o0 │ observer     │
 *   │ 10.1.0.2     │      four queues       │ 10.1.0.1     │
 *   └──────────────┘                        └──────────────┘
 *
 * Beats are sent by the CPU on which the sender was told its interval last, and
 * received there, too, unless the observer's device steers them to another one.
 *
 * This runs in real time, on a host that may not run a CPU of the guest for
 * seconds. So nothing is said about how long something takes: only in what
 * order it happens, and how often it is counted. While a CPU is stalled, nothing
 * here may wait for all CPUs: no program is started, no socket is removed, and
 * no page of this process changes its place, which each CPU that ran it is told.
 */
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>

#include "lib/clock.h"
#include "lib/harness.h"
#include "lib/listener.h"
#include "lib/net.h"
#include "lib/node.h"
#include "lib/pair.h"
#include "lib/probe.h"

#define STALLED_CPU		"/sys/module/stall/parameters/cpu"
#define THIS		struct __test_metadata *_metadata, struct _test_data_cpus *self
#define CPUS		4
#define INTERVAL	(20 * MS)
#define MULTIPLIER	5
#define GRACES		3
/* Far more than anything here takes, and less than a CPU stays stalled. */
#define LONG		(150 * SECOND)
/* How often the host may come in between. */
#define TRIES		20
/* What the module waits at least for a stalled CPU. */
#define PATIENCE	SECOND

FIXTURE(cpus) {
	struct pair pair;
	struct node sender, observer;
	struct probe probe;
	struct listener events;
	int stalled;
};

FIXTURE_VARIANT(cpus) {
	uint32_t mode;
};

FIXTURE_VARIANT_ADD(cpus, module) { HOTID_PROBE_MODE_NONE };
FIXTURE_VARIANT_ADD(cpus, native) { HOTID_PROBE_MODE_NATIVE };

/* From here on this process runs there. */
static void run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "running on CPU %d", cpu);
}

static void write_to(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		err(1, "%s", file);
	close(fd);
}

/* This CPU, not our own, is stalled until the next call; -1 for none. */
static void set_stalled(struct _test_data_cpus *self, int cpu)
{
	char text[16];

	/* A page that was shared with a child until now gets its copy here, and not later. */
	if (cpu >= 0 && mlockall(MCL_CURRENT | MCL_FUTURE))
		err(1, "mlockall");
	snprintf(text, sizeof(text), "%d", cpu);
	write_to(STALLED_CPU, text);
	self->stalled = cpu;
}

/* It is still, and was all the time. */
static bool is_stalled(int cpu)
{
	char text[16] = {};
	int fd = open(STALLED_CPU, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		err(1, STALLED_CPU);
	close(fd);
	return atoi(text) == cpu;
}

/* What all queues of the device receive is delivered by this CPU; -1 for where it comes. */
static void steer(int ns, const char *device, int cpu)
{
	char file[96], mask[16];
	int queue, status;
	pid_t child;

	snprintf(mask, sizeof(mask), "%x", cpu < 0 ? 0 : 1 << cpu);
	child = fork();
	if (child < 0)
		err(1, "fork");
	if (!child) {
		/* A view of the devices of that namespace, gone with the child. */
		ns_enter(ns);
		if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
		    mount("sysfs", "/sys", "sysfs", 0, NULL))
			err(1, "/sys");
		for (queue = 0; queue < CPUS; queue++) {
			snprintf(file, sizeof(file), "/sys/class/net/%s/queues/rx-%d/rps_cpus",
				 device, queue);
			write_to(file, mask);
		}
		_exit(0);
	}
	if (waitpid(child, &status, 0) != child || status)
		errx(1, "steering what %s receives", device);
}

/* From now on the sender beats from this CPU; we are back where we were then. */
static void beat_from(struct _test_data_cpus *self, int cpu)
{
	struct hotid_node wanted = { .interval_us = INTERVAL / US };
	cpu_set_t before;

	sched_getaffinity(0, sizeof(before), &before);
	run_on(cpu);
	MUST(self->sender.h, hotid_node_set(self->sender.h, &wanted, HOTID_SET_INTERVAL));
	sched_setaffinity(0, sizeof(before), &before);
}

static void watch(struct _test_data_cpus *self, uint32_t multiplier)
{
	struct hotid_peer from = peer_with(self->sender.id, WATCH);

	from.multiplier = multiplier;
	peer_path(&from, SENDER);
	peer_set(&self->observer, &from);
}

FIXTURE_SETUP(cpus)
{
	if (sysconf(_SC_NPROCESSORS_ONLN) < CPUS)
		errx(1, "this needs %d CPUs", CPUS);
	self->stalled = -1;
	/* What was freed stays mapped. */
	if (!mallopt(M_TRIM_THRESHOLD, INT_MAX) || !mallopt(M_MMAP_MAX, 0))
		errx(1, "mallopt");
	self->pair.observer = ns_new();
	self->pair.sender = ns_new();
	link_veth_queues(self->pair.observer, "o0", self->pair.sender, "s0", CPUS);
	link_address(self->pair.observer, "o0", OBSERVER "/24");
	link_address(self->pair.sender, "s0", SENDER "/24");
	node_start(&self->sender, self->pair.sender, 1, INTERVAL / US);
	node_start(&self->observer, self->pair.observer, 2, INTERVAL / US);
	probe_start(&self->probe, &self->observer, "o0", variant->mode);
	listener_open(&self->events, self->pair.observer);
	module_load_other("stall.ko");
	watch(self, MULTIPLIER);
	peer_add(&self->sender, self->observer.id, TELL, OBSERVER);
}

FIXTURE_TEARDOWN(cpus)
{
	set_stalled(self, -1);
	if (self->probe.skeleton)
		probe_unload(&self->probe);
	hotid_close(self->events.h);
	hotid_close(self->sender.h);
	hotid_close(self->observer.h);
}

/* The next event of this type; others are passed over, and so are news of paths and settings. */
static const struct note *next_of(struct _test_data_cpus *self, enum hotid_event_type type)
{
	const struct note *note;

	do
		note = listener_next(&self->events, LONG);
	while (note && (note->type != type ||
			(type == HOTID_EVENT_PEER && note->peer.event == HOTID_REASON_NONE)));
	return note;
}

/* The next time that the peer is told to be down. */
static const struct note *next_down(struct _test_data_cpus *self)
{
	const struct note *note;

	do
		note = next_of(self, HOTID_EVENT_PEER);
	while (note && note->peer.state != HOTID_PEER_STATE_DOWN);
	return note;
}

/* Whether a list like "0,2-3" has this CPU in it. The host may have stalled others. */
static bool listed(const char *list, int cpu)
{
	while (*list) {
		char *end;
		long first = strtol(list, &end, 10), last = first;

		if (*end == '-')
			last = strtol(end + 1, &end, 10);
		if (cpu >= first && cpu <= last)
			return true;
		list = *end ? end + 1 : end;
	}
	return false;
}

/* What was told until now is not what is waited for from here on. */
static void pass_over_events(struct _test_data_cpus *self)
{
	while (listener_next(&self->events, MS))
		;
}

/* Up, however often the host's stalls took it down meanwhile. */
static void wait_up(THIS)
{
	ASSERT_TRUE(WAIT_FOR(peer_state(&self->observer, self->sender.id) ==
			     HOTID_PEER_STATE_UP, LONG));
	pass_over_events(self);
}

/**
 * struct before - what was so when a CPU became stalled
 * @peer: as it was before, and still was a moment after
 * @rounds: pending ones until then
 * @stalled_ns: a moment at which the CPU was stalled already
 */
struct before {
	struct hotid_peer peer;
	uint64_t rounds;
	uint64_t stalled_ns;
};

/* No CPU was pending since, and the peer got no grace. From here on all is told. */
static bool undisturbed(struct _test_data_cpus *self, const struct before *before)
{
	struct hotid_node node;
	struct hotid_peer peer;

	pass_over_events(self);
	node = node_read(&self->observer);
	peer = peer_read(&self->observer, self->sender.id);
	return !node.pending_cpus[0] && node.pending_rounds == before->rounds &&
	       peer.state == HOTID_PEER_STATE_UP && peer.downs == before->peer.downs &&
	       peer.graces == before->peer.graces;
}

/* A round that the CPU did not answer is told before the death of a peer, if there was one. */
static bool reported_pending(THIS, int cpu)
{
	for (;;) {
		const struct note *note = listener_next(&self->events, LONG);

		ASSERT_NE(NULL, note) {
			TH_LOG("CPU %d is stalled, and nobody says so", cpu);
		}
		if (note->type == HOTID_EVENT_NODE && listed(note->node.pending_cpus, cpu))
			return true;
		if (note->type == HOTID_EVENT_PEER && note->peer.state == HOTID_PEER_STATE_DOWN)
			return false;
	}
}

/*
 * This CPU is stalled while the sender is silent, and that was told.
 *
 * The host may stall any CPU at any moment. What is counted from here on is to
 * follow from this silence alone: one that begins with a beat, after which no
 * grace was given before the CPU was stalled. And a sender that the host kept from
 * beating may be judged in a round that all CPUs answered, just before this one
 * became stalled. In either case this begins anew; if the module did not wait for
 * the CPU, each time would end like that.
 */
static void stall_and_wait(THIS, int cpu, bool lose, struct before *before)
{
	int tries;

	for (tries = 0; tries < TRIES; tries++) {
		struct hotid_peer peer;

		wait_up(_metadata, self);
		before->rounds = node_read(&self->observer).pending_rounds;
		before->peer = peer_read(&self->observer, self->sender.id);
		ASSERT_TRUE(WAIT_FOR((peer = peer_read(&self->observer, self->sender.id),
				      peer_last_ns(&peer) > peer_last_ns(&before->peer)), LONG));
		set_stalled(self, cpu);
		before->stalled_ns = now_ns();
		if (lose)
			ns_lose(self->pair.sender, OBSERVER, true);
		if (undisturbed(self, before) && reported_pending(_metadata, self, cpu))
			return;
		set_stalled(self, -1);
		if (lose)
			ns_lose(self->pair.sender, OBSERVER, false);
	}
	ASSERT_GT(TRIES, tries) {
		TH_LOG("the peer is judged without CPU %d, which is stalled", cpu);
	}
}

/* Down only after every grace, each of which followed a patient round. */
static void expect_patience(struct __test_metadata *_metadata, const struct before *before,
			    const struct hotid_peer *peer)
{
	EXPECT_EQ(HOTID_REASON_PEER_SILENT, peer->reason);
	EXPECT_GE(peer->graces, before->peer.graces + GRACES);
	/* The host can make this longer, but not shorter. */
	EXPECT_GE(peer->changed_ns, before->stalled_ns + GRACES * PATIENCE);
}

/*
 * Whichever CPU is stalled, be it the one that had the peer's timer: the dead peer
 * is found dead while it is, the CPU is named first, and every grace was given.
 */
TEST_F_TIMEOUT(cpus, dies_while_a_cpu_is_stalled, 900)
{
	struct before before;
	int cpu;

	for (cpu = 0; cpu < CPUS; cpu++) {
		const struct note *note;

		run_on((cpu + 1) % CPUS);
		beat_from(self, (cpu + 2) % CPUS);
		stall_and_wait(_metadata, self, cpu, true, &before);
		note = next_down(self);
		ASSERT_NE(NULL, note) {
			TH_LOG("while CPU %d is stalled the peer's death is not seen", cpu);
		}
		expect_patience(_metadata, &before, &note->peer);
		EXPECT_GE(node_read(&self->observer).pending_rounds, before.rounds + GRACES);
		EXPECT_TRUE(listed(node_read(&self->observer).pending_cpus, cpu));
		ASSERT_TRUE(is_stalled(cpu));

		/* Back again, it answers, and that is told. */
		set_stalled(self, -1);
		do
			note = next_of(self, HOTID_EVENT_NODE);
		while (note && listed(note->node.pending_cpus, cpu));
		ASSERT_NE(NULL, note);
		EXPECT_TRUE(WAIT_FOR(!listed(node_read(&self->observer).pending_cpus, cpu), LONG));
		ns_lose(self->pair.sender, OBSERVER, false);
	}
	wait_up(_metadata, self);
}

/*
 * Beats that a stalled CPU holds are as good as heard: the peer is not accused
 * before every patient round and grace is used up.
 */
TEST_F_TIMEOUT(cpus, beats_wait_at_a_stalled_cpu, 900)
{
	struct before before;
	int cpu;

	for (cpu = 0; cpu < CPUS; cpu++) {
		struct hotid_peer peer;

		run_on((cpu + 1) % CPUS);
		steer(self->pair.observer, "o0", cpu);
		beat_from(self, variant->mode == HOTID_PROBE_MODE_NATIVE ? cpu : (cpu + 2) % CPUS);
		stall_and_wait(_metadata, self, cpu, false, &before);
		peer = peer_read(&self->observer, self->sender.id);
		EXPECT_LT(before.peer.graces, peer.graces);
		/* We may have been too slow to see it up. */
		if (peer.state == HOTID_PEER_STATE_DOWN)
			expect_patience(_metadata, &before, &peer);
		ASSERT_TRUE(is_stalled(cpu));
		set_stalled(self, -1);
		wait_up(_metadata, self);
	}
	steer(self->pair.observer, "o0", -1);
}

/* From every CPU to every CPU: beats are heard, and a silent sender is missed. */
TEST_F_TIMEOUT(cpus, every_way, 900)
{
	int from, to;

	for (from = 0; from < CPUS; from++) {
		for (to = 0; to < CPUS; to++) {
			const struct note *note;
			uint64_t accepted;

			steer(self->pair.observer, "o0", to);
			beat_from(self, from);
			wait_up(_metadata, self);
			accepted = node_read(&self->observer).counters.accepted;
			ASSERT_TRUE(WAIT_FOR(node_read(&self->observer).counters.accepted >=
					     accepted + 20, LONG));
			wait_up(_metadata, self);
			ns_lose(self->pair.sender, OBSERVER, true);
			/* One for a stall of the host may come before that one. */
			do
				note = next_down(self);
			while (note && peer_state(&self->observer, self->sender.id) !=
				       HOTID_PEER_STATE_DOWN);
			ASSERT_NE(NULL, note);
			EXPECT_EQ(HOTID_REASON_PEER_SILENT, note->peer.event);
			ns_lose(self->pair.sender, OBSERVER, false);
		}
	}
}

/* After its last word comes no beat of it, from whichever CPU. */
TEST_F_TIMEOUT(cpus, gasp_is_last, 900)
{
	int cpu;

	/* So patient that no stall of the host passes for silence. */
	watch(self, 255);
	for (cpu = 0; cpu < CPUS; cpu++) {
		const struct note *note;
		struct hotid_peer peer;

		beat_from(self, cpu);
		steer(self->pair.observer, "o0", (cpu + 1) % CPUS);
		wait_up(_metadata, self);
		if (variant->mode != HOTID_PROBE_MODE_NONE)
			probe_detach(&self->probe);
		hotid_close(self->sender.h);
		close(self->pair.sender);
		do
			note = next_of(self, HOTID_EVENT_PEER);
		while (note && note->peer.event != HOTID_REASON_PEER_GASP);
		ASSERT_NE(NULL, note);
		EXPECT_EQ(HOTID_PEER_STATE_DOWN, note->peer.state);
		EXPECT_EQ(HOTID_GASP_UNLOAD, note->peer.gasp);

		/* The next one, with new cables. */
		ASSERT_TRUE(WAIT_FOR(!link_exists(self->pair.observer, "o0"), LONG));
		peer = peer_read(&self->observer, self->sender.id);
		EXPECT_EQ(HOTID_PEER_STATE_DOWN, peer.state);
		self->pair.sender = ns_new();
		link_veth_queues(self->pair.observer, "o0", self->pair.sender, "s0", CPUS);
		link_address(self->pair.observer, "o0", OBSERVER "/24");
		link_address(self->pair.sender, "s0", SENDER "/24");
		if (variant->mode != HOTID_PROBE_MODE_NONE)
			probe_attach(&self->probe, self->pair.observer, "o0", variant->mode);
		node_start(&self->sender, self->pair.sender, 1, INTERVAL / US);
		peer_add(&self->sender, self->observer.id, TELL, OBSERVER);
	}
	wait_up(_metadata, self);
}

TEST_HARNESS_MAIN

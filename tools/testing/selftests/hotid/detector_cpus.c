// SPDX-License-Identifier: GPL-2.0
/*
 * The failure detector on several CPUs, one of which may be deaf: its
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
 * order it happens, and how often it is counted. While a CPU is deaf, nothing
 * here may wait for all CPUs: no program is started, no socket is removed.
 */
#include <fcntl.h>
#include <linux/genetlink.h>
#include <libmnl/libmnl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>

#include "kselftest_harness.h"
#include "lib/clock.h"
#include "lib/listener.h"
#include "lib/net.h"
#include "lib/node.h"
#include "lib/pair.h"
#include "lib/probe.h"

#define THIS		struct __test_metadata *_metadata, struct _test_data_cpus *self
#define CPUS		4
#define INTERVAL	(20 * MS)
#define MULTIPLIER	5
#define GRACES		3
/* Far more than anything here takes, and less than a CPU stays deaf. */
#define LONG		(150 * SECOND)

FIXTURE(cpus) {
	struct pair pair;
	struct node sender, observer;
	struct probe probe;
	struct listener events;
	int deaf;
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

/* This CPU, not our own, is deaf until the next call; -1 for none. */
static void deafen(struct _test_data_cpus *self, int cpu)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", cpu);
	write_to("/sys/module/stall/parameters/deaf", text);
	self->deaf = cpu;
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
	self->deaf = -1;
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
	deafen(self, -1);
	if (self->probe.skeleton)
		probe_unload(&self->probe);
	hotid_close(self->events.h);
	hotid_close(self->sender.h);
	hotid_close(self->observer.h);
}

/* The next event of this type; those of others are passed over. */
static const struct note *next_of(struct _test_data_cpus *self, enum hotid_event_type type)
{
	const struct note *note;

	do
		note = listener_next(&self->events, LONG);
	while (note && (note->type != type ||
			(type == HOTID_EVENT_PEER && note->peer.event == HOTID_REASON_NONE)));
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

static uint32_t downs(const struct _test_data_cpus *self)
{
	return peer_read(&self->observer, self->sender.id).downs;
}

static uint64_t deaf_rounds(const struct _test_data_cpus *self)
{
	return node_read(&self->observer).deaf_rounds;
}

/* Up, however often the host's stalls took it down meanwhile. */
static void wait_up(THIS)
{
	ASSERT_TRUE(WAIT_FOR(peer_state(&self->observer, self->sender.id) ==
			     HOTID_PEER_STATE_UP, LONG));
	/* What was told until now is not what is waited for from here on. */
	while (listener_next(&self->events, MS))
		;
}

/*
 * Whichever CPU is deaf, be it the one that had the peer's timer: the dead peer
 * is found dead while it is, the CPU is named first, and every grace was given.
 */
TEST_F_TIMEOUT(cpus, dies_while_one_is_deaf, 900)
{
	int cpu;

	for (cpu = 0; cpu < CPUS; cpu++) {
		const struct note *note;
		uint32_t graces;
		uint64_t rounds;

		run_on((cpu + 1) % CPUS);
		beat_from(self, (cpu + 2) % CPUS);
		wait_up(_metadata, self);
		rounds = deaf_rounds(self);
		graces = peer_read(&self->observer, self->sender.id).graces;
		deafen(self, cpu);
		ns_lose(self->pair.sender, OBSERVER, true);

		note = next_of(self, HOTID_EVENT_NODE);
		ASSERT_NE(NULL, note) {
			TH_LOG("CPU %d is deaf, and nobody says so", cpu);
		}
		EXPECT_TRUE(listed(note->node.deaf_cpus, cpu));
		/* Only then: what came before was passed over. */
		note = next_of(self, HOTID_EVENT_PEER);
		ASSERT_NE(NULL, note) {
			TH_LOG("while CPU %d is deaf the peer's death is not seen", cpu);
		}
		EXPECT_EQ(HOTID_PEER_STATE_DOWN, note->peer.state);
		EXPECT_EQ(HOTID_REASON_PEER_SILENT, note->peer.event);
		EXPECT_GE(note->peer.graces, graces + GRACES);
		EXPECT_GE(deaf_rounds(self), rounds + GRACES + 1);
		EXPECT_TRUE(listed(node_read(&self->observer).deaf_cpus, cpu));

		/* Back again, it answers, and that is told. */
		deafen(self, -1);
		do
			note = next_of(self, HOTID_EVENT_NODE);
		while (note && listed(note->node.deaf_cpus, cpu));
		ASSERT_NE(NULL, note);
		EXPECT_FALSE(listed(node_read(&self->observer).deaf_cpus, cpu));
		ns_lose(self->pair.sender, OBSERVER, false);
	}
	wait_up(_metadata, self);
}

/*
 * Beats that a deaf CPU holds are as good as heard: the peer is not accused
 * before every patient round and grace is used up.
 */
TEST_F_TIMEOUT(cpus, beats_wait_at_the_deaf_one, 900)
{
	int cpu;

	for (cpu = 0; cpu < CPUS; cpu++) {
		uint32_t before, graces;
		const struct note *note;
		uint64_t rounds;

		run_on((cpu + 1) % CPUS);
		steer(self->pair.observer, "o0", cpu);
		beat_from(self, variant->mode == HOTID_PROBE_MODE_NATIVE ? cpu : (cpu + 2) % CPUS);
		wait_up(_metadata, self);
		before = downs(self);
		rounds = deaf_rounds(self);
		graces = peer_read(&self->observer, self->sender.id).graces;
		deafen(self, cpu);
		note = next_of(self, HOTID_EVENT_NODE);
		ASSERT_NE(NULL, note);
		deafen(self, -1);
		if (downs(self) != before)
			/* Then we were too slow to wake it up; it was late enough for that. */
			EXPECT_GE(deaf_rounds(self), rounds + GRACES + 1);
		EXPECT_LT(graces, peer_read(&self->observer, self->sender.id).graces);
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
			note = next_of(self, HOTID_EVENT_PEER);
			ASSERT_NE(NULL, note);
			EXPECT_EQ(HOTID_PEER_STATE_DOWN, note->peer.state);
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

/* Whether a family other than ours answers; that takes the lock of generic netlink. */
static bool other_family_answers(struct mnl_socket *socket, uint64_t limit_ns)
{
	char buffer[8192] = {};
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct genlmsghdr *head;

	request->nlmsg_type = GENL_ID_CTRL;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	head = mnl_nlmsg_put_extra_header(request, sizeof(*head));
	head->cmd = CTRL_CMD_GETFAMILY;
	head->version = 1;
	mnl_attr_put_strz(request, CTRL_ATTR_FAMILY_NAME, "nlctrl");
	if (mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		err(1, "nlctrl");
	return mnl_socket_recvfrom(socket, buffer, sizeof(buffer)) > 0;
}

/* What a process that was forked before does when it is told. */
struct helper {
	pid_t pid;
	int go[2], done[2];
};

static void helper_start(struct helper *helper, int cpu, void (*act)(void *), void *data)
{
	char byte;

	if (pipe(helper->go) || pipe(helper->done))
		err(1, "pipe");
	helper->pid = fork();
	if (helper->pid < 0)
		err(1, "fork");
	if (helper->pid)
		return;
	run_on(cpu);
	if (read(helper->go[0], &byte, 1) == 1)
		act(data);
	if (write(helper->done[1], "", 1) != 1)
		err(1, "pipe");
	/* It ends when it is told: an exit waits for all CPUs. */
	if (read(helper->go[0], &byte, 1) < 0)
		err(1, "pipe");
	_exit(0);
}

static void helper_go(struct helper *helper)
{
	if (write(helper->go[1], "", 1) != 1)
		err(1, "pipe");
}

static bool helper_done(struct helper *helper, uint64_t limit_ns)
{
	struct pollfd readable = { .fd = helper->done[0], .events = POLLIN };

	return poll(&readable, 1, limit_ns / MS) == 1;
}

static char state_of(pid_t pid)
{
	char file[32], text[256] = {};
	int fd;

	snprintf(file, sizeof(file), "/proc/%d/stat", pid);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		err(1, "%s", file);
	close(fd);
	return strrchr(text, ')')[2];
}

static void act_delete(void *data)
{
	struct _test_data_cpus *self = data;

	MUST(self->observer.h, hotid_peer_del(self->observer.h, self->sender.id));
}

static void act_ask_others(void *data)
{
	if (!other_family_answers(data, LONG))
		err(1, "nlctrl");
}

static void act_kick(void *data)
{
	struct hotid *h = data;

	MUST(h, hotid_kick(h, HOTID_HEALTH_USERSPACE));
}

/*
 * While a peer is being removed, which takes until the deaf CPU is back, other
 * families answer, other nodes do, and a kick is taken.
 */
TEST_F_TIMEOUT(cpus, removal_keeps_nobody_waiting, 900)
{
	struct mnl_socket *control = mnl_socket_open(NETLINK_GENERIC);
	struct helper delete, others, kick;
	struct hotid *kicker;

	ASSERT_NE(NULL, control);
	ASSERT_EQ(0, mnl_socket_bind(control, 0, MNL_SOCKET_AUTOPID));
	kicker = node_connect(self->pair.observer);
	run_on(0);
	beat_from(self, 0);
	wait_up(_metadata, self);
	helper_start(&delete, 1, act_delete, self);
	helper_start(&others, 2, act_ask_others, control);
	helper_start(&kick, 2, act_kick, kicker);

	deafen(self, 3);
	ns_lose(self->pair.sender, OBSERVER, true);
	ASSERT_NE(NULL, next_of(self, HOTID_EVENT_NODE));
	helper_go(&delete);
	EXPECT_TRUE(WAIT_FOR(state_of(delete.pid) == 'D', LONG));
	helper_go(&kick);
	EXPECT_TRUE(helper_done(&kick, LONG));
	helper_go(&others);
	EXPECT_TRUE(helper_done(&others, LONG));
	/* All that came to pass before the removal did. */
	EXPECT_FALSE(helper_done(&delete, 0));
	EXPECT_NE(0, node_read(&self->sender).boot_id);

	deafen(self, -1);
	EXPECT_TRUE(helper_done(&delete, LONG));
	helper_go(&delete);
	helper_go(&kick);
	helper_go(&others);
	EXPECT_EQ(delete.pid, waitpid(delete.pid, NULL, 0));
	EXPECT_EQ(kick.pid, waitpid(kick.pid, NULL, 0));
	EXPECT_EQ(others.pid, waitpid(others.pid, NULL, 0));
	hotid_close(kicker);
	mnl_socket_close(control);
}

TEST_HARNESS_MAIN

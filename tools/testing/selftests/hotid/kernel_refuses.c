// SPDX-License-Identifier: GPL-2.0
/*
 * What becomes of the module when the kernel refuses what it is asked for, and
 * of others while the kernel lets the module wait.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <libmnl/libmnl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/clock.h"
#include "lib/detour.h"
#include "lib/harness.h"
#include "lib/listener.h"
#include "lib/net.h"
#include "lib/node.h"
#include "lib/pair.h"

/* Far more than anything here takes; and, in seconds, than a test waits in all. */
#define LONG		(30 * SECOND)
#define LIMIT		300
#define SLOW_US		100000
/* Where events are made, and what they are made in. */
#define EVENT_MAKER	"hotid_netlink_event"
#define EVENT_MEMORY	"__alloc_skb"

#define THIS		struct __test_metadata *_metadata, struct _test_data_detours *self

FIXTURE(detours) {
	struct pair pair;
	struct node sender, observer;
	struct listener events;
};

FIXTURE_SETUP(detours)
{
	pair_make(&self->pair);
	node_start(&self->sender, self->pair.sender, 1, 10000);
	node_start(&self->observer, self->pair.observer, 2, 10000);
	listener_open(&self->events, self->pair.observer);
}

FIXTURE_TEARDOWN(detours)
{
	detour_let_go();
	hotid_close(self->events.h);
	hotid_close(self->sender.h);
	hotid_close(self->observer.h);
	module_load();
}

/*
 * Whatever the kernel refuses while the module is loaded, the module says so and
 * leaves nothing: what it registered is not found by who comes next, such as
 * the module itself, loaded again.
 */
TEST_F_TIMEOUT(detours, load_is_undone, LIMIT)
{
	static const struct {
		const char *function;
		int error;
	} steps[] = {
		{ "register_netdevice_notifier", EBUSY },
		{ "register_reboot_notifier", ENOSPC },
		{ "atomic_notifier_chain_register", ENOSPC },
		{ "register_pernet_device", ENOMEM },
		{ "genl_register_family", ENOSPC },
	};
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		ASSERT_TRUE(module_unload());
		detour_refuse(steps[i].function, "*", -steps[i].error);
		EXPECT_EQ(steps[i].error, module_try_load()) {
			TH_LOG("%s was refused", steps[i].function);
		}
		ASSERT_EQ(1, detour_refused()) {
			TH_LOG("%s was not called", steps[i].function);
		}
		/* All lists that the kernel keeps are walked through. */
		ASSERT_EQ(0, module_try_load()) {
			TH_LOG("after %s was refused: %s", steps[i].function, strerror(errno));
		}
	}
}

/* An event for which there is no memory: whoever listens is told to read all anew. */
TEST_F_TIMEOUT(detours, event_without_memory, LIMIT)
{
	const struct note *note;

	self->events.membership = true;
	peer_add(&self->observer, self->sender.id, WATCH, SENDER);
	note = listener_next(&self->events, LONG);
	ASSERT_NE(NULL, note);
	EXPECT_EQ(HOTID_EVENT_PEER, note->type);

	detour_refuse(EVENT_MEMORY, EVENT_MAKER, 0);
	MUST(self->observer.h, hotid_peer_del(self->observer.h, self->sender.id));
	ASSERT_EQ(1, detour_refused());
	note = listener_next(&self->events, LONG);
	ASSERT_NE(NULL, note) {
		TH_LOG("nobody says that an event was lost");
	}
	EXPECT_EQ(HOTID_EVENT_LOST, note->type);

	/* So is one that has no room for what it tells. */
	detour_refuse("nla_put", "*", -EMSGSIZE);
	peer_add(&self->observer, self->sender.id, WATCH, SENDER);
	ASSERT_EQ(1, detour_refused());
	note = listener_next(&self->events, LONG);
	ASSERT_NE(NULL, note);
	EXPECT_EQ(HOTID_EVENT_LOST, note->type);
}

/* The number of the group, as the kernel gave it to the family. */
static int group_of_events(int ns)
{
	struct nl_sock *socket = nl_socket_alloc();
	int group;

	ns_enter(ns);
	if (!socket || genl_connect(socket))
		errx(1, "generic netlink");
	ns_home();
	group = genl_ctrl_resolve_grp(socket, "hotid", "events");
	if (group < 0)
		errx(1, "the group of events: %s", nl_geterror(group));
	nl_socket_free(socket);
	return group;
}

/* Listen to a group by its number, whosever it is. */
static int listen_to(int ns, int group)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	int fd;

	ns_enter(ns);
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	ns_home();
	/* What has no port hears nothing of the kernel, which has none either. */
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)))
		err(1, "group %d", group);
	return fd;
}

/*
 * When the family has gone, its group is the next family's. Peers still live
 * then, and what becomes of them is told to nobody.
 */
TEST_F_TIMEOUT(detours, events_end_before_the_family, LIMIT)
{
	struct hotid_peer watched = peer_with(self->sender.id, WATCH);
	struct hotid_node slow = { .interval_us = SLOW_US };
	struct pollfd stranger = { .events = POLLIN };
	pid_t unloading;
	int group, made;

	MUST(self->sender.h, hotid_node_set(self->sender.h, &slow, HOTID_SET_INTERVAL));
	peer_add(&self->sender, self->observer.id, TELL, OBSERVER);
	watched.multiplier = 10 * SECOND / (SLOW_US * US);
	peer_path(&watched, SENDER);
	peer_set(&self->observer, &watched);
	ASSERT_TRUE(WAIT_FOR(peer_state(&self->observer, self->sender.id) ==
			     HOTID_PEER_STATE_UP, LONG));
	ASSERT_TRUE(WAIT_FOR(peer_read(&self->observer, self->sender.id).interval_us == SLOW_US,
			     LONG));
	group = group_of_events(self->pair.observer);

	/* Its last word is lost too, so that it is missed while the unload is held. */
	ns_lose(self->pair.sender, OBSERVER, true);
	/* The family has gone, and nodes have not. */
	detour_hold("unregister_pernet_device", "*");
	unloading = fork();
	ASSERT_LE(0, unloading);
	if (!unloading)
		_exit(!module_unload());
	ASSERT_TRUE(WAIT_FOR(detour_held() == 1, LONG));
	stranger.fd = listen_to(self->pair.observer, group);
	detour_count(EVENT_MEMORY, EVENT_MAKER);
	/* What has no listener is made all the same. */
	EXPECT_TRUE(WAIT_FOR(detour_counted() > 0, LONG));
	detour_let_go();
	ASSERT_EQ(unloading, waitpid(unloading, &made, 0));
	EXPECT_EQ(0, made);
	EXPECT_EQ(0, poll(&stranger, 1, 0)) {
		TH_LOG("events come to whoever has their group now");
	}
	close(stranger.fd);
}

/* Whether a family other than ours answers; that takes the lock of generic netlink. */
static void act_ask_others(THIS)
{
	struct mnl_socket *socket = mnl_socket_open(NETLINK_GENERIC);
	char buffer[8192] = {};
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct genlmsghdr *head;

	if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID))
		err(1, "generic netlink");
	request->nlmsg_type = GENL_ID_CTRL;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	head = mnl_nlmsg_put_extra_header(request, sizeof(*head));
	head->cmd = CTRL_CMD_GETFAMILY;
	head->version = 1;
	mnl_attr_put_strz(request, CTRL_ATTR_FAMILY_NAME, "nlctrl");
	if (mnl_socket_sendto(socket, request, request->nlmsg_len) < 0 ||
	    mnl_socket_recvfrom(socket, buffer, sizeof(buffer)) <= 0)
		err(1, "nlctrl");
	mnl_socket_close(socket);
}

static void act_delete(THIS)
{
	MUST(self->observer.h, hotid_peer_del(self->observer.h, self->sender.id));
}

static void act_keepalive(THIS)
{
	struct hotid *h = node_connect(self->pair.observer);

	MUST(h, hotid_keepalive(h, HOTID_HEALTH_USERSPACE));
	hotid_close(h);
}

static void act_ask_other_node(THIS)
{
	node_read(&self->sender);
}

/* In a process of its own, so that we can see whether it comes back. */
static pid_t begin(THIS, void (*act)(THIS))
{
	pid_t child = fork();

	if (child < 0)
		err(1, "fork");
	if (child)
		return child;
	act(_metadata, self);
	_exit(0);
}

static bool ended(pid_t child)
{
	int status;

	return waitpid(child, &status, WNOHANG) == child && !status;
}

static void expect_answer(THIS, void (*act)(THIS), const char *what)
{
	pid_t child = begin(_metadata, self, act);

	EXPECT_TRUE(WAIT_FOR(ended(child), LONG)) {
		TH_LOG("%s waits for the removal of a peer", what);
		kill(child, SIGKILL);
	}
}

/*
 * The removal of a peer waits for all CPUs, which takes long when one of them
 * hangs. While it does other families answer, other nodes do, and a keepalive is taken.
 */
TEST_F_TIMEOUT(detours, removal_keeps_nobody_waiting, LIMIT)
{
	pid_t removal;

	peer_add(&self->observer, self->sender.id, WATCH, SENDER);
	detour_hold("synchronize_rcu", "hotid_table_remove");
	removal = begin(_metadata, self, act_delete);
	ASSERT_TRUE(WAIT_FOR(detour_held() == 1, LONG));
	expect_answer(_metadata, self, act_keepalive, "a keepalive");
	expect_answer(_metadata, self, act_ask_others, "another family");
	expect_answer(_metadata, self, act_ask_other_node, "another node");
	/* All that came to pass before the removal did. */
	EXPECT_FALSE(ended(removal));
	detour_let_go();
	EXPECT_TRUE(WAIT_FOR(ended(removal), LONG));
}

TEST_HARNESS_MAIN

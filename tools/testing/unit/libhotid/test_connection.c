// SPDX-License-Identifier: GPL-2.0
/*
 * libhotid against a module that this file plays: asynchronous requests with poll() and
 * epoll, and programs that were compiled with an older or a newer hotid.h. The
 * functions of libnl that connect, send and receive are those below.
 */
#include <errno.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/handlers.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include "handle.h"
#include "hotid_daemon.h"
#include "ktap.h"

#define FAMILY	28
#define QUEUE	16

/* What the module sends: messages, and errors of the socket, each for one call of recvmsgs. */
static struct {
	struct nl_msg *msg;
	int error;
} queue[QUEUE];
static size_t first, n;

static struct nl_msg *sent;	/* the last request */
static size_t n_sent;
static uint32_t sequence;
static size_t connections;
static int readable = -1;
static nl_recvmsg_msg_cb_t callback;
static void *callback_data;

int genl_connect(struct nl_sock *sk)
{
	connections++;
	if (readable >= 0)
		close(readable);
	readable = eventfd(0, EFD_NONBLOCK | EFD_SEMAPHORE);
	return 0;
}

void nl_close(struct nl_sock *sk)
{
}

int genl_ctrl_resolve(struct nl_sock *sk, const char *name)
{
	return FAMILY;
}

int nl_socket_get_fd(const struct nl_sock *sk)
{
	return readable;
}

int nl_socket_set_nonblocking(const struct nl_sock *sk)
{
	return 0;
}

int nl_socket_set_buffer_size(struct nl_sock *sk, int rx, int tx)
{
	return 0;
}

int nl_socket_modify_cb(struct nl_sock *sk, enum nl_cb_type type, enum nl_cb_kind kind,
			nl_recvmsg_msg_cb_t function, void *data)
{
	callback = function;
	callback_data = data;
	return 0;
}

int nl_send_auto(struct nl_sock *sk, struct nl_msg *msg)
{
	nlmsg_hdr(msg)->nlmsg_seq = ++sequence;
	if (sent)
		nlmsg_free(sent);
	sent = nlmsg_convert(nlmsg_hdr(msg));
	n_sent++;
	return 0;
}

int nl_recvmsgs_default(struct nl_sock *sk)
{
	uint64_t one;
	int error;

	if (first == n)
		return -NLE_AGAIN;
	CHECK(read(readable, &one, sizeof(one)) == sizeof(one));
	error = queue[first].error;
	if (!error) {
		callback(queue[first].msg, callback_data);
		nlmsg_free(queue[first].msg);
	}
	first++;
	return error;
}

static void push(struct nl_msg *msg, int error)
{
	uint64_t one = 1;

	if (first == n)
		first = n = 0;
	queue[n].msg = msg;
	queue[n++].error = error;
	CHECK(write(readable, &one, sizeof(one)) == sizeof(one));
}

/* An item of an answer to the request that was sent last, to be given to push(). */
static struct nl_msg *item(uint8_t cmd, int flags)
{
	struct nl_msg *msg = nlmsg_alloc();

	genlmsg_put(msg, 0, nlmsg_hdr(sent)->nlmsg_seq, FAMILY, 0, flags, cmd, 1);
	return msg;
}

static struct nl_msg *peer_item(const char *name, int flags)
{
	struct nl_msg *msg = item(HOTID_CMD_PEER_GET, flags);

	nla_put_string(msg, HOTID_A_PEER_NAME, name);
	nla_put_u64(msg, HOTID_A_PEER_GAPS_SINCE_NS, 7);
	return msg;
}

/* NLMSG_ERROR; the end of a dump that went well looks enough like it. */
static void push_answer(uint32_t to, int error)
{
	struct nl_msg *msg = nlmsg_alloc_simple(NLMSG_ERROR, NLM_F_CAPPED);
	struct nlmsgerr end = { .error = error };

	nlmsg_append(msg, &end, sizeof(end), 0);
	nlmsg_hdr(msg)->nlmsg_seq = to;
	push(msg, 0);
}

static void push_end(int error)
{
	push_answer(nlmsg_hdr(sent)->nlmsg_seq, error);
}

/* Many requests at once: @refused is not accepted, the last is acknowledged. */
static size_t n_batched, refused;

int nl_send_iovec(struct nl_sock *sk, struct nl_msg *msg, struct iovec *parts, unsigned int many)
{
	size_t i;

	n_sent++;
	for (i = 0; i < many; i++) {
		const struct nlmsghdr *hdr = parts[i].iov_base;
		bool last = i == many - 1;

		CHECK_INT(!!(hdr->nlmsg_flags & NLM_F_ACK), last);
		CHECK_INT(parts[i].iov_len, NLMSG_ALIGN(hdr->nlmsg_len));
		if (n_batched == refused || last)
			push_answer(hdr->nlmsg_seq, n_batched == refused ? -EPERM : 0);
		n_batched++;
	}
	return 0;
}

static uint8_t command_sent(void)
{
	return genlmsg_hdr(nlmsg_hdr(sent))->cmd;
}

static struct hotid *opened(void)
{
	struct hotid *h = NULL;

	first = n = n_sent = connections = 0;
	CHECK_INT(hotid_open(&h), 0);
	return h;
}

static bool polled(struct hotid *h)
{
	struct pollfd fd = { .fd = hotid_fd(h), .events = POLLIN };

	return poll(&fd, 1, 0) == 1;
}

/* What the program was called with. */
struct heard {
	size_t items, ends;
	int error;
	char names[64], text[HOTID_TEXT_MAX];
	struct hotid *again;		/* ask for this once more at the end */
};

static void hear(const struct hotid_event *event, void *data)
{
	struct heard *heard = data;

	if (event->type == HOTID_EVENT_PEER) {
		heard->items++;
		strcat(heard->names, event->peer->name);
	}
	if (event->type != HOTID_EVENT_DONE)
		return;
	heard->ends++;
	heard->error = event->error;
	snprintf(heard->text, sizeof(heard->text), "%s", event->text ? event->text : "");
	if (heard->again) {
		struct hotid *h = heard->again;

		heard->again = NULL;
		CHECK_INT(hotid_identity_takeover_async(h, "web", 0, hear, heard), 0);
	}
}

static void test_poll(void)
{
	struct hotid *h = opened();
	struct heard heard = { 0 };

	CHECK(!polled(h));
	CHECK_INT(hotid_dispatch(h), 0);
	CHECK_INT(hotid_identity_arm_async(h, "web", hear, &heard), 0);
	CHECK_INT(command_sent(), HOTID_CMD_IDENTITY_ARM);
	CHECK(nlmsg_hdr(sent)->nlmsg_flags & NLM_F_ACK);
	CHECK(!polled(h));
	CHECK_INT(hotid_dispatch(h), 0);
	CHECK_INT(heard.ends, 0);

	push_end(0);
	CHECK(polled(h));
	CHECK_INT(hotid_dispatch(h), 0);
	CHECK_INT(heard.ends, 1);
	CHECK_INT(heard.error, 0);
	CHECK(!polled(h));
	hotid_close(h);
}

/* In another epoll, as an event loop has it. */
static void test_epoll(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	int loop = epoll_create1(0);
	struct hotid *h = opened();
	struct heard heard = { 0 };

	CHECK_INT(epoll_ctl(loop, EPOLL_CTL_ADD, hotid_fd(h), &event), 0);
	CHECK_INT(hotid_identity_arm_async(h, "web", hear, &heard), 0);
	CHECK_INT(epoll_wait(loop, &event, 1, 0), 0);
	push_end(0);
	CHECK_INT(epoll_wait(loop, &event, 1, 0), 1);
	CHECK_INT(hotid_dispatch(h), 0);
	CHECK_INT(heard.ends, 1);
	CHECK_INT(epoll_wait(loop, &event, 1, 0), 0);
	hotid_close(h);
	close(loop);
}

/* One is under way at a time; what is made in a callback comes last. */
static void test_order(void)
{
	struct hotid *h = opened();
	struct heard one = { .again = h }, two = { 0 };

	CHECK_INT(hotid_peer_dump_async(h, hear, &one), 0);
	CHECK_INT(hotid_identity_release_async(h, "web", 3, hear, &two), 0);
	CHECK_INT(n_sent, 1);
	CHECK(nlmsg_hdr(sent)->nlmsg_flags & NLM_F_DUMP);
	push(peer_item("a", NLM_F_MULTI), 0);
	push(peer_item("b", NLM_F_MULTI), 0);
	push_end(0);
	CHECK_INT(hotid_dispatch(h), 0);
	CHECK_STR(one.names, "ab");
	CHECK_INT(one.ends, 1);
	CHECK_INT(n_sent, 2);
	CHECK_INT(command_sent(), HOTID_CMD_IDENTITY_RELEASE);
	push_end(0);
	CHECK_INT(hotid_dispatch(h), 0);
	CHECK_INT(two.ends, 1);
	CHECK_INT(command_sent(), HOTID_CMD_IDENTITY_TAKEOVER);
	push_end(-EPERM);
	CHECK_INT(hotid_dispatch(h), 0);
	CHECK_INT(one.ends, 2);
	CHECK_INT(one.error, -EPERM);
	CHECK_STR(one.text, "needs CAP_NET_ADMIN in the initial user namespace; run as root");
	hotid_close(h);
}

static void test_dump_changed(void)
{
	struct hotid *h = opened();
	struct heard heard = { 0 };

	CHECK_INT(hotid_peer_dump_async(h, hear, &heard), 0);
	push(peer_item("a", NLM_F_MULTI | NLM_F_DUMP_INTR), 0);
	push_end(0);
	CHECK_INT(hotid_dispatch(h), 0);
	CHECK_INT(heard.ends, 1);
	CHECK_INT(heard.error, -EAGAIN);
	hotid_close(h);
}

/* What is not of the request is not taken for its answer. */
static void test_foreign_answer(void)
{
	struct hotid *h = opened();
	struct heard heard = { 0 };
	struct nl_msg *msg;

	CHECK_INT(hotid_peer_dump_async(h, hear, &heard), 0);
	msg = peer_item("late", 0);
	nlmsg_hdr(msg)->nlmsg_seq--;
	push(msg, 0);
	CHECK_INT(hotid_dispatch(h), 0);
	CHECK_INT(heard.items + heard.ends, 0);
	/* Cut short: an answer that cannot be read is an error at the end. */
	msg = item(HOTID_CMD_PEER_GET, 0);
	nla_put_u8(msg, HOTID_A_PEER_STATE, 1);
	push(msg, 0);
	push_end(0);
	CHECK_INT(hotid_dispatch(h), 0);
	CHECK_INT(heard.items, 0);
	CHECK_INT(heard.error, -EBADMSG);
	hotid_close(h);
}

/* The request under way ends with the error; the next one goes to a new socket. */
static void test_socket_fails(void)
{
	struct hotid *h = opened();
	struct heard one = { 0 }, two = { 0 };

	CHECK_INT(hotid_identity_arm_async(h, "web", hear, &one), 0);
	CHECK_INT(hotid_identity_disarm_async(h, "web", hear, &two), 0);
	CHECK_INT(connections, 2);
	push(NULL, -NLE_NOMEM);
	CHECK_INT(hotid_dispatch(h), 0);
	CHECK_INT(one.ends, 1);
	CHECK_INT(one.error, -ENOMEM);
	CHECK_INT(two.ends, 0);
	CHECK_INT(connections, 3);
	CHECK_INT(command_sent(), HOTID_CMD_IDENTITY_DISARM);
	push_end(0);
	CHECK(polled(h));
	CHECK_INT(hotid_dispatch(h), 0);
	CHECK_INT(two.ends, 1);
	CHECK_INT(two.error, 0);
	hotid_close(h);
}

static void test_close_drops(void)
{
	struct hotid *h = opened();
	struct heard one = { 0 }, two = { 0 };

	CHECK_INT(hotid_identity_arm_async(h, "web", hear, &one), 0);
	CHECK_INT(hotid_identity_arm_async(h, "web", hear, &two), 0);
	hotid_close(h);
	CHECK_INT(one.ends + two.ends, 0);
}

/* Of another version of hotid.h. */
static struct hotid *opened_with(size_t node, size_t peer, size_t event)
{
	struct hotid_sizes sizes = { sizeof(sizes), node, peer, sizeof(struct hotid_identity),
				     event };
	struct hotid *h = NULL;

	first = n = n_sent = connections = 0;
	CHECK_INT(hotid_open_sized(&h, &sizes), 0);
	return h;
}

/* An answer to what blocks is there before it: with the number that the request will have. */
static void before_request(void)
{
	sent = sent ? sent : nlmsg_alloc_simple(FAMILY, 0);
	nlmsg_hdr(sent)->nlmsg_seq = sequence + 1;
}

static void answer_node(void)
{
	struct nl_msg *msg;

	before_request();
	msg = item(HOTID_CMD_NODE_GET, 0);
	nla_put_string(msg, HOTID_A_NODE_NAME, "spare");
	nla_put_u64(msg, HOTID_A_NODE_PENDING_ROUNDS, 9);
	push(msg, 0);
	push_end(0);
}

static void test_older_program(void)
{
	struct {
		uint8_t node[offsetof(struct hotid_node, pending_rounds)];
		uint8_t behind[64];
	} old;
	struct hotid *h = opened_with(sizeof(old.node), sizeof(struct hotid_peer),
				      sizeof(struct hotid_event));
	size_t i;

	memset(&old, 0xaa, sizeof(old));
	answer_node();
	CHECK_INT(hotid_node_get(h, (void *)old.node), 0);
	CHECK_STR((char *)old.node + offsetof(struct hotid_node, name), "spare");
	for (i = 0; i < sizeof(old.behind); i++)
		CHECK_INT(old.behind[i], 0xaa);

	/* It may set what it knows, and the library reads no byte behind that. */
	before_request();
	push_end(0);
	CHECK_INT(hotid_node_set(h, (void *)old.node, HOTID_SET_NAME), 0);
	hotid_close(h);
}

struct newer_node {
	struct hotid_node now;
	uint64_t later;
};

struct newer_peer {
	struct hotid_peer now;
	uint64_t later;
};

struct newer_event {
	struct hotid_event now;
	uint64_t later;
};

static void hear_newer(const struct hotid_event *event, void *data)
{
	size_t *calls = data;

	CHECK_INT(((const struct newer_event *)event)->later, 0);
	if (event->peer) {
		CHECK_INT(((const struct newer_peer *)event->peer)->later, 0);
		CHECK_INT(event->peer->gaps_since_ns, 7);
	}
	++*calls;
}

static void test_newer_program(void)
{
	struct hotid *h = opened_with(sizeof(struct newer_node), sizeof(struct newer_peer),
				      sizeof(struct newer_event));
	struct newer_peer peers[2] = { 0 };
	struct newer_node node;
	size_t calls = 0, refused;

	memset(&node, 0xaa, sizeof(node));
	answer_node();
	CHECK_INT(hotid_node_get(h, &node.now), 0);
	CHECK_STR(node.now.name, "spare");
	CHECK_INT(node.now.pending_rounds, 9);
	CHECK_INT(node.later, 0);

	CHECK_INT(hotid_peer_dump_async(h, hear_newer, &calls), 0);
	push(peer_item("a", NLM_F_MULTI), 0);
	push_end(0);
	CHECK_INT(hotid_dispatch(h), 0);
	CHECK_INT(calls, 2);

	/* A field that the library does not know, in the second one. */
	n_sent = 0;
	peers[1].later = 1;
	CHECK_INT(hotid_peer_new(h, &peers[1].now), -E2BIG);
	CHECK(strstr(hotid_strerror(h, -E2BIG), "does not know"));
	CHECK_INT(hotid_peer_new_many(h, &peers[0].now, 2, &refused), -E2BIG);
	CHECK_INT(refused, 1);
	peers[1].later = 0;
	peers[1].now.n_paths = 1;
	peers[1].now.paths[0].address_len = 4;
	peers[1].now.paths[0].reserved[0] = 1;
	CHECK_INT(hotid_peer_new(h, &peers[1].now), -E2BIG);
	CHECK_INT(n_sent, 0);
	hotid_close(h);
}

/* A refusal keeps none of the others out, wherever it stands. */
static void test_many_peers(void)
{
	static struct hotid_peer peers[70];
	static const size_t places[] = { 0, 40, 69 };
	struct hotid *h = opened();
	size_t place, i;

	for (i = 0; i < 70; i++)
		peers[i] = (struct hotid_peer){ .n_paths = 1, .paths = { { .address_len = 4 } } };
	for (i = 0; i < 3; i++) {
		n_batched = 0;
		refused = places[i];
		CHECK_INT(hotid_peer_new_many(h, peers, 70, &place), -EPERM);
		CHECK_INT(place, places[i]);
		CHECK_INT(n_batched, 70);
	}
	n_sent = n_batched = 0;
	refused = SIZE_MAX;
	CHECK_INT(hotid_peer_new_many(h, peers, 70, &place), 0);
	CHECK_INT(n_batched, 70);
	CHECK(n_sent > 1 && n_sent < 5);
	hotid_close(h);
}

/* These lie in others, so they never change: what is new takes the place of "reserved". */
static void test_frozen_structs(void)
{
	CHECK_INT(sizeof(struct hotid_probe), 32);
	CHECK_INT(sizeof(struct hotid_counts), 128);
	CHECK_INT(sizeof(struct hotid_path), 176);
	CHECK_INT(sizeof(struct hotid_step), 408);
}

static void test_sizes_refused(void)
{
	struct hotid_sizes sizes = { sizeof(sizes), sizeof(struct hotid_node),
				     sizeof(struct hotid_peer), sizeof(struct hotid_identity),
				     sizeof(struct hotid_event) };
	struct hotid_sizes bad = sizes;
	struct hotid *h;

	bad.size = 0;
	CHECK_INT(hotid_open_sized(&h, &bad), -EINVAL);
	bad = sizes;
	bad.size = offsetof(struct hotid_sizes, event);
	CHECK_INT(hotid_open_sized(&h, &bad), -EINVAL);
	bad = sizes;
	bad.peer = 1 << 20;
	CHECK_INT(hotid_open_sized(&h, &bad), -EINVAL);
}

static void test_version(void)
{
	CHECK(HOTID_VERSION_AT_LEAST(HOTID_VERSION_MAJOR, HOTID_VERSION_MINOR,
				     HOTID_VERSION_PATCH));
	CHECK(HOTID_VERSION_AT_LEAST(0, 0, 9));
	CHECK(!HOTID_VERSION_AT_LEAST(HOTID_VERSION_MAJOR, HOTID_VERSION_MINOR,
				      HOTID_VERSION_PATCH + 1));
	CHECK(!HOTID_VERSION_AT_LEAST(HOTID_VERSION_MAJOR, HOTID_VERSION_MINOR + 1, 0));
	CHECK(!HOTID_VERSION_AT_LEAST(HOTID_VERSION_MAJOR + 1, 0, 0));
}

static const struct ktap_test tests[] = {
	{ "poll", test_poll },
	{ "epoll", test_epoll },
	{ "order", test_order },
	{ "dump_changed", test_dump_changed },
	{ "foreign_answer", test_foreign_answer },
	{ "socket_fails", test_socket_fails },
	{ "close_drops", test_close_drops },
	{ "older_program", test_older_program },
	{ "newer_program", test_newer_program },
	{ "many_peers", test_many_peers },
	{ "frozen_structs", test_frozen_structs },
	{ "sizes_refused", test_sizes_refused },
	{ "version", test_version },
};

KTAP_MAIN(tests)

// SPDX-License-Identifier: GPL-2.0
/*
 * What libhotid makes of the module's answers and events, whatever they are.
 * The functions of libnl that send and receive are replaced by those below, so
 * the library reads what the input says instead of a socket.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/errno.h>
#include <netlink/genl/genl.h>
#include <netlink/handlers.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "handle.h"
#include "hotid_daemon.h"

#define FAMILY		28
#define SEQUENCE	1
#define DEEPEST		3

#define REQUIRE(condition)								\
	do {										\
		if (!(condition)) {							\
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__,	\
				#condition);						\
			abort();							\
		}									\
	} while (0)

static const uint8_t *input;
static size_t left;
static nl_recvmsg_msg_cb_t callback;
static void *callback_data;

static uint8_t take(void)
{
	if (!left)
		return 0;
	left--;
	return *input++;
}

/* A message as it is being made; what does not fit is left out. */
static struct {
	union {
		struct nlmsghdr header;
		uint8_t bytes[2048];
	};
	size_t length;
} made;

static void add(const void *data, size_t size)
{
	if (made.length + size + 8 > sizeof(made.bytes))
		return;
	memcpy(made.bytes + made.length, data, size);
	made.length += size;
	while (made.length % 4)
		made.bytes[made.length++] = 0;
}

/* Most are of a length that their type may have; some say more than there is. */
static void add_attributes(int depth)
{
	uint8_t kind, text[260];
	size_t size;

	while (left && (kind = take() % 16)) {
		struct nlattr head = { .nla_type = take() % 24 };
		size_t place = made.length;

		add(&head, sizeof(head));
		switch (kind) {
		case 1:
		case 2:
		case 3:
			if (depth < DEEPEST)
				add_attributes(depth + 1);
			size = made.length - place - sizeof(head);
			break;
		case 4:
		case 5:
		case 6:
			memset(text, 'x', sizeof(text));
			size = take() + 1;
			text[size - 1] = kind == 6 ? take() : 0;
			add(text, size);
			break;
		default:
			size = kind == 7 ? take() % 20 : kind == 8 ? 16 : kind % 2 ? 4 : 8;
			memset(text, kind == 14 ? 255 : 0, sizeof(text));
			text[0] = take();
			add(text, size);
			break;
		}
		head.nla_len = sizeof(head) + size;
		if (kind == 15)
			head.nla_len = take();
		if (place + sizeof(head) <= made.length)
			memcpy(made.bytes + place, &head, sizeof(head));
	}
}

/* The next message of the input. */
static struct nl_msg *make(void)
{
	static const uint16_t types[] = { FAMILY, FAMILY, FAMILY, NLMSG_ERROR, NLMSG_DONE, 77 };
	struct sockaddr_nl from = { .nl_family = AF_NETLINK };
	uint8_t what = take(), flags = take();
	uint16_t type = types[what % 6];
	struct nl_msg *msg;

	memset(&made, 0, sizeof(made));
	made.length = NLMSG_HDRLEN;
	if (type == NLMSG_ERROR || type == NLMSG_DONE) {
		int error = what & 128 ? -take() : what & 64 ? (int)((uint32_t)take() << 24) : 0;
		struct nlmsghdr echo = { .nlmsg_len = flags & 16 ? take() : sizeof(echo) };

		add(&error, sizeof(error));
		if (type == NLMSG_ERROR)
			add(&echo, sizeof(echo));
	} else if (flags & 15) {
		struct genlmsghdr genl = { .cmd = take() % 32, .version = 1 };

		add(&genl, sizeof(genl));
	}
	add_attributes(0);
	made.header.nlmsg_len = made.length - (flags & 32 ? take() % 4 : 0);
	made.header.nlmsg_type = type;
	made.header.nlmsg_seq = SEQUENCE;
	made.header.nlmsg_flags = NLM_F_ACK_TLVS | (flags & 16 ? 0 : NLM_F_CAPPED) |
				  (flags & 64 && take() % 8 == 0 ? NLM_F_DUMP_INTR : 0);
	if (flags == 255)
		from.nl_pid = 5;
	msg = nlmsg_convert(&made.header);
	REQUIRE(msg);
	nlmsg_set_src(msg, &from);
	return msg;
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
	nlmsg_hdr(msg)->nlmsg_seq = SEQUENCE;
	return nlmsg_hdr(msg)->nlmsg_len;
}

/* A socket that fails is connected again: there is none. */
void nl_close(struct nl_sock *sk)
{
}

int genl_connect(struct nl_sock *sk)
{
	return -NLE_FAILURE;
}

void nl_socket_free(struct nl_sock *sk)
{
}

struct nl_sock *nl_socket_alloc(void)
{
	return NULL;
}

/* One message; at the end of the input an acknowledgement, or nothing to read. */
int nl_recvmsgs_default(struct nl_sock *sk)
{
	bool last = !left;
	struct nl_msg *msg = make();

	callback(msg, callback_data);
	nlmsg_free(msg);
	return last ? -NLE_AGAIN : 0;
}

static bool terminated(const char *text, size_t size)
{
	return strnlen(text, size) < size;
}

static int see_peer(const struct hotid_peer *peer, void *data)
{
	REQUIRE(terminated(peer->name, sizeof(peer->name)));
	REQUIRE(peer->n_paths <= HOTID_MAX_PATHS);
	for (size_t i = 0; i < peer->n_paths; i++) {
		const struct hotid_path *path = &peer->paths[i];

		REQUIRE(!path->address_len || path->address_len == 4 || path->address_len == 16);
		REQUIRE(!path->local_len || path->local_len == 4 || path->local_len == 16);
	}
	return 0;
}

static int see_identity(const struct hotid_identity *identity, void *data)
{
	REQUIRE(terminated(identity->name, sizeof(identity->name)));
	REQUIRE(terminated(identity->message, sizeof(identity->message)));
	REQUIRE(!identity->n_steps || identity->steps);
	for (size_t i = 0; i < identity->n_steps; i++) {
		const struct hotid_step *step = &identity->steps[i];

		REQUIRE(terminated(step->name, sizeof(step->name)));
		REQUIRE(terminated(step->kind, sizeof(step->kind)));
		REQUIRE(terminated(step->message, sizeof(step->message)));
	}
	return 0;
}

static void see_event(const struct hotid_event *event, void *data)
{
	REQUIRE(!event->peer == (event->type != HOTID_EVENT_PEER &&
				 event->type != HOTID_EVENT_PEER_DEL));
	if (event->peer)
		see_peer(event->peer, NULL);
	if (event->type == HOTID_EVENT_DONE)
		REQUIRE(!event->error == !event->text);
	REQUIRE(!event->identity ==
		(event->type != HOTID_EVENT_IDENTITY && event->type != HOTID_EVENT_STEP &&
		 event->type != HOTID_EVENT_IDENTITY_DEL));
	if (event->identity)
		see_identity(event->identity, NULL);
	REQUIRE(event->type != HOTID_EVENT_STEP || event->identity->n_steps);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* As programs of three versions know the structs. */
	static const struct hotid_sizes sizes[] = {
		{ sizeof(sizes[0]), sizeof(struct hotid_node), sizeof(struct hotid_peer),
		  sizeof(struct hotid_identity), sizeof(struct hotid_event) },
		{ sizeof(sizes[0]), sizeof(struct hotid_node) - 8, sizeof(struct hotid_peer) - 8,
		  sizeof(struct hotid_identity) - 8, sizeof(struct hotid_event) },
		{ sizeof(sizes[0]), sizeof(struct hotid_node) + 8, sizeof(struct hotid_peer) + 8,
		  sizeof(struct hotid_identity) + 8, sizeof(struct hotid_event) + 8 },
	};
	struct hotid h = { .request = (void *)&h, .events = (void *)&h, .call_socket = (void *)&h,
			   .epoll = -1, .family = FAMILY, .event_fn = see_event };
	const uint8_t id[HOTID_ID_LEN] = { 1 };
	/* As long as the longest. */
	struct {
		struct hotid_identity identity;
		uint64_t later;
	} longest = { 0 };
	struct {
		struct hotid_peer peer;
		uint64_t later;
	} longer = { .peer = {
		.name = "spare",
		.multiplier = 3,
		.n_paths = 2,
		.paths = { { .address_len = 4, .port = 7 }, { .address_len = 16, .ifindex = 2 } },
	} };
	struct {
		struct hotid_node node;
		uint64_t later;
	} long_node = { 0 };
	uint8_t version;
	int error = 0;

	input = data;
	left = size;
	version = take();
	h.sizes = sizes[version % 3];
	switch (version / 3 % 12) {
	case 0:
		error = hotid_node_get(&h, &long_node.node);
		REQUIRE(error || terminated(long_node.node.name, sizeof(long_node.node.name)));
		REQUIRE(error || terminated(long_node.node.version,
					    sizeof(long_node.node.version)));
		REQUIRE(error || !long_node.node.n_probes || long_node.node.probes);
		hotid_node_clear(&long_node.node);
		break;
	case 1:
		error = hotid_peer_get(&h, id, &longer.peer);
		see_peer(&longer.peer, NULL);
		break;
	case 2:
		error = hotid_peer_dump(&h, see_peer, NULL);
		break;
	case 3:
		error = hotid_identity_get(&h, "web", &longest.identity);
		if (!error)
			see_identity(&longest.identity, NULL);
		hotid_identity_clear(&longest.identity);
		break;
	case 4:
		error = hotid_history_dump(&h, see_identity, NULL);
		break;
	case 5:
		/* A request with nests, to be refused with places in it. */
		error = hotid_peer_new(&h, &longer.peer);
		break;
	case 6:
		error = hotid_peer_dump_async(&h, see_event, NULL);
		REQUIRE(!hotid_identity_get_async(&h, "web", see_event, NULL));
		REQUIRE(!hotid_node_get_async(&h, see_event, NULL));
		h.events = NULL;
		while (h.calls && left)
			REQUIRE(!hotid_dispatch(&h));
		call_drop_all(&h);
		break;
	default:
		error = hotid_dispatch(&h);
		break;
	}
	REQUIRE(error <= 0);
	REQUIRE(terminated(hotid_strerror(&h, error), HOTID_TEXT_MAX));
	return 0;
}

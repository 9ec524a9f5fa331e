// SPDX-License-Identifier: GPL-2.0
#include "raw.h"

#include <err.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "net.h"

#define ANSWER_MAX	(1 << 16)

static void family_number(const struct nlmsghdr *message, void *data)
{
	struct nlattr *attribute;

	mnl_attr_for_each(attribute, message, GENL_HDRLEN)
		if (mnl_attr_get_type(attribute) == CTRL_ATTR_FAMILY_ID)
			*(uint16_t *)data = mnl_attr_get_u16(attribute);
}

struct nlmsghdr *raw_begin(const struct raw *raw, void *buffer, uint8_t command)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct genlmsghdr *head;

	request->nlmsg_type = raw->family;
	request->nlmsg_flags = NLM_F_REQUEST;
	head = mnl_nlmsg_put_extra_header(request, sizeof(*head));
	head->cmd = command;
	head->version = 1;
	return request;
}

void raw_open_here(struct raw *raw)
{
	char buffer[RAW_MAX] = {};
	struct nlmsghdr *request;
	int on = 1;

	raw->socket = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!raw->socket || mnl_socket_bind(raw->socket, 0, MNL_SOCKET_AUTOPID) ||
	    mnl_socket_setsockopt(raw->socket, NETLINK_EXT_ACK, &on, sizeof(on)) ||
	    mnl_socket_setsockopt(raw->socket, NETLINK_CAP_ACK, &on, sizeof(on)))
		err(1, "generic netlink");
	raw->family = GENL_ID_CTRL;
	request = raw_begin(raw, buffer, CTRL_CMD_GETFAMILY);
	mnl_attr_put_strz(request, CTRL_ATTR_FAMILY_NAME, HOTID_FAMILY_NAME);
	raw->family = 0;
	if (raw_read(raw, request, false, family_number, &raw->family) || !raw->family)
		errx(1, "the family %s is not there", HOTID_FAMILY_NAME);
}

void raw_open(struct raw *raw, int ns)
{
	ns_enter(ns);
	raw_open_here(raw);
	ns_home();
}

void raw_close(struct raw *raw)
{
	mnl_socket_close(raw->socket);
}

static void send_request(const struct raw *raw, struct nlmsghdr *request)
{
	static uint32_t sequence;

	request->nlmsg_seq = ++sequence;
	/* Without an address, as somebody would whose output it was made to be. */
	if (send(mnl_socket_get_fd(raw->socket), request, request->nlmsg_len, 0) < 0)
		err(1, "generic netlink");
}

static void read_refusal(const struct nlmsghdr *message, struct refusal *refusal)
{
	const struct nlmsgerr *head = mnl_nlmsg_get_payload(message);
	struct nlattr *attribute;

	refusal->error = head->error;
	if (!(message->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	/* The request is not repeated: NETLINK_CAP_ACK is set. */
	mnl_attr_for_each(attribute, message, sizeof(*head)) {
		if (mnl_attr_get_type(attribute) == NLMSGERR_ATTR_MSG) {
			snprintf(refusal->message, sizeof(refusal->message), "%s",
				 mnl_attr_get_str(attribute));
		} else if (mnl_attr_get_type(attribute) == NLMSGERR_ATTR_OFFS) {
			refusal->has_offset = true;
			refusal->offset = mnl_attr_get_u32(attribute);
		}
	}
}

struct refusal raw_ask(const struct raw *raw, struct nlmsghdr *request)
{
	struct refusal refusal = {};
	char answer[ANSWER_MAX];
	struct nlmsghdr *message;
	ssize_t length;
	int rest;

	request->nlmsg_flags |= NLM_F_ACK;
	send_request(raw, request);
	for (;;) {
		length = mnl_socket_recvfrom(raw->socket, answer, sizeof(answer));
		if (length < 0)
			err(1, "generic netlink");
		rest = length;
		for (message = (void *)answer; mnl_nlmsg_ok(message, rest);
		     message = mnl_nlmsg_next(message, &rest)) {
			if (message->nlmsg_type == NLMSG_ERROR) {
				read_refusal(message, &refusal);
				return refusal;
			}
		}
	}
}

struct reading {
	raw_handler handle;
	void *data;
};

static int handle_one(const struct nlmsghdr *message, void *data)
{
	struct reading *reading = data;

	reading->handle(message, reading->data);
	return MNL_CB_OK;
}

int raw_read(const struct raw *raw, struct nlmsghdr *request, bool dump, raw_handler handle,
	     void *data)
{
	struct reading reading = { handle, data };
	char answer[ANSWER_MAX];
	ssize_t length;
	int more;

	request->nlmsg_flags |= dump ? NLM_F_DUMP : NLM_F_ACK;
	send_request(raw, request);
	do {
		length = mnl_socket_recvfrom(raw->socket, answer, sizeof(answer));
		if (length < 0)
			err(1, "generic netlink");
		more = mnl_cb_run(answer, length, request->nlmsg_seq,
				  mnl_socket_get_portid(raw->socket), handle_one, &reading);
	} while (more > MNL_CB_STOP);
	return more < 0 ? -errno : 0;
}

/* Attributes of node-get that change though nobody changes anything. */
static bool volatile_attribute(uint8_t command, uint16_t type)
{
	return command == HOTID_CMD_NODE_GET &&
	       (type == HOTID_A_NODE_NOW_NS || type == HOTID_A_NODE_BEATS_SENT ||
		type == HOTID_A_NODE_SEND_ERRORS || type == HOTID_A_NODE_COUNTERS);
}

static void note_message(const struct nlmsghdr *message, void *data)
{
	const struct genlmsghdr *head = mnl_nlmsg_get_payload(message);
	struct state *state = data;
	struct nlattr *attribute;

	mnl_attr_for_each(attribute, message, GENL_HDRLEN) {
		size_t length = MNL_ALIGN(attribute->nla_len);

		if (volatile_attribute(head->cmd, mnl_attr_get_type(attribute)))
			continue;
		if (state->length + length > sizeof(state->bytes))
			errx(1, "the node shows more than this test can hold");
		memcpy(state->bytes + state->length, attribute, length);
		state->length += length;
	}
}

void raw_state(const struct raw *raw, struct state *state)
{
	static const uint8_t commands[] = { HOTID_CMD_NODE_GET, HOTID_CMD_PEER_GET,
					    HOTID_CMD_IDENTITY_GET, HOTID_CMD_HISTORY_GET };
	size_t i;

	state->length = 0;
	for (i = 0; i < sizeof(commands); i++) {
		char buffer[RAW_MAX] = {};
		int error = raw_read(raw, raw_begin(raw, buffer, commands[i]),
				     commands[i] != HOTID_CMD_NODE_GET, note_message, state);

		if (error) {
			errno = -error;
			err(1, "command %d", commands[i]);
		}
	}
}

bool state_same(const struct state *a, const struct state *b)
{
	return a->length && a->length == b->length && !memcmp(a->bytes, b->bytes, a->length);
}

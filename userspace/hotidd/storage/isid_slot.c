// SPDX-License-Identifier: GPL-2.0
/* Moves the kernel's next session number into this node's slot. */
#include "storage/isid_slot.h"

#include <errno.h>
#include <glob.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "net/peers.h"
#include "step/job.h"

/*
 * What open-iscsi and the kernel say to each other over NETLINK_ISCSI. It is
 * ABI, but no header of the kernel's user space interface has it: this is
 * struct iscsi_uevent of include/scsi/iscsi_if.h, with the two requests made
 * here, the type of an answer that reports an error, and the size of the whole.
 */
#define CREATE_SESSION	11
#define DESTROY_SESSION	12
#define INTERFACE_ERROR	103

struct iscsi_message {
	uint32_t type;
	int32_t error;
	uint64_t transport;
	union {
		struct {
			uint32_t initial_cmdsn;
			uint16_t commands, depth;
		} create;
		uint32_t destroy;
		uint8_t size[24];
	} request;
	union {
		struct {
			uint32_t sid, host;
		} created;
		uint8_t size[16];
	} answer;
};

_Static_assert(sizeof(struct iscsi_message) == 56, "struct iscsi_uevent has 56 bytes");

/*
 * Our end of the socket, "HI": the kernel notes it as the creator of a session,
 * so sessions that a daemon which was killed left behind are known by it. And
 * as only one can have it, only one steers at a time.
 */
#define OUR_PORT	0x48490001u
#define RETRY_MS	10

struct known {
	uint8_t ids[ISID_MAX_SLOTS + 1][HOTID_ID_LEN];
	size_t n;
};

static int isid_add_peer(const struct hotid_peer *peer, void *data)
{
	struct known *known = data;

	if (known->n > ISID_MAX_SLOTS)
		return -E2BIG;
	memcpy(known->ids[known->n++], peer->id, HOTID_ID_LEN);
	return 0;
}

int isid_slot_of_node(struct step_env *env, struct isid_slot *slot)
{
	struct known known = { .n = 1 };
	int result;

	memcpy(known.ids[0], env->node_id, HOTID_ID_LEN);
	result = peers_each(isid_add_peer, &known, env);
	if (!result)
		result = isid_find_slot(known.ids, known.n, 0, slot);
	if (result == -E2BIG)
		job_fail(env, result, "this node and its peers are more than the %d that can share an iSCSI initiator name; list fewer peers",
			 ISID_MAX_SLOTS);
	return result;
}

struct steering {
	struct mnl_socket *socket;
	uint64_t transport;		/* the kernel's name for the software transport */
	struct step_env *env;
};

/* One request and its answer, which comes at once. */
static int iscsi_request(const struct steering *steering, struct iscsi_message *message)
{
	struct step_env *env = steering->env;
	char buffer[1024] = { 0 };
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	const struct iscsi_message *answer;
	ssize_t got;

	message->transport = steering->transport;
	request->nlmsg_type = (uint16_t)message->type;
	request->nlmsg_flags = NLM_F_REQUEST;
	memcpy(mnl_nlmsg_put_extra_header(request, sizeof(*message)), message, sizeof(*message));
	if (mnl_socket_sendto(steering->socket, request, request->nlmsg_len) < 0)
		return job_fail(env, errno, "iSCSI netlink: %m");
	/* The kernel answers from within the send: what is not there now never comes. */
	do {
		got = recv(mnl_socket_get_fd(steering->socket), buffer, sizeof(buffer),
			   MSG_DONTWAIT);
		if (got < 0)
			return job_fail(env, errno, "iSCSI netlink: %m");
		answer = mnl_nlmsg_get_payload((struct nlmsghdr *)buffer);
	} while (got < (ssize_t)(MNL_NLMSG_HDRLEN + sizeof(*answer)) ||
		 (answer->type != message->type && answer->type != INTERFACE_ERROR));
	if (answer->error)
		return job_fail(env, answer->error, "iSCSI netlink: %m");
	*message = *answer;
	return 0;
}

static int destroy(const struct steering *steering, unsigned int sid)
{
	struct iscsi_message message = { .type = DESTROY_SESSION, .request.destroy = sid };

	return iscsi_request(steering, &message);
}

/* Makes a session that is connected to nothing, removes it, and returns its number. */
static int spend(const struct steering *steering, unsigned int *sid)
{
	struct iscsi_message message = {
		.type = CREATE_SESSION,
		.request.create = { .initial_cmdsn = 1, .commands = 32, .depth = 32 },
	};
	int result = iscsi_request(steering, &message);

	if (result)
		return result;
	*sid = message.answer.created.sid;
	return destroy(steering, *sid);
}

/* Finds sessions left by a process that was killed here. Returns how many. */
static size_t left_behind(unsigned int *sids, size_t max)
{
	char creator[16];
	glob_t found;
	size_t n = 0;

	if (glob("/sys/class/iscsi_session/session*/creator", 0, NULL, &found))
		return 0;
	for (size_t i = 0; i < found.gl_pathc && n < max; i++) {
		file_read_line(found.gl_pathv[i], creator, sizeof(creator));
		if (strtoul(creator, NULL, 10) == OUR_PORT &&
		    sscanf(found.gl_pathv[i], "/sys/class/iscsi_session/session%u/", &sids[n]) == 1)
			n++;
	}
	globfree(&found);
	return n;
}

/* A socket on our port, as soon as nobody else has it. What was left behind goes. */
static int begin(struct steering *steering, struct step_env *env)
{
	static const char path[] = "/sys/class/iscsi_transport/tcp/handle";
	struct mnl_socket *socket;
	unsigned int sids[8];
	char handle[32];
	size_t n;
	int result = 0;

	file_read_line(path, handle, sizeof(handle));
	*steering = (struct steering){ .transport = strtoull(handle, NULL, 10), .env = env };
	if (!steering->transport)
		return job_fail(env, ENOENT, "%s: not there; load the module iscsi_tcp", path);
	steering->socket = socket = mnl_socket_open2(NETLINK_ISCSI, SOCK_CLOEXEC);
	if (!socket)
		return job_fail(env, errno, "iSCSI netlink: %m");
	while (!result && mnl_socket_bind(socket, 0, OUR_PORT) < 0) {
		if (errno != EADDRINUSE) {
			result = job_fail(env, errno, "iSCSI netlink: %m");
			break;
		}
		result = job_pause(env, RETRY_MS);
		if (result)
			job_end(env, result, "another identity chooses its iSCSI session number");
	}
	if (result) {
		mnl_socket_close(socket);
		return result;
	}
	n = left_behind(sids, 8);
	while (n--)
		destroy(steering, sids[n]);
	return 0;
}

void isid_slot_sweep(struct step_env *env)
{
	struct steering steering;
	unsigned int sid;

	if (left_behind(&sid, 1) && !begin(&steering, env))
		mnl_socket_close(steering.socket);
}

int isid_slot_reserve(const struct isid_slot *slot, unsigned int n, struct step_env *env)
{
	struct steering steering;
	unsigned int sid = 0, spent = 0;
	int result = begin(&steering, env);

	if (result)
		return result;
	do {
		result = spend(&steering, &sid);
		if (!result)
			result = job_poll(env, NULL, 0, 0);
		if (job_ended(result))
			job_end(env, result, "the next iSCSI session number is not in this node's slot yet");
	} while (!result && isid_left(sid + 1, slot) < n && ++spent < 2 * ISID_MAX_CYCLE);
	if (!result && isid_left(sid + 1, slot) < n)
		result = job_fail(env, EAGAIN, "iSCSI session numbers: others log in faster than they can be steered; last was %u",
				  sid);
	mnl_socket_close(steering.socket);
	return result;
}

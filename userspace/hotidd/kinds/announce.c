// SPDX-License-Identifier: GPL-2.0
/*
 * Speaks last: once the services run, the port answers again (port_filter.h) and says
 * where each of its addresses is now.
 */
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/announce_frame.h"
#include "net/port.h"
#include "net/port_filter.h"
#include "net/rtnl.h"
#include "step/job.h"

/* A frame may be lost; a few in a row rarely are. */
#define TIMES		3
#define PAUSE_MS	5

/* The port that now bears the MAC address, whatever its other properties have become. */
struct bearer {
	const uint8_t *mac;
	struct port *port;
};

static int is_bearer(const struct rtnl_link *link, void *data)
{
	const struct bearer *bearer = data;

	if (!link->has_mac || memcmp(link->mac, bearer->mac, 6))
		return 0;
	bearer->port->ifindex = link->ifindex;
	strcpy(bearer->port->name, link->name);
	return 1;
}

static int find_bearer(const struct step *step, struct step_env *env, struct port *port)
{
	struct bearer bearer = { .mac = env->identity->ports[step->item].mac, .port = port };
	int result = rtnl_links(is_bearer, &bearer);

	if (result > 0)
		return 0;
	if (result < 0)
		return job_fail(env, result, "the ports of this node: %m");
	return job_fail(env, ENODEV, "no port has the identity's MAC address; the net step puts it there");
}

static int announce_validate(struct step *step, struct step_env *env)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return job_fail(env, errno, "packet socket: %m; the daemon needs CAP_NET_RAW");
	close(fd);
	return 0;
}

static int announce_stage(struct step *step, struct step_env *env)
{
	job_say(env, "nothing to do ahead");
	return 0;
}

static int send_frame(int fd, int ifindex, const uint8_t *frame, size_t length)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_ifindex = ifindex,
		.sll_halen = ETH_ALEN,
	};

	memcpy(to.sll_addr, frame, ETH_ALEN);
	return sendto(fd, frame, length, 0, (struct sockaddr *)&to, sizeof(to)) < 0 ? -errno : 0;
}

/* One round: every address once. */
static int send_frames(int fd, int ifindex, const struct port_config *config)
{
	size_t n, length;
	struct ip_prefix *addresses = port_addresses(config, &n);
	uint8_t frame[ANNOUNCE_FRAME_MAX];
	int result = 0;

	if (!n)
		result = send_frame(fd, ifindex, frame, announce_frame_rarp(frame, config->mac));
	for (size_t i = 0; i < n && !result; i++) {
		const uint8_t *address = addresses[i].addr;

		if (addresses[i].family == AF_INET6) {
			result = send_frame(fd, ifindex, frame,
					    announce_frame_neighbour(frame, config->mac, address));
			continue;
		}
		result = send_frame(fd, ifindex, frame,
				    announce_frame_arp(frame, config->mac, address, false));
		if (!result)
			result = send_frame(fd, ifindex, frame,
					    announce_frame_arp(frame, config->mac, address, true));
	}
	/* For switches that snoop: the kernel's own report did not leave this port. */
	length = announce_frame_groups(frame, config->mac, addresses, n);
	if (length && !result)
		result = send_frame(fd, ifindex, frame, length);
	free(addresses);
	return result;
}

static int announce_take(struct step *step, struct step_env *env)
{
	const struct port_config *config = &env->identity->ports[step->item];
	struct port port;
	int fd, result = find_bearer(step, env, &port);

	if (result)
		return result;
	result = port_filter_open(port.ifindex);
	if (result)
		return job_fail(env, result, "%s: its filters cannot be opened: tc: %m", port.name);
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return job_fail(env, errno, "packet socket: %m");
	for (int i = 0; i < TIMES && !result; i++) {
		if (i)
			result = job_pause(env, PAUSE_MS);
		if (result) {
			job_end(env, result, "%s: not announced", port.name);
			break;
		}
		result = send_frames(fd, port.ifindex, config);
		if (result)
			job_fail(env, result, "%s: announcing: %m", port.name);
	}
	close(fd);
	if (!result)
		job_say(env, "%s answers again and was announced %d times", port.name, TIMES);
	return result;
}

static int announce_verify(struct step *step, struct step_env *env)
{
	struct port port;
	int result = find_bearer(step, env, &port);

	if (result)
		return result;
	result = port_filter_is_shut(port.ifindex);
	if (result)
		return job_fail(env, result < 0 ? result : -EIO, "%s: what it says of itself is held back by a tc filter",
				port.name);
	job_say(env, "%s", port.name);
	return 0;
}

/* Frames cannot be taken back. Those of the next holder come later and win. */
static int announce_undo(struct step *step, struct step_env *env)
{
	job_say(env, "nothing to undo");
	return 0;
}

const struct kind kind_announce = {
	.name = "announce",
	.stage = HOTID_STAGE_ANNOUNCE,
	.validate = announce_validate,
	.stage_ahead = announce_stage,
	.take = announce_take,
	.verify = announce_verify,
	.undo = announce_undo,
};

// SPDX-License-Identifier: GPL-2.0
#include "capture.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "net.h"

int capture_open(int ns, const char *device)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = link_index(ns, device),
	};
	int capture, on = 1, space = 8 << 20;

	ns_enter(ns);
	capture = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	ns_home();
	if (capture < 0 ||
	    setsockopt(capture, SOL_SOCKET, SO_RCVBUFFORCE, &space, sizeof(space)) ||
	    setsockopt(capture, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) ||
	    setsockopt(capture, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) ||
	    bind(capture, (struct sockaddr *)&address, sizeof(address)))
		err(1, "capture on %s", device);
	return capture;
}

bool capture_next(int capture, struct frame *frame, uint64_t limit_ns)
{
	struct pollfd readable = { .fd = capture, .events = POLLIN };
	char control[CMSG_SPACE(sizeof(struct timespec))];
	struct iovec vector = { frame->bytes, sizeof(frame->bytes) };
	struct msghdr message = {
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct timespec stamp = {};
	struct cmsghdr *part;
	ssize_t length;

	if (poll(&readable, 1, (limit_ns + MS - 1) / MS) <= 0)
		return false;
	length = recvmsg(capture, &message, MSG_DONTWAIT);
	/* That the device went down is told once; what came before is still there. */
	if (length < 0 && errno == ENETDOWN)
		length = recvmsg(capture, &message, MSG_DONTWAIT);
	if (length < 0 && errno == EAGAIN)
		return false;
	if (length < 0)
		err(1, "capture");
	for (part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part))
		if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_TIMESTAMPNS)
			memcpy(&stamp, CMSG_DATA(part), sizeof(stamp));
	frame->ns = stamp.tv_sec * SECOND + stamp.tv_nsec;
	frame->length = length;
	return true;
}

static uint16_t get16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static bool read_datagram(const struct frame *frame, struct datagram *datagram)
{
	const uint8_t *at = frame->bytes + 14, *end = frame->bytes + frame->length;
	uint16_t protocol = get16(frame->bytes + 12);

	memset(datagram, 0, sizeof(*datagram));
	if (protocol == ETH_P_IP && frame->length >= 14 + 28 && at[9] == IPPROTO_UDP) {
		datagram->version = 4;
		datagram->class = at[1];
		datagram->hops = at[8];
		memcpy(datagram->from, at + 12, 4);
		memcpy(datagram->to, at + 16, 4);
		at += 4 * (at[0] & 15);
	} else if (protocol == ETH_P_IPV6 && frame->length >= 14 + 48 && at[6] == IPPROTO_UDP) {
		datagram->version = 6;
		datagram->class = (at[0] & 15) << 4 | at[1] >> 4;
		datagram->hops = at[7];
		memcpy(datagram->from, at + 8, 16);
		memcpy(datagram->to, at + 24, 16);
		at += 40;
	} else {
		return false;
	}
	datagram->from_port = get16(at);
	datagram->to_port = get16(at + 2);
	datagram->length = get16(at + 4) - 8;
	datagram->payload = at + 8;
	return datagram->payload + datagram->length <= end;
}

bool capture_datagram(int capture, uint16_t port, struct frame *frame,
		      struct datagram *datagram, uint64_t limit_ns)
{
	uint64_t end = now_ns() + limit_ns;

	for (;;) {
		uint64_t now = now_ns();

		if (!capture_next(capture, frame, now < end ? end - now : 0))
			return false;
		if (read_datagram(frame, datagram) && datagram->to_port == port)
			return true;
	}
}

void capture_send(int capture, const void *bytes, size_t length)
{
	if (send(capture, bytes, length, 0) != (ssize_t)length)
		err(1, "sending a frame of %zu bytes", length);
}

int udp_open(int ns, const char *address, uint16_t port)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };
	bool six = strchr(address, ':');
	int udp, error;

	if (inet_pton(six ? AF_INET6 : AF_INET, address,
		      six ? (void *)&in6.sin6_addr : (void *)&in.sin_addr) != 1)
		errx(1, "address %s", address);
	ns_enter(ns);
	udp = socket(six ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ns_home();
	error = six ? connect(udp, (struct sockaddr *)&in6, sizeof(in6)) :
		      connect(udp, (struct sockaddr *)&in, sizeof(in));
	if (udp < 0 || error)
		err(1, "UDP to %s", address);
	return udp;
}

void udp_send(int socket, const void *bytes, size_t length)
{
	if (send(socket, bytes, length, 0) < 0 && send(socket, bytes, length, 0) < 0)
		err(1, "sending %zu bytes", length);
}

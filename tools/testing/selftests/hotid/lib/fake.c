// SPDX-License-Identifier: GPL-2.0
#include "fake.h"

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "capture.h"
#include "clock.h"
#include "net.h"
#include "pair.h"

void fake_open(struct fake *fake, int ns, const struct node *observer, unsigned int n,
	       uint64_t boot_id, uint32_t interval_us)
{
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(FAKE_PORT) };
	struct hotid_peer peer;
	uint8_t id[HOTID_ID_LEN];

	node_id(n, id);
	fake->observer = observer;
	fake->beat = packet_beat(id, boot_id, 0, interval_us);
	fake->socket = udp_open(ns, OBSERVER, HOTID_DEFAULT_PORT);
	ns_enter(ns);
	fake->ear = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ns_home();
	if (fake->ear < 0 || bind(fake->ear, (struct sockaddr *)&here, sizeof(here)))
		err(1, "fake peer");
	peer = peer_with(id, WATCH);
	peer_path(&peer, SENDER);
	peer.paths[0].port = FAKE_PORT;
	peer_set(observer, &peer);
}

void fake_send(struct fake *fake, const struct packet *packet)
{
	uint8_t bytes[PACKET_MAX];
	size_t length = packet_write(packet, cluster_key, bytes);

	udp_send(fake->socket, bytes, length);
}

void fake_beat(struct fake *fake, uint8_t path)
{
	fake->beat.seq++;
	fake->beat.path = path;
	fake_send(fake, &fake->beat);
}

bool fake_hear(struct fake *fake, struct packet *packet, uint64_t limit_ns)
{
	struct pollfd readable = { .fd = fake->ear, .events = POLLIN };
	uint64_t end = now_ns() + limit_ns;
	uint8_t bytes[PACKET_MAX];
	ssize_t length;

	do {
		if (poll(&readable, 1, limit_ns >= MS) <= 0)
			continue;
		length = recv(fake->ear, bytes, sizeof(bytes), 0);
		if (length < 0)
			err(1, "fake peer");
		if (!packet_read(bytes, length, packet) ||
		    packet_mac(bytes, length, cluster_key, fake->observer->id) != packet->mac ||
		    memcmp(packet->node_id, fake->observer->id, HOTID_ID_LEN))
			errx(1, "a packet that is none");
		return true;
	} while (now_ns() < end);
	return false;
}

uint64_t fake_challenged(struct fake *fake, uint64_t limit_ns)
{
	struct packet packet;

	if (!fake_hear(fake, &packet, limit_ns))
		return 0;
	if (packet.type != CHALLENGE)
		errx(1, "a challenge that is none");
	return packet.nonce;
}

void fake_answer(struct fake *fake, uint64_t nonce)
{
	struct packet answer = fake->beat;

	answer.type = ANSWER;
	answer.nonce = nonce;
	fake_send(fake, &answer);
}

void fake_come_up(struct fake *fake)
{
	uint64_t nonce;

	fake_beat(fake, 0);
	nonce = fake_challenged(fake, 2 * SECOND);
	if (!nonce)
		errx(1, "the fake peer is not challenged");
	fake_answer(fake, nonce);
	if (!WAIT_FOR(peer_state(fake->observer, fake->beat.node_id) == HOTID_PEER_STATE_UP,
		      2 * SECOND))
		errx(1, "the fake peer is not believed");
}

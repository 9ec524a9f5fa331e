// SPDX-License-Identifier: GPL-2.0
/* The frames that announce an identity, read byte by byte as the RFCs have them. */
#include <arpa/inet.h>

#include "ktap.h"
#include "net/announce_frame.h"

static const uint8_t mac[6] = { 0x02, 0, 0, 0x77, 0, 0x10 };
static const uint8_t ipv4[4] = { 10, 77, 0, 10 };

static bool all(const uint8_t *bytes, uint8_t value, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i] != value)
			return false;
	return true;
}

static void check_arp(const uint8_t *frame, size_t length, uint16_t type, uint8_t operation)
{
	static const uint8_t kinds[] = { 0, 1, 8, 0, 6, 4, 0 };

	CHECK_INT(length, 60);
	CHECK(all(frame, 0xff, 6));
	CHECK(!memcmp(frame + 6, mac, 6));
	CHECK_INT(frame[12] << 8 | frame[13], type);
	CHECK(!memcmp(frame + 14, kinds, sizeof(kinds)));
	CHECK_INT(frame[21], operation);
	CHECK(!memcmp(frame + 22, mac, 6));
	CHECK(all(frame + 42, 0, 18));
}

static void arp_request(void)
{
	uint8_t frame[ANNOUNCE_FRAME_MAX];

	memset(frame, 0xee, sizeof(frame));
	check_arp(frame, announce_frame_arp(frame, mac, ipv4, false), 0x0806, 1);
	CHECK(!memcmp(frame + 28, ipv4, 4));
	CHECK(all(frame + 32, 0, 6));
	CHECK(!memcmp(frame + 38, ipv4, 4));
	CHECK(all(frame + 60, 0xee, ANNOUNCE_FRAME_MAX - 60));
}

static void arp_reply(void)
{
	uint8_t frame[ANNOUNCE_FRAME_MAX];

	check_arp(frame, announce_frame_arp(frame, mac, ipv4, true), 0x0806, 2);
	CHECK(!memcmp(frame + 28, ipv4, 4));
	CHECK(!memcmp(frame + 32, mac, 6));
	CHECK(!memcmp(frame + 38, ipv4, 4));
}

static void reverse_arp(void)
{
	uint8_t frame[ANNOUNCE_FRAME_MAX];

	check_arp(frame, announce_frame_rarp(frame, mac), 0x8035, 3);
	CHECK(all(frame + 28, 0, 4));
	CHECK(!memcmp(frame + 32, mac, 6));
}

/* RFC 1071: over data and checksum together the sum is all ones. */
static unsigned int icmpv6_sum(const uint8_t *packet, size_t length)
{
	unsigned int sum = (unsigned int)length - 40 + 58;

	for (size_t i = 8; i < length; i++)
		sum += (unsigned int)packet[i] << (i % 2 ? 0 : 8);
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void neighbour_advertisement(void)
{
	static const uint8_t to[] = { 0x33, 0x33, 0, 0, 0, 1 };
	uint8_t frame[ANNOUNCE_FRAME_MAX], address[16], all_nodes[16];
	const uint8_t *ip = frame + 14;
	size_t length;

	inet_pton(AF_INET6, "fd77::10", address);
	inet_pton(AF_INET6, "ff02::1", all_nodes);
	memset(frame, 0xee, sizeof(frame));
	length = announce_frame_neighbour(frame, mac, address);
	CHECK_INT(length, 14 + 40 + 32);
	CHECK(all(frame + length, 0xee, ANNOUNCE_FRAME_MAX - length));
	CHECK(!memcmp(frame, to, 6));
	CHECK(!memcmp(frame + 6, mac, 6));
	CHECK_INT(frame[12] << 8 | frame[13], 0x86dd);

	CHECK_INT(ip[0], 0x60);
	CHECK(all(ip + 1, 0, 3));
	CHECK_INT(ip[4] << 8 | ip[5], 32);
	CHECK_INT(ip[6], 58);
	CHECK_INT(ip[7], 255);
	CHECK(!memcmp(ip + 8, address, 16));
	CHECK(!memcmp(ip + 24, all_nodes, 16));

	CHECK_INT(ip[40], 136);
	CHECK_INT(ip[41], 0);
	CHECK_INT(ip[44], 0x20);	/* override, neither router nor solicited */
	CHECK(all(ip + 45, 0, 3));
	CHECK(!memcmp(ip + 48, address, 16));
	CHECK_INT(ip[64], 2);
	CHECK_INT(ip[65], 1);
	CHECK(!memcmp(ip + 66, mac, 6));
	CHECK_INT(icmpv6_sum(ip, length - 14), 0xffff);
}

/* Sums that carry more than once, and the one that is all ones already. */
static void checksum_of_any_address(void)
{
	uint8_t frame[ANNOUNCE_FRAME_MAX], address[16];

	for (int value = 0; value < 256; value++) {
		size_t length;

		memset(address, value, sizeof(address));
		address[15] = (uint8_t)(255 - value);
		length = announce_frame_neighbour(frame, mac, address);
		CHECK_INT(icmpv6_sum(frame + 14, length - 14), 0xffff);
	}
}

static struct ip_prefix ip(int family, const char *text)
{
	struct ip_prefix parsed = { .family = family };

	inet_pton(family, text, parsed.addr);
	return parsed;
}

static void listener_report(void)
{
	static const uint8_t option[] = { 58, 0, 5, 2, 0, 0, 1, 0 };
	struct ip_prefix addresses[] = {
		ip(AF_INET, "10.77.0.10"), ip(AF_INET6, "fd77::10"), ip(AF_INET6, "fe80::ff:fe77:10"),
	};
	uint8_t frame[ANNOUNCE_FRAME_MAX], wanted[16];
	const uint8_t *packet = frame + 14, *message = packet + 48;
	unsigned int sum = 48 + 58;
	size_t length;

	memset(frame, 0xee, sizeof(frame));
	length = announce_frame_groups(frame, mac, addresses, 3);
	CHECK_INT(length, 14 + 40 + 8 + 8 + 2 * 20);
	CHECK(all(frame + length, 0xee, ANNOUNCE_FRAME_MAX - length));
	CHECK_INT(packet[4] << 8 | packet[5], 56);
	CHECK_INT(packet[6], 0);
	CHECK_INT(packet[7], 1);	/* never leaves the link */
	CHECK(!memcmp(packet + 8, addresses[2].addr, 16));
	inet_pton(AF_INET6, "ff02::16", wanted);
	CHECK(!memcmp(packet + 24, wanted, 16));
	CHECK(!memcmp(packet + 40, option, sizeof(option)));
	CHECK_INT(message[0], 143);
	CHECK_INT(message[6] << 8 | message[7], 2);
	CHECK_INT(message[8], 4);
	inet_pton(AF_INET6, "ff02::1:ff00:10", wanted);
	CHECK(!memcmp(message + 12, wanted, 16));
	inet_pton(AF_INET6, "ff02::1:ff77:10", wanted);
	CHECK(!memcmp(message + 32, wanted, 16));

	for (size_t i = 8; i < 40; i++)
		sum += (unsigned int)packet[i] << (i % 2 ? 0 : 8);
	for (size_t i = 0; i < 48; i++)
		sum += (unsigned int)message[i] << (i % 2 ? 0 : 8);
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	CHECK_INT(sum, 0xffff);
}

static void listener_report_of_many(void)
{
	struct ip_prefix addresses[ANNOUNCE_FRAME_MAX_GROUPS + 3];
	uint8_t frame[ANNOUNCE_FRAME_MAX];

	for (int i = 0; i < ANNOUNCE_FRAME_MAX_GROUPS + 2; i++) {
		addresses[i] = ip(AF_INET6, "fd77::");
		addresses[i].addr[15] = (uint8_t)i;
	}
	CHECK_INT(announce_frame_groups(frame, mac, addresses, 3), 0);	/* no source */
	addresses[0] = ip(AF_INET6, "fe80::1");
	CHECK_INT(announce_frame_groups(frame, mac, addresses, ANNOUNCE_FRAME_MAX_GROUPS + 2),
		  14 + 40 + 8 + 8 + ANNOUNCE_FRAME_MAX_GROUPS * 20);
	/* The most that a file may give a port, and behind it what follows from the MAC. */
	addresses[0] = ip(AF_INET6, "fd77::1000");
	addresses[64] = ip(AF_INET6, "fe80::1");
	CHECK_INT(announce_frame_groups(frame, mac, addresses, 65), 14 + 40 + 8 + 8 + 65 * 20);
}

static const struct ktap_test tests[] = {
	{ "arp_request", arp_request },
	{ "arp_reply", arp_reply },
	{ "reverse_arp", reverse_arp },
	{ "neighbour_advertisement", neighbour_advertisement },
	{ "checksum_of_any_address", checksum_of_any_address },
	{ "listener_report", listener_report },
	{ "listener_report_of_many", listener_report_of_many },
};

KTAP_MAIN(tests)

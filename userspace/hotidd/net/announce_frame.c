// SPDX-License-Identifier: GPL-2.0
/* Builds gratuitous ARP, unsolicited neighbour advertisements and MLD reports. */
#include "net/announce_frame.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip6.h>
#include <stdbool.h>
#include <string.h>

#include "config/values.h"

#define MLDV2_REPORT	143		/* no header of libc has it */

/* net/if_arp.h leaves the part behind the header to the reader. */
struct arp_ethernet {
	struct arphdr header;
	uint8_t sender_mac[6], sender[4], target_mac[6], target[4];
} __attribute__((packed));

static uint8_t *put_ethernet(uint8_t *frame, const uint8_t to[6], const uint8_t from[6],
			     uint16_t type)
{
	struct ethhdr header = { .h_proto = htons(type) };

	memcpy(header.h_dest, to, 6);
	memcpy(header.h_source, from, 6);
	memcpy(frame, &header, sizeof(header));
	return frame + sizeof(header);
}

static const uint8_t everybody[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

/* An address resolution packet, padded to the least that Ethernet carries. */
static size_t put_arp(uint8_t *frame, const uint8_t mac[6], uint16_t type,
		      struct arp_ethernet *arp)
{
	uint8_t *body = put_ethernet(frame, everybody, mac, type);

	arp->header.ar_hrd = htons(ARPHRD_ETHER);
	arp->header.ar_pro = htons(ETH_P_IP);
	arp->header.ar_hln = 6;
	arp->header.ar_pln = 4;
	memcpy(arp->sender_mac, mac, 6);
	memset(body, 0, ETH_ZLEN - ETH_HLEN);
	memcpy(body, arp, sizeof(*arp));
	return ETH_ZLEN;
}

size_t announce_frame_arp(uint8_t *frame, const uint8_t mac[6], const uint8_t address[4],
			  bool reply)
{
	struct arp_ethernet arp = { .header.ar_op = htons(reply ? ARPOP_REPLY : ARPOP_REQUEST) };

	memcpy(arp.sender, address, 4);
	memcpy(arp.target, address, 4);
	if (reply)
		memcpy(arp.target_mac, mac, 6);
	return put_arp(frame, mac, ETH_P_ARP, &arp);
}

size_t announce_frame_rarp(uint8_t *frame, const uint8_t mac[6])
{
	struct arp_ethernet arp = { .header.ar_op = htons(ARPOP_RREQUEST) };

	memcpy(arp.target_mac, mac, 6);
	return put_arp(frame, mac, ETH_P_RARP, &arp);
}

/* The Internet checksum (RFC 1071) in network byte order. Lengths here are even. */
static uint32_t add_up(uint32_t sum, const void *data, size_t length)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i + 1 < length; i += 2)
		sum += bytes[i] << 8 | bytes[i + 1];
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum & 0xffff);
}

/* The checksum of an ICMPv6 message with its pseudo header: both addresses, length, protocol. */
static uint16_t icmpv6_sum(const void *addresses, const void *message, size_t length)
{
	uint32_t sum = add_up(0, addresses, 32);

	return fold(add_up(sum, message, length) + (uint32_t)length + IPPROTO_ICMPV6);
}

size_t announce_frame_neighbour(uint8_t *frame, const uint8_t mac[6], const uint8_t address[16])
{
	static const uint8_t all_nodes_mac[6] = { 0x33, 0x33, 0, 0, 0, 1 };
	struct {
		struct ip6_hdr ip;
		struct nd_neighbor_advert advert;
		struct nd_opt_hdr option;
		uint8_t mac[6];
	} __attribute__((packed)) packet = { 0 };
	const size_t payload = sizeof(packet) - sizeof(packet.ip);
	uint8_t *body = put_ethernet(frame, all_nodes_mac, mac, ETH_P_IPV6);

	packet.ip.ip6_flow = htonl(6u << 28);
	packet.ip.ip6_plen = htons(payload);
	packet.ip.ip6_nxt = IPPROTO_ICMPV6;
	packet.ip.ip6_hlim = 255;
	memcpy(&packet.ip.ip6_src, address, 16);
	inet_pton(AF_INET6, "ff02::1", &packet.ip.ip6_dst);
	packet.advert.nd_na_type = ND_NEIGHBOR_ADVERT;
	packet.advert.nd_na_flags_reserved = ND_NA_FLAG_OVERRIDE;
	memcpy(&packet.advert.nd_na_target, address, 16);
	packet.option.nd_opt_type = ND_OPT_TARGET_LINKADDR;
	packet.option.nd_opt_len = 1;
	memcpy(packet.mac, mac, 6);

	packet.advert.nd_na_cksum = icmpv6_sum(&packet.ip.ip6_src, &packet.advert, payload);
	memcpy(body, &packet, sizeof(packet));
	return ETH_HLEN + sizeof(packet);
}

size_t announce_frame_groups(uint8_t *frame, const uint8_t mac[6],
			     const struct ip_prefix *addresses, size_t n)
{
	static const uint8_t routers_mac[6] = { 0x33, 0x33, 0, 0, 0, 0x16 };
	struct {
		struct ip6_hdr ip;
		uint8_t next, extra, option[6];		/* hop-by-hop: router alert */
		struct icmp6_hdr icmp;			/* its data: reserved, number of records */
		struct {
			uint8_t type, more;
			uint16_t sources;
			struct in6_addr group;
		} records[ANNOUNCE_FRAME_MAX_GROUPS];
	} __attribute__((packed)) packet = {
		.next = IPPROTO_ICMPV6,
		.option = { 5, 2, 0, 0, 1, 0 },		/* alert for MLD; PadN */
		.icmp.icmp6_type = MLDV2_REPORT,
	};
	uint8_t *body = put_ethernet(frame, routers_mac, mac, ETH_P_IPV6);
	size_t count = 0, length;
	bool has_source = false;

	for (size_t i = 0; i < n && count < ANNOUNCE_FRAME_MAX_GROUPS; i++) {
		if (addresses[i].family != AF_INET6)
			continue;
		if (address_link_local(&addresses[i]) && !has_source) {
			memcpy(&packet.ip.ip6_src, addresses[i].addr, 16);
			has_source = true;
		}
		packet.records[count].type = 4;		/* change to exclude nothing: join */
		inet_pton(AF_INET6, "ff02::1:ff00:0", &packet.records[count].group);
		memcpy(&packet.records[count].group.s6_addr[13], &addresses[i].addr[13], 3);
		count++;
	}
	if (!has_source)
		return 0;
	length = sizeof(packet.icmp) + count * sizeof(packet.records[0]);
	packet.icmp.icmp6_data16[1] = htons((uint16_t)count);
	packet.ip.ip6_flow = htonl(6u << 28);
	packet.ip.ip6_plen = htons((uint16_t)(8 + length));
	packet.ip.ip6_nxt = IPPROTO_HOPOPTS;
	packet.ip.ip6_hlim = 1;
	inet_pton(AF_INET6, "ff02::16", &packet.ip.ip6_dst);
	packet.icmp.icmp6_cksum = icmpv6_sum(&packet.ip.ip6_src, &packet.icmp, length);

	length += sizeof(packet.ip) + 8;
	memcpy(body, &packet, length);
	return ETH_HLEN + length;
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The frames that announce on a link where an identity is now: they
 * make switches learn its MAC address at the new port, and hosts refresh or
 * correct what they remember. Pure functions: a frame into a buffer.
 */
#ifndef HOTIDD_ANNOUNCE_FRAME_H
#define HOTIDD_ANNOUNCE_FRAME_H

#include "config/config.h"

#define ANNOUNCE_FRAME_MAX	1514		/* bytes of the longest frame */

/*
 * Each returns the frame's length, without the checksum that hardware adds.
 *
 * ARP announcement of an IPv4 address (RFC 5227, section 2.3): a broadcast
 * request from and for the address. As a reply (RFC 5944, section 4.6) it is
 * taken by hosts that only update their memory from replies.
 */
size_t announce_frame_arp(uint8_t *frame, const uint8_t mac[6], const uint8_t address[4],
			  bool reply);

/*
 * Unsolicited neighbour advertisement of an IPv6 address (RFC 4861, section
 * 7.2.6) to all nodes, with the override flag.
 */
size_t announce_frame_neighbour(uint8_t *frame, const uint8_t mac[6], const uint8_t address[16]);

/*
 * MLDv2 report (RFC 3810) that names the solicited-node groups of the IPv6
 * addresses among @n: bridges and switches that snoop send neighbour
 * solicitations only where such a report came from. The kernel's own was held
 * back. Returns 0 when there is no link-local address to send it from.
 */
size_t announce_frame_groups(uint8_t *frame, const uint8_t mac[6],
			     const struct ip_prefix *addresses, size_t n);
#define ANNOUNCE_FRAME_MAX_GROUPS 65 /* as many addresses as a file gives a port, and one */

/*
 * Reverse ARP request (RFC 903) for ports that have no IP address: switches
 * learn from it and hosts ignore it.
 */
size_t announce_frame_rarp(uint8_t *frame, const uint8_t mac[6]);

#endif /* HOTIDD_ANNOUNCE_FRAME_H */

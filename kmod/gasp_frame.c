// SPDX-License-Identifier: GPL-2.0
/*
 * Frames of gasps, built ahead for a kernel that panics: whole Ethernet frames, in
 * which only the gasp and the checksum over it are still to be written.
 *
 * A keepalive does not wait for RTNL: the daemon would be taken for dead. What a keepalive
 * finds new while it cannot be had waits for the next one.
 */
#include "gasp_frame.h"

#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>
#include <net/neighbour.h>
#include <net/udp.h>

#include "compat.h"
#include "uapi/linux/hotid.h"
#include "wire.h"

/**
 * struct frame - head of a gasp frame, up to the packet
 * @bytes: Ethernet, IP and UDP
 * @length: of them
 * @udp: where the UDP header begins
 */
struct frame {
	u8 bytes[ETH_HLEN + sizeof(struct ipv6hdr) + sizeof(struct udphdr)];
	unsigned int length;
	unsigned int udp;
};

static void fill_udp(struct frame *frame, const struct sock *sk)
{
	struct udphdr *udp = (struct udphdr *)&frame->bytes[frame->udp];

	udp->source = inet_sk(sk)->inet_sport;
	udp->dest = inet_sk(sk)->inet_dport;
	udp->len = htons(sizeof(*udp) + sizeof(struct hotid_wire_gasp));
	frame->length = frame->udp + sizeof(*udp);
}

static void fill_ip(struct frame *frame, const struct sock *sk)
{
	struct iphdr *ip = (struct iphdr *)&frame->bytes[ETH_HLEN];

	frame->udp = ETH_HLEN + sizeof(*ip);
	ip->version = 4;
	ip->ihl = 5;
	ip->tos = IPTOS_PREC_INTERNETCONTROL;
	ip->tot_len = htons(sizeof(*ip) + sizeof(struct udphdr) + sizeof(struct hotid_wire_gasp));
	ip->frag_off = htons(IP_DF);
	ip->ttl = IPDEFTTL;
	ip->protocol = IPPROTO_UDP;
	ip->saddr = inet_sk(sk)->inet_saddr;
	ip->daddr = inet_sk(sk)->inet_daddr;
	ip->check = ip_fast_csum(ip, ip->ihl);
}

static void fill_ip6(struct frame *frame, const struct sock *sk)
{
	struct ipv6hdr *ip6 = (struct ipv6hdr *)&frame->bytes[ETH_HLEN];

	frame->udp = ETH_HLEN + sizeof(*ip6);
	ip6->version = 6;
	ip6->payload_len = htons(sizeof(struct udphdr) + sizeof(struct hotid_wire_gasp));
	ip6->nexthdr = IPPROTO_UDP;
	ip6->hop_limit = IPV6_DEFAULT_HOPLIMIT;
	ip6->saddr = inet6_sk(sk)->saddr;
	ip6->daddr = sk->sk_v6_daddr;
}

/* The frame of a target as routes and neighbours are now. */
static bool frame_build(struct frame *frame, struct sock *sk, struct dst_entry *dst)
{
	struct ethhdr *eth = (struct ethhdr *)frame->bytes;
	bool v4 = sk->sk_family == AF_INET;
	struct neighbour *neighbour;
	bool known;

	neighbour = dst_neigh_lookup(dst, v4 ? (void *)&inet_sk(sk)->inet_daddr :
				     (void *)&sk->sk_v6_daddr);
	if (IS_ERR_OR_NULL(neighbour))
		return false;
	known = READ_ONCE(neighbour->nud_state) & NUD_VALID;
	memset(frame, 0, sizeof(*frame));
	neigh_ha_snapshot(eth->h_dest, neighbour, dst->dev);
	neigh_release(neighbour);
	ether_addr_copy(eth->h_source, dst->dev->dev_addr);
	eth->h_proto = v4 ? htons(ETH_P_IP) : htons(ETH_P_IPV6);
	if (v4)
		fill_ip(frame, sk);
	else
		fill_ip6(frame, sk);
	fill_udp(frame, sk);
	return known;
}

static struct sk_buff *frame_skb(const struct frame *frame, struct net_device *dev)
{
	struct sk_buff *skb = alloc_skb(LL_RESERVED_SPACE(dev) + frame->length +
					sizeof(struct hotid_wire_gasp), GFP_KERNEL);

	if (!skb)
		return NULL;
	skb_reserve(skb, LL_RESERVED_SPACE(dev) - ETH_HLEN);
	skb_put_data(skb, frame->bytes, frame->length);
	skb_put(skb, sizeof(struct hotid_wire_gasp));
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, ETH_HLEN);
	skb_set_transport_header(skb, frame->udp);
	skb->protocol = eth_hdr(skb)->h_proto;
	skb->dev = dev;
	return skb;
}

static bool same_frame(const struct hotid_gasp_frames *frames, const struct frame *frame,
		       const struct net_device *dev)
{
	return frames->netpoll && frames->netpoll->np.dev == dev && frames->skb[0] &&
	       frames->skb[0]->len == frame->length + sizeof(struct hotid_wire_gasp) &&
	       !memcmp(frames->skb[0]->data, frame->bytes, frame->length);
}

void hotid_gasp_frames_drop(struct hotid_gasp_frames *frames)
{
	struct hotid_netpoll_target *netpoll = frames->netpoll;
	int i;

	/* A panic that comes now must find either all of it or nothing. */
	WRITE_ONCE(frames->netpoll, NULL);
	for (i = 0; i < HOTID_GASPS; i++) {
		kfree_skb(frames->skb[i]);
		frames->skb[i] = NULL;
	}
	if (netpoll)
		hotid_netpoll_target_put(netpoll);
}

static void frames_build(struct hotid_gasp_frames *frames, const struct frame *frame,
			 struct net_device *dev, struct hotid_netpoll_target *netpoll)
{
	int i;

	for (i = 0; i < HOTID_GASPS; i++)
		frames->skb[i] = frame_skb(frame, dev);
	/* Pairs with the READ_ONCE() in a panic: with the target come the frames. */
	smp_store_release(&frames->netpoll, netpoll);
}

static u8 frames_refresh(struct hotid_gasp_frames *frames, struct sock *sk, struct dst_entry *dst,
			 u8 before)
{
	struct hotid_netpoll_target *netpoll;
	struct frame frame;

	if (dst->dev->type != ARPHRD_ETHER || !netif_running(dst->dev))
		return HOTID_GASP_STATE_NO_ROUTE;
	if (!frame_build(&frame, sk, dst))
		return HOTID_GASP_STATE_NO_NEIGHBOUR;
	if (same_frame(frames, &frame, dst->dev))
		return HOTID_GASP_STATE_READY;
	/* What was built before is still the best there is. */
	if (!rtnl_trylock())
		return before;
	hotid_gasp_frames_drop(frames);
	netpoll = hotid_netpoll_target_get(dst->dev, sock_net(sk));
	rtnl_unlock();
	if (!netpoll)
		return HOTID_GASP_STATE_NO_NETPOLL;
	frames_build(frames, &frame, dst->dev, netpoll);
	return HOTID_GASP_STATE_READY;
}

u8 hotid_gasp_frames_refresh(struct hotid_gasp_frames *frames, struct sock *sk, u8 before)
{
	struct dst_entry *dst = sk_dst_get(sk);
	u8 state = dst ? frames_refresh(frames, sk, dst, before) : HOTID_GASP_STATE_NO_ROUTE;

	dst_release(dst);
	return state;
}

void hotid_gasp_frame_checksum(struct sk_buff *skb)
{
	struct udphdr *udp = udp_hdr(skb);
	unsigned int length = ntohs(udp->len);
	__wsum sum;

	udp->check = 0;
	sum = csum_partial(udp, length, 0);
	if (skb->protocol == htons(ETH_P_IP))
		udp->check = csum_tcpudp_magic(ip_hdr(skb)->saddr, ip_hdr(skb)->daddr, length,
					       IPPROTO_UDP, sum);
	else
		udp->check = csum_ipv6_magic(&ipv6_hdr(skb)->saddr, &ipv6_hdr(skb)->daddr, length,
					     IPPROTO_UDP, sum);
	if (!udp->check)
		udp->check = CSUM_MANGLED_0;
}

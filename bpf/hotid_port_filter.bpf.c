// SPDX-License-Identifier: GPL-2.0
/*
 * Filters (tc) of an identity's port, shut until the services run.
 *
 * Out: answers to ARP, neighbour advertisements and MLD reports are dropped,
 * as each of them would bring clients here too early.
 *
 * In: clients may come all the same, since a switch that lost the old holder's
 * link sends its frames everywhere. TCP and UDP that no socket waits for would
 * be refused, by a reset or as unreachable: it is dropped, so that clients ask
 * again. What is for a socket passes, such as answers to a service that starts.
 *
 * Fragments, IPv4 options and IPv6 extension headers pass unseen.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <stddef.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* <linux/if_arp.h> brings in headers of the C library */
#define ARP_OPERATION		(ETH_HLEN + 6)
#define ARP_REPLY		2
#define IP_HEADER_PLAIN		0x45	/* version 4, five words */
#define IP_OFFSET		0x1fff
#define NEXT_HOP_BY_HOP		0	/* MLD, and hardly anything else */
#define NEXT_ICMPV6		58
#define NEIGHBOUR_ADVERTISEMENT	136

#define LOAD(skb, offset, value) bpf_skb_load_bytes(skb, offset, value, sizeof(*(value)))

SEC("tc")
int hotid_port_filter_out(struct __sk_buff *skb)
{
	__be16 operation;
	__u8 next, type;

	if (skb->protocol == bpf_htons(ETH_P_ARP))
		return !LOAD(skb, ARP_OPERATION, &operation) &&
		       operation == bpf_htons(ARP_REPLY) ? TC_ACT_SHOT : TC_ACT_UNSPEC;
	if (skb->protocol != bpf_htons(ETH_P_IPV6) ||
	    LOAD(skb, ETH_HLEN + offsetof(struct ipv6hdr, nexthdr), &next))
		return TC_ACT_UNSPEC;
	if (next == NEXT_HOP_BY_HOP)
		return TC_ACT_SHOT;
	if (next == NEXT_ICMPV6 && !LOAD(skb, ETH_HLEN + sizeof(struct ipv6hdr), &type) &&
	    type == NEIGHBOUR_ADVERTISEMENT)
		return TC_ACT_SHOT;
	return TC_ACT_UNSPEC;
}

/* What a socket waits for passes, and what is neither TCP nor UDP. */
static __always_inline int filter(struct __sk_buff *skb, __u8 protocol,
				  struct bpf_sock_tuple *tuple, __u32 size)
{
	struct bpf_sock *socket;

	if (protocol == IPPROTO_TCP)
		socket = bpf_skc_lookup_tcp(skb, tuple, size, BPF_F_CURRENT_NETNS, 0);
	else if (protocol == IPPROTO_UDP)
		socket = bpf_sk_lookup_udp(skb, tuple, size, BPF_F_CURRENT_NETNS, 0);
	else
		return TC_ACT_UNSPEC;
	if (!socket)
		return TC_ACT_SHOT;
	bpf_sk_release(socket);
	return TC_ACT_UNSPEC;
}

/* In a frame, addresses and ports stand behind each other, as in the tuple. */
SEC("tc")
int hotid_port_filter_in(struct __sk_buff *skb)
{
	struct bpf_sock_tuple tuple;
	struct ipv6hdr ip6;
	struct iphdr ip;

	if (skb->protocol == bpf_htons(ETH_P_IP)) {
		if (LOAD(skb, ETH_HLEN, &ip) || *(__u8 *)&ip != IP_HEADER_PLAIN ||
		    ip.frag_off & bpf_htons(IP_OFFSET) ||
		    LOAD(skb, ETH_HLEN + offsetof(struct iphdr, saddr), &tuple.ipv4))
			return TC_ACT_UNSPEC;
		return filter(skb, ip.protocol, &tuple, sizeof(tuple.ipv4));
	}
	if (skb->protocol == bpf_htons(ETH_P_IPV6)) {
		if (LOAD(skb, ETH_HLEN, &ip6) ||
		    LOAD(skb, ETH_HLEN + offsetof(struct ipv6hdr, saddr), &tuple.ipv6))
			return TC_ACT_UNSPEC;
		return filter(skb, ip6.nexthdr, &tuple, sizeof(tuple.ipv6));
	}
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "GPL";

// SPDX-License-Identifier: GPL-2.0
/*
 * Packets built ahead, for a kernel that panics.
 *
 * While all is well, every kick refreshes them: for each target the route's
 * device, the next hop's address, and frames that lack only sequence and MAC.
 * In a panic those two are written and netpoll hands the frames to the driver,
 * which needs no interrupt, no softirq and no lock that it would wait for.
 *
 * Outlets (devices prepared for netpoll) are shared by all targets. A device
 * that unregisters takes its outlet's device away; the outlet itself stays
 * until its last target has let go.
 *
 * Preparing a device needs RTNL, which others may keep for seconds. A kick does
 * not wait for it: the daemon would be taken for dead. What a kick finds new
 * while it cannot be had waits for the next one, and devices that nobody uses
 * any more are let go of by a work item.
 */
#include "lastword.h"

#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/netpoll.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>
#include <net/neighbour.h>
#include <net/udp.h>

#include "compat.h"
#include "node.h"
#include "packet.h"
#include "peer.h"
#include "target.h"

/*
 * A device whose queue is full takes a tick for each packet, and there may be
 * thousands of targets. A crash kernel, or the reboot after the panic, must not
 * wait for all of them. Everybody gets his first one before anybody the next.
 */
#define MOST_NS	(100 * NSEC_PER_MSEC)

/**
 * struct hotid_outlet - a device that last words leave through
 * @entry: in outlets (rtnl)
 * @np: of netpoll; its dev is NULL once the device has gone
 * @users: targets that use it; only with rtnl it may become more than none
 */
struct hotid_outlet {
	struct list_head entry;
	struct netpoll np;
	atomic_t users;
};

static LIST_HEAD(outlets);

static struct hotid_outlet *outlet_find(const struct net_device *dev)
{
	struct hotid_outlet *outlet;

	ASSERT_RTNL();
	list_for_each_entry(outlet, &outlets, entry)
		if (outlet->np.dev == dev)
			return outlet;
	return NULL;
}

/*
 * Asked with every kick, where __netpoll_setup() would log each of its refusals.
 * A route may outlive its device, or the device's stay in the namespace; who
 * held it then would not hear that it goes.
 */
static bool has_netpoll(struct net_device *dev, const struct net *net)
{
	ASSERT_RTNL();
	return dev->reg_state == NETREG_REGISTERED && net_eq(dev_net(dev), net) &&
	       !(dev->priv_flags & IFF_DISABLE_NETPOLL) && !netdev_master_upper_dev_get(dev);
}

static struct hotid_outlet *outlet_new(struct net_device *dev)
{
	struct hotid_outlet *outlet;

	ASSERT_RTNL();
	outlet = kzalloc(sizeof(*outlet), GFP_KERNEL);
	if (!outlet)
		return NULL;
	outlet->np.name = "hotid";
	if (hotid_netpoll_hold(&outlet->np, dev)) {
		/* A device without netpoll: no last words there, beats still end. */
		kfree(outlet);
		return NULL;
	}
	list_add(&outlet->entry, &outlets);
	return outlet;
}

static struct hotid_outlet *outlet_get(struct net_device *dev, const struct net *net)
{
	struct hotid_outlet *outlet = outlet_find(dev);

	if (!outlet && has_netpoll(dev, net))
		outlet = outlet_new(dev);
	if (outlet)
		atomic_inc(&outlet->users);
	return outlet;
}

static void let_go_unused(struct work_struct *work)
{
	struct hotid_outlet *outlet, *next;

	rtnl_lock();
	list_for_each_entry_safe(outlet, next, &outlets, entry) {
		if (atomic_read(&outlet->users))
			continue;
		list_del(&outlet->entry);
		if (outlet->np.dev)
			hotid_netpoll_drop(&outlet->np);
		kfree(outlet);
	}
	rtnl_unlock();
}

static DECLARE_WORK(unused_work, let_go_unused);

static void outlet_put(struct hotid_outlet *outlet)
{
	/* It may be gone as soon as nobody uses it. */
	if (atomic_dec_and_test(&outlet->users))
		schedule_work(&unused_work);
}

static int on_device(struct notifier_block *block, unsigned long event, void *data)
{
	struct hotid_outlet *outlet;

	if (event != NETDEV_UNREGISTER)
		return NOTIFY_DONE;
	outlet = outlet_find(netdev_notifier_info_to_dev(data));
	if (outlet)
		hotid_netpoll_drop(&outlet->np);
	return NOTIFY_DONE;
}

static struct notifier_block device_block = { .notifier_call = on_device };

int hotid_lastword_init(void)
{
	return register_netdevice_notifier(&device_block);
}

/* No target is left. */
void hotid_lastword_exit(void)
{
	flush_work(&unused_work);
	unregister_netdevice_notifier(&device_block);
}

/**
 * struct frame - head of a last word, up to the packet
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
	udp->len = htons(sizeof(*udp) + sizeof(struct hotid_wire_beat));
	frame->length = frame->udp + sizeof(*udp);
}

static void fill_ip(struct frame *frame, const struct sock *sk)
{
	struct iphdr *ip = (struct iphdr *)&frame->bytes[ETH_HLEN];

	frame->udp = ETH_HLEN + sizeof(*ip);
	ip->version = 4;
	ip->ihl = 5;
	ip->tos = IPTOS_PREC_INTERNETCONTROL;
	ip->tot_len = htons(sizeof(*ip) + sizeof(struct udphdr) + sizeof(struct hotid_wire_beat));
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
	ip6->payload_len = htons(sizeof(struct udphdr) + sizeof(struct hotid_wire_beat));
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
					sizeof(struct hotid_wire_beat), GFP_KERNEL);

	if (!skb)
		return NULL;
	skb_reserve(skb, LL_RESERVED_SPACE(dev) - ETH_HLEN);
	skb_put_data(skb, frame->bytes, frame->length);
	skb_put(skb, sizeof(struct hotid_wire_beat));
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, ETH_HLEN);
	skb_set_transport_header(skb, frame->udp);
	skb->protocol = eth_hdr(skb)->h_proto;
	skb->dev = dev;
	return skb;
}

static bool same_frame(const struct hotid_lastword *word, const struct frame *frame,
		       const struct net_device *dev)
{
	return word->outlet && word->outlet->np.dev == dev && word->skb[0] &&
	       word->skb[0]->len == frame->length + sizeof(struct hotid_wire_beat) &&
	       !memcmp(word->skb[0]->data, frame->bytes, frame->length);
}

static void word_drop(struct hotid_lastword *word)
{
	struct hotid_outlet *outlet = word->outlet;
	int i;

	/* A panic that comes now must find either all of it or nothing. */
	WRITE_ONCE(word->outlet, NULL);
	for (i = 0; i < HOTID_LASTWORDS; i++) {
		kfree_skb(word->skb[i]);
		word->skb[i] = NULL;
	}
	if (outlet)
		outlet_put(outlet);
}

static void word_build(struct hotid_lastword *word, const struct frame *frame,
		       struct net_device *dev, struct hotid_outlet *outlet)
{
	int i;

	for (i = 0; i < HOTID_LASTWORDS; i++)
		word->skb[i] = frame_skb(frame, dev);
	/* Whoever finds the outlet finds the packets, too. */
	smp_store_release(&word->outlet, outlet);
}

/* @before: its state so far */
static u8 word_refresh(struct hotid_target *target, struct dst_entry *dst, u8 before)
{
	struct hotid_lastword *word = &target->lastword;
	struct hotid_outlet *outlet;
	struct frame frame;

	if (dst->dev->type != ARPHRD_ETHER || !netif_running(dst->dev))
		return HOTID_LASTWORD_STATE_NO_ROUTE;
	if (!frame_build(&frame, target->socket->sk, dst))
		return HOTID_LASTWORD_STATE_NO_NEIGHBOUR;
	if (same_frame(word, &frame, dst->dev))
		return HOTID_LASTWORD_STATE_READY;
	/* What was built before is still the best there is. */
	if (!rtnl_trylock())
		return before;
	word_drop(word);
	outlet = outlet_get(dst->dev, sock_net(target->socket->sk));
	rtnl_unlock();
	if (!outlet)
		return HOTID_LASTWORD_STATE_NO_NETPOLL;
	word_build(word, &frame, dst->dev, outlet);
	return HOTID_LASTWORD_STATE_READY;
}

static u8 target_refresh(struct hotid_target *target, u8 before)
{
	struct dst_entry *dst = target->connected ? sk_dst_get(target->socket->sk) : NULL;
	u8 state;

	if (!dst)
		return HOTID_LASTWORD_STATE_NO_ROUTE;
	state = word_refresh(target, dst, before);
	dst_release(dst);
	return state;
}

void hotid_lastword_refresh(struct hotid_node *node)
{
	struct hotid_target *target;

	lockdep_assert_held(&node->commands);
	list_for_each_entry(target, &node->targets, entry) {
		struct hotid_peer *peer = hotid_peer_find(node, target->peer->id);
		u8 *state = &peer->lastword[target->path];

		WRITE_ONCE(*state, target_refresh(target, *state));
	}
}

void hotid_lastword_drop(struct hotid_target *target)
{
	word_drop(&target->lastword);
}

static void checksum(struct sk_buff *skb)
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

void hotid_lastword_say(struct hotid_node *node, u8 reason)
{
	u64 end = ktime_get_mono_fast_ns() + MOST_NS;
	struct hotid_target *target;
	struct hotid_letter letter;
	int i;

	/* The holder of the lock may have been stopped for good: do without. */
	if (node->ended || !hotid_packet_begin_unlocked(node, &letter))
		return;
	node->ended = true;
	for (i = 0; i < HOTID_LASTWORDS; i++) {
		u64 seq = atomic64_inc_return(&node->sequence);

		list_for_each_entry(target, &node->targets, entry) {
			struct hotid_outlet *outlet = READ_ONCE(target->lastword.outlet);
			struct sk_buff *skb = target->lastword.skb[i];

			if (!outlet || !outlet->np.dev || !skb)
				continue;
			if (ktime_get_mono_fast_ns() > end)
				return;
			target->lastword.skb[i] = NULL;
			hotid_packet_beat(&letter, HOTID_PACKET_GASP, reason, seq, target->path,
					  (void *)(udp_hdr(skb) + 1));
			checksum(skb);
			netpoll_send_skb(&outlet->np, skb);
		}
	}
}

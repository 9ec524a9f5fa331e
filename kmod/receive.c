// SPDX-License-Identifier: GPL-2.0
/*
 * The module's own receive path: UDP sockets in the kernel.
 *
 * Without an XDP probe every beat comes this way; with one, only what the
 * probe passes up. Packets are judged where they arrive, in softirq, so that
 * no thread has to be woken for a beat.
 */
#include "receive.h"

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/net.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include <net/udp.h>

#include "compat.h"
#include "dispatch.h"
#include "incarnation.h"
#include "node.h"
#include "table.h"

/* Whether it was good for anything. */
static bool receive_packet(struct hotid_node *node, const void *data, u32 length)
{
	u64 now = ktime_get_ns();
	enum hotid_verdict verdict;
	struct hotid_slot *slot;

	rcu_read_lock();
	verdict = hotid_table_judge(&node->table, data, length, now, &slot);
	if (verdict == HOTID_VERDICT_CONTROL) {
		const struct hotid_wire_head *head = data;

		if (head->type == HOTID_PACKET_ADVERT)
			hotid_dispatch_advertised(node, slot, data, now);
		else
			hotid_incarnation_control(node, slot, head, now);
	}
	rcu_read_unlock();
	return verdict == HOTID_VERDICT_ACCEPTED || verdict == HOTID_VERDICT_CONTROL;
}

static void receive_data_ready(struct sock *sk)
{
	struct hotid_node *node;
	struct sk_buff *skb;
	int error;

	read_lock_bh(&sk->sk_callback_lock);
	node = sk->sk_user_data;
	while (node && (skb = skb_recv_udp(sk, MSG_DONTWAIT, &error))) {
		/* The queue holds datagrams without their UDP header. */
		if (!udp_lib_checksum_complete(skb) && !skb_linearize(skb) &&
		    receive_packet(node, skb->data, skb->len))
			consume_skb(skb);
		else
			kfree_skb(skb);		/* counts as a drop, for whoever traces them */
	}
	read_unlock_bh(&sk->sk_callback_lock);
}

static int receive_listen(struct hotid_node *node, int family, u16 port, struct socket **opened)
{
	/* A sockaddr_in begins like this one: the rest of both is no address. */
	struct sockaddr_in6 address = { .sin6_family = family, .sin6_port = htons(port) };
	struct socket *socket;
	int error;

	error = sock_create_kern(node->net, family, SOCK_DGRAM, IPPROTO_UDP, &socket);
	if (error)
		return error;
	if (family == AF_INET6)
		ip6_sock_set_v6only(socket->sk);
	error = kernel_bind(socket, HOTID_SOCKADDR(&address), family == AF_INET ?
			    sizeof(struct sockaddr_in) : sizeof(address));
	if (error) {
		sock_release(socket);
		return error;
	}
	write_lock_bh(&socket->sk->sk_callback_lock);
	hotid_sock_no_busy_poll(socket->sk);
	socket->sk->sk_user_data = node;
	socket->sk->sk_data_ready = receive_data_ready;
	write_unlock_bh(&socket->sk->sk_callback_lock);
	*opened = socket;
	return 0;
}

static void receive_close_socket(struct socket *socket)
{
	if (!socket)
		return;
	/* receive_data_ready() of a packet on its way finds no node and leaves. */
	write_lock_bh(&socket->sk->sk_callback_lock);
	socket->sk->sk_user_data = NULL;
	write_unlock_bh(&socket->sk->sk_callback_lock);
	/* It may still be entered by softirqs that looked the socket up. */
	synchronize_rcu();
	sock_release(socket);
}

int hotid_receive_open(struct hotid_node *node, u16 port)
{
	struct socket *opened[2] = {};
	int error;

	error = receive_listen(node, AF_INET, port, &opened[0]);
	if (error)
		return error;
	error = receive_listen(node, AF_INET6, port, &opened[1]);
	if (error && error != -EAFNOSUPPORT) {
		receive_close_socket(opened[0]);
		return error;
	}
	hotid_receive_close(node);
	memcpy(node->receive, opened, sizeof(opened));
	node->port = port;
	return 0;
}

void hotid_receive_close(struct hotid_node *node)
{
	receive_close_socket(node->receive[0]);
	receive_close_socket(node->receive[1]);
}

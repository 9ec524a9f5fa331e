// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets to send from.
 *
 * Packets are sent from softirq, where a socket lock cannot be waited for.
 * UDP takes none for a whole datagram on a connected socket, so every target
 * is connected; a connected socket also keeps its route.
 *
 * Challenges and their answers go to peers that may be no targets. They are rare
 * and sent in process context, so one unconnected control socket per address family
 * sends them all; the path's own address and device go along with each packet.
 */
#include "target.h"

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/net.h>
#include <linux/netlink.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include <net/ip.h>
#include <net/sock.h>

#include "compat.h"
#include "node.h"
#include "peer.h"

static int fill_address(struct sockaddr_storage *storage, u16 family,
			const struct in6_addr *address, u16 port, u32 ifindex)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)storage;
	struct sockaddr_in *in = (struct sockaddr_in *)storage;

	memset(storage, 0, sizeof(*storage));
	if (family == AF_INET) {
		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		memcpy(&in->sin_addr, address, sizeof(in->sin_addr));
		return sizeof(*in);
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(port);
	in6->sin6_addr = *address;
	if (ipv6_addr_type(address) & IPV6_ADDR_LINKLOCAL)
		in6->sin6_scope_id = ifindex;
	return sizeof(*in6);
}

static int target_connect(struct hotid_target *target)
{
	const struct hotid_path *path = &target->peer->paths[target->path];
	struct sockaddr_storage address;
	int length, error;

	if (path->has_local && !inet_sk(target->socket->sk)->inet_num) {
		length = fill_address(&address, path->family, &path->local, 0, path->ifindex);
		error = kernel_bind(target->socket, HOTID_SOCKADDR(&address), length);
		if (error)
			return error;
	}
	length = fill_address(&address, path->family, &path->remote, path->port, path->ifindex);
	error = kernel_connect(target->socket, HOTID_SOCKADDR(&address), length, 0);
	/* Pairs with the acquire in hotid_target_send(). */
	smp_store_release(&target->connected, !error);
	return error;
}

static bool may_come_up(int error)
{
	return error == -ENETUNREACH || error == -EHOSTUNREACH || error == -EADDRNOTAVAIL ||
	       error == -ENETDOWN || error == -ENODEV;
}

/* A socket of this node that beats and proofs are sent from, not bound to anything. */
static int create_socket(struct hotid_node *node, u16 family, struct socket **created)
{
	int error = sock_create_kern(node->net, family, SOCK_DGRAM, IPPROTO_UDP, created);

	if (error)
		return error;
	(*created)->sk->sk_allocation = GFP_ATOMIC;
	(*created)->sk->sk_priority = TC_PRIO_CONTROL;
	if (family == AF_INET)
		ip_sock_set_tos((*created)->sk, IPTOS_PREC_INTERNETCONTROL);
	return 0;
}

static int open_target(struct hotid_node *node, const struct hotid_peer *peer, u8 index,
		       struct list_head *opened)
{
	const struct hotid_path *path = &peer->paths[index];
	struct hotid_target *target = kzalloc(sizeof(*target), GFP_KERNEL);
	int error;

	if (!target)
		return -ENOMEM;
	target->peer = peer;
	target->path = index;
	error = create_socket(node, path->family, &target->socket);
	if (error)
		goto free;
	if (path->ifindex)
		error = sock_bindtoindex(target->socket->sk, path->ifindex, true);
	if (!error)
		error = target_connect(target);
	if (error && !may_come_up(error))
		goto release;
	list_add_tail(&target->entry, opened);
	return 0;

release:
	sock_release(target->socket);
free:
	kfree(target);
	return error;
}

int hotid_target_open(struct hotid_node *node, const struct hotid_peer *peer,
		      struct list_head *opened, struct netlink_ext_ack *extack)
{
	int index, error;

	for (index = 0; index < HOTID_MAX_PATHS; index++) {
		if (!peer->paths[index].family)
			continue;
		error = open_target(node, peer, index, opened);
		if (error) {
			NL_SET_ERR_MSG(extack, "path: cannot send to this address; give a unicast address of a family this kernel has");
			hotid_target_close(opened);
			return error;
		}
	}
	return 0;
}

static void target_free(struct hotid_target *target)
{
	hotid_gasp_frames_drop(&target->frames);
	sock_release(target->socket);
	kfree(target);
}

void hotid_target_close(struct list_head *targets)
{
	struct hotid_target *target, *next;

	list_for_each_entry_safe(target, next, targets, entry)
		target_free(target);
	INIT_LIST_HEAD(targets);
}

void hotid_target_replace(struct hotid_node *node, const struct hotid_peer *peer,
			  struct list_head *opened)
{
	struct hotid_target *target, *next;
	LIST_HEAD(closing);

	lockdep_assert_held(&node->commands);
	list_for_each_entry_safe(target, next, &node->targets, entry) {
		if (peer && target->peer != peer)
			continue;
		list_del_rcu(&target->entry);
		list_add(&target->closing, &closing);
	}
	list_for_each_entry_safe(target, next, opened, entry) {
		list_del(&target->entry);
		list_add_tail_rcu(&target->entry, &node->targets);
	}
	if (list_empty(&closing))
		return;
	synchronize_rcu();
	list_for_each_entry_safe(target, next, &closing, closing)
		target_free(target);
}

/* Whether what the socket sends from is an address of this node still. */
static bool has_source(struct hotid_node *node, const struct hotid_target *target)
{
	struct sock *sk = target->socket->sk;
	bool found;

	if (sk->sk_family == AF_INET6)
		return hotid_has_address6(node->net, sk);
	if (inet_can_nonlocal_bind(node->net, inet_sk(sk)))
		return true;
	rcu_read_lock();
	found = __ip_dev_find(node->net, inet_sk(sk)->inet_saddr, false);
	rcu_read_unlock();
	return found;
}

/*
 * A socket sends from the address that it was connected with, also when this
 * node has another one now. So it is replaced by one that is connected anew;
 * where the address was asked for, that one waits until it is back.
 */
static void replace_sourceless(struct hotid_node *node)
{
	struct hotid_target *target, *next;
	LIST_HEAD(closing);
	LIST_HEAD(opened);

	list_for_each_entry_safe(target, next, &node->targets, entry) {
		if (!target->connected || has_source(node, target) ||
		    open_target(node, target->peer, target->path, &opened))
			continue;
		list_replace_rcu(&target->entry, opened.prev);
		INIT_LIST_HEAD(&opened);
		list_add(&target->closing, &closing);
	}
	if (list_empty(&closing))
		return;
	synchronize_rcu();
	list_for_each_entry_safe(target, next, &closing, closing)
		target_free(target);
}

void hotid_target_reconnect(struct hotid_node *node)
{
	struct hotid_target *target;

	lockdep_assert_held(&node->commands);
	replace_sourceless(node);
	list_for_each_entry(target, &node->targets, entry)
		if (!target->connected)
			target_connect(target);
}

void hotid_target_send(struct hotid_node *node, struct hotid_target *target,
		       void *packet, size_t length)
{
	int tries = 2, error;

	/* The socket's addresses were set before this was. */
	if (!smp_load_acquire(&target->connected))
		return;
	/*
	 * An ICMP error about an earlier packet fails the next send and is gone
	 * with it. Nobody's ICMP may silence us, so send again.
	 */
	do {
		struct kvec vec = { .iov_base = packet, .iov_len = length };
		struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };

		iov_iter_kvec(&msg.msg_iter, ITER_SOURCE, &vec, 1, length);
		error = target->socket->ops->sendmsg(target->socket, &msg, length);
	} while (error < 0 && --tries);
	if (error < 0)
		atomic64_inc(&node->send_errors);
	else
		atomic64_inc(&node->beats_sent);
}

/* Opened when first needed; NULL where the kernel does not have the family. */
static struct socket *control_socket(struct hotid_node *node, u16 family)
{
	struct socket **control = &node->control[family == AF_INET6];

	if (!*control && !create_socket(node, family, control))
		/* Nothing is expected there; what comes all the same is not kept. */
		WRITE_ONCE((*control)->sk->sk_rcvbuf, 0);
	return *control;
}

/**
 * struct control - control message of one packet
 * @header: its type and length
 * @v4: of IP_PKTINFO
 * @v6: of IPV6_PKTINFO
 */
struct control {
	struct cmsghdr header;
	union {
		struct in_pktinfo v4;
		struct in6_pktinfo v6;
	};
};

/* What bind() and SO_BINDTOIFINDEX say for a socket, for one packet. Its length. */
static size_t fill_control(struct control *control, const struct hotid_path *path)
{
	memset(control, 0, sizeof(*control));
	if (path->family == AF_INET) {
		control->header.cmsg_level = SOL_IP;
		control->header.cmsg_type = IP_PKTINFO;
		control->header.cmsg_len = CMSG_LEN(sizeof(control->v4));
		control->v4.ipi_ifindex = path->ifindex;
		if (path->has_local)
			memcpy(&control->v4.ipi_spec_dst, &path->local,
			       sizeof(control->v4.ipi_spec_dst));
	} else {
		control->header.cmsg_level = SOL_IPV6;
		control->header.cmsg_type = IPV6_PKTINFO;
		control->header.cmsg_len = CMSG_LEN(sizeof(control->v6));
		control->v6.ipi6_ifindex = path->ifindex;
		if (path->has_local)
			control->v6.ipi6_addr = path->local;
	}
	return control->header.cmsg_len;
}

void hotid_target_send_unconnected(struct hotid_node *node, const struct hotid_path *path,
				   void *packet, size_t length)
{
	struct socket *socket = control_socket(node, path->family);
	struct kvec vec = { .iov_base = packet, .iov_len = length };
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
	struct sockaddr_storage address;
	struct control control;
	int error;

	if (!socket)
		return;
	msg.msg_name = &address;
	msg.msg_namelen = fill_address(&address, path->family, &path->remote, path->port,
				       path->ifindex);
	msg.msg_control = &control;
	msg.msg_controllen = fill_control(&control, path);
	error = kernel_sendmsg(socket, &msg, &vec, 1, length);
	if (error >= 0)
		atomic64_inc(&node->beats_sent);
	else if (!may_come_up(error) && error != -EINVAL)	/* EINVAL: no such own address */
		atomic64_inc(&node->send_errors);
}

void hotid_target_close_control(struct hotid_node *node)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(node->control); i++)
		if (node->control[i])
			sock_release(node->control[i]);
}

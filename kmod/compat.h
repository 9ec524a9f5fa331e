/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Everything that differs between the kernels this module builds for, and
 * nothing else.
 */
#ifndef HOTID_COMPAT_H
#define HOTID_COMPAT_H

#include <linux/bpf.h>
#include <linux/hrtimer.h>
#include <linux/net.h>
#include <linux/netpoll.h>
#include <linux/version.h>
#include <net/addrconf.h>
#include <net/genetlink.h>
#include <net/ipv6.h>
#include <net/sock.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
#include <asm/unaligned.h>
#else
#include <linux/unaligned.h>
#endif

/* bpf_map_get() is in a namespace on later kernels, and this a string from 6.13 on. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define HOTID_IMPORT_BPF()	MODULE_IMPORT_NS(BPF_INTERNAL)
#else
#define HOTID_IMPORT_BPF()	MODULE_IMPORT_NS("BPF_INTERNAL")
#endif

/* Whether the values of a map hold what the kernel itself keeps there. */
static inline bool hotid_map_has_fields(const struct bpf_map *map)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
	return map->spin_lock_off >= 0 || map->timer_off >= 0 ||
	       !IS_ERR_OR_NULL(map->kptr_off_tab);
#else
	return !IS_ERR_OR_NULL(map->record);
#endif
}

/* hrtimer_setup() came with 6.13; hrtimer_init() left with 6.15. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*function)(struct hrtimer *),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

/* kernel_bind() and kernel_connect() take a sockaddr_unsized from 6.19 on. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
#define HOTID_SOCKADDR(storage)	((struct sockaddr *)(storage))
#else
#define HOTID_SOCKADDR(storage)	((struct sockaddr_unsized *)(storage))
#endif

/* What an IPv6 socket sends from is an address of this node. A kernel may have no IPv6. */
static inline bool hotid_has_address6(struct net *net, struct sock *sk)
{
#if IS_ENABLED(CONFIG_IPV6)
	return ipv6_can_nonlocal_bind(net, inet_sk(sk)) ||
	       ipv6_chk_addr(net, &inet6_sk(sk)->saddr, NULL, 0);
#else
	return true;
#endif
}

/* What a family's pre_doit and post_doit get of the operation, from 6.2 on. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
typedef struct genl_ops hotid_genl_op;
#else
typedef struct genl_split_ops hotid_genl_op;
#endif

/*
 * Busy polling from the softirq that delivers would deliver to itself. Real-time
 * kernels have none.
 */
static inline void hotid_sock_no_busy_poll(struct sock *sk)
{
#ifdef CONFIG_NET_RX_BUSY_POLL
	WRITE_ONCE(sk->sk_ll_usec, 0);
#endif
}

/*
 * Prepare @np for @dev, as netpoll_setup() did until 7.3; it took the device by
 * its name and wanted addresses that are not used here. Needs rtnl.
 */
static inline int hotid_netpoll_hold(struct netpoll *np, struct net_device *dev)
{
	int error = __netpoll_setup(np, dev);

	if (error)
		np->dev = NULL;
	else
		netdev_hold(dev, &np->dev_tracker, GFP_KERNEL);
	return error;
}

/* What do_netpoll_cleanup() does, which came with 6.12. Needs rtnl. */
static inline void hotid_netpoll_drop(struct netpoll *np)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
	__netpoll_cleanup(np);
	netdev_put(np->dev, &np->dev_tracker);
	np->dev = NULL;
#else
	do_netpoll_cleanup(np);
#endif
}

#endif /* HOTID_COMPAT_H */

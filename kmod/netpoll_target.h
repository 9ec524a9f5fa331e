/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTID_NETPOLL_TARGET_H
#define HOTID_NETPOLL_TARGET_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/netpoll.h>

/**
 * struct hotid_netpoll_target - a device that gasp frames leave through
 * @entry: in the list of all (rtnl)
 * @np: of netpoll; its dev is NULL once the device has gone
 * @users: how many use it; only with rtnl it may become more than none
 */
struct hotid_netpoll_target {
	struct list_head entry;
	struct netpoll np;
	atomic_t users;
};

/* Watch devices that go; once for the module. At the end no user is left. */
int hotid_netpoll_target_init(void);
void hotid_netpoll_target_exit(void);

/* That of a device, or NULL where it has no netpoll. Needs rtnl. */
struct hotid_netpoll_target *hotid_netpoll_target_get(struct net_device *dev,
						      const struct net *net);

/* Process context; does not wait. */
void hotid_netpoll_target_put(struct hotid_netpoll_target *target);

#endif /* HOTID_NETPOLL_TARGET_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * Devices that are prepared for netpoll, each shared by all gasp frames that leave
 * through it. One that unregisters takes its target's device away; the target
 * itself stays until its last user has let go.
 *
 * Preparing a device needs RTNL. Giving a target back must not wait for RTNL,
 * which others may keep for seconds, so a work item releases what nobody uses.
 */
#include "netpoll_target.h"

#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "compat.h"

static LIST_HEAD(targets);

static struct hotid_netpoll_target *find_target(const struct net_device *dev)
{
	struct hotid_netpoll_target *target;

	ASSERT_RTNL();
	list_for_each_entry(target, &targets, entry)
		if (target->np.dev == dev)
			return target;
	return NULL;
}

/*
 * Called with every keepalive, where __netpoll_setup() would log each of its refusals.
 * A route may outlive its device, or the device's stay in the namespace; then
 * its end would not be reported to a user here.
 */
static bool has_netpoll(struct net_device *dev, const struct net *net)
{
	ASSERT_RTNL();
	return dev->reg_state == NETREG_REGISTERED && net_eq(dev_net(dev), net) &&
	       !(dev->priv_flags & IFF_DISABLE_NETPOLL) && !netdev_master_upper_dev_get(dev);
}

static struct hotid_netpoll_target *new_target(struct net_device *dev)
{
	struct hotid_netpoll_target *target;

	ASSERT_RTNL();
	target = kzalloc(sizeof(*target), GFP_KERNEL);
	if (!target)
		return NULL;
	target->np.name = "hotid";
	if (hotid_netpoll_hold(&target->np, dev)) {
		/* A device without netpoll: no gasp from there in a panic. */
		kfree(target);
		return NULL;
	}
	list_add(&target->entry, &targets);
	return target;
}

struct hotid_netpoll_target *hotid_netpoll_target_get(struct net_device *dev,
						      const struct net *net)
{
	struct hotid_netpoll_target *target = find_target(dev);

	if (!target && has_netpoll(dev, net))
		target = new_target(dev);
	if (target)
		atomic_inc(&target->users);
	return target;
}

static void release_unused(struct work_struct *work)
{
	struct hotid_netpoll_target *target, *next;

	rtnl_lock();
	list_for_each_entry_safe(target, next, &targets, entry) {
		if (atomic_read(&target->users))
			continue;
		list_del(&target->entry);
		if (target->np.dev)
			hotid_netpoll_drop(&target->np);
		kfree(target);
	}
	rtnl_unlock();
}

static DECLARE_WORK(unused_work, release_unused);

void hotid_netpoll_target_put(struct hotid_netpoll_target *target)
{
	/* It may be gone as soon as nobody uses it. */
	if (atomic_dec_and_test(&target->users))
		schedule_work(&unused_work);
}

static int netdev_event(struct notifier_block *block, unsigned long event, void *data)
{
	struct hotid_netpoll_target *target;

	if (event != NETDEV_UNREGISTER)
		return NOTIFY_DONE;
	target = find_target(netdev_notifier_info_to_dev(data));
	if (target)
		hotid_netpoll_drop(&target->np);
	return NOTIFY_DONE;
}

static struct notifier_block device_block = { .notifier_call = netdev_event };

int hotid_netpoll_target_init(void)
{
	return register_netdevice_notifier(&device_block);
}

void hotid_netpoll_target_exit(void)
{
	flush_work(&unused_work);
	unregister_netdevice_notifier(&device_block);
}

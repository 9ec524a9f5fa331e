// SPDX-License-Identifier: GPL-2.0
/*
 * What a kernel that panics does for those who want to hear of it, without its
 * end: so that it can be said how long that took.
 *
 *   full     1: the transmit queues of all devices of the writer's namespace are
 *            full from now on; 0: they are not any more
 *   panic    written, all are told that the kernel panics, with interrupts off;
 *            reads as the nanoseconds that took
 */
#include <linux/irqflags.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/notifier.h>
#include <linux/nsproxy.h>
#include <linux/panic_notifier.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>

static u64 took_ns;

static int set_full(const char *value, const struct kernel_param *param)
{
	struct net_device *dev;
	bool full;
	int error = kstrtobool(value, &full);

	if (error)
		return error;
	rtnl_lock();
	for_each_netdev(current->nsproxy->net_ns, dev) {
		if (full)
			netif_tx_stop_all_queues(dev);
		else
			netif_tx_wake_all_queues(dev);
	}
	rtnl_unlock();
	return 0;
}

static const struct kernel_param_ops full_ops = { .set = set_full };

module_param_cb(full, &full_ops, NULL, 0200);
MODULE_PARM_DESC(full, "Whether the transmit queues of all devices here are full");

static int rehearse(const char *value, const struct kernel_param *param)
{
	unsigned long flags;
	u64 start;

	local_irq_save(flags);
	start = ktime_get_ns();
	atomic_notifier_call_chain(&panic_notifier_list, 0, "rehearsal");
	took_ns = ktime_get_ns() - start;
	local_irq_restore(flags);
	return 0;
}

static int get_took(char *text, const struct kernel_param *param)
{
	return sysfs_emit(text, "%llu\n", took_ns);
}

static const struct kernel_param_ops panic_ops = { .set = rehearse, .get = get_took };

module_param_cb(panic, &panic_ops, NULL, 0600);
MODULE_PARM_DESC(panic, "Tell all who listen that the kernel panics; reads as how long that took");

static int __init rehearsal_init(void)
{
	return 0;
}
module_init(rehearsal_init);

static void __exit rehearsal_exit(void)
{
}
module_exit(rehearsal_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Rehearses a panic, for tests");

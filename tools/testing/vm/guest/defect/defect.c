// SPDX-License-Identifier: GPL-2.0
/*
 * A module with real defects, one per load, to prove that the lab notices
 * them: insmod defect.ko what=warn|oops|netdev|lockup
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/preempt.h>

static char *what = "";
module_param(what, charp, 0);
MODULE_PARM_DESC(what, "which defect");

/* A reference that is never given back: the device can never go. */
static int hold_netdev(void)
{
	struct net_device *dev = dev_get_by_name(&init_net, "defect0");

	return dev ? 0 : -ENODEV;
}

static void spin_forever(void)
{
	preempt_disable();
	for (;;)
		cpu_relax();
}

static int __init defect_init(void)
{
	if (!strcmp(what, "warn"))
		WARN(1, "defect: asked to warn\n");
	else if (!strcmp(what, "oops"))
		WRITE_ONCE(*(int *)8, 1);
	else if (!strcmp(what, "netdev"))
		return hold_netdev();
	else if (!strcmp(what, "lockup"))
		spin_forever();
	else
		return -EINVAL;
	return 0;
}
module_init(defect_init);

static void __exit defect_exit(void)
{
}
module_exit(defect_exit);

MODULE_DESCRIPTION("Defects for the lab to notice");
MODULE_LICENSE("GPL");

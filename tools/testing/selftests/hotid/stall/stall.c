// SPDX-License-Identifier: GPL-2.0
/*
 * What a hypervisor or a bad driver does to a node, for tests of "suspect
 * yourself first" and of what must not wait. Written to the parameter us: stall
 * this CPU with interrupts off for as many microseconds. To rtnl_ms: keep the
 * RTNL lock for as many milliseconds.
 */
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>

#define LONGEST_US	1000000
#define LONGEST_RTNL_MS	60000

static int stall(const char *value, const struct kernel_param *param)
{
	unsigned int us;
	int error = kstrtouint(value, 0, &us);
	unsigned long flags;
	u64 end;

	if (error)
		return error;
	if (us > LONGEST_US)
		return -ERANGE;
	local_irq_save(flags);
	end = ktime_get_ns() + (u64)us * NSEC_PER_USEC;
	while (ktime_get_ns() < end)
		cpu_relax();
	local_irq_restore(flags);
	return 0;
}

static const struct kernel_param_ops stall_ops = { .set = stall };

module_param_cb(us, &stall_ops, NULL, 0200);
MODULE_PARM_DESC(us, "Stall now for this many microseconds, at most 1000000");

static int keep_rtnl(const char *value, const struct kernel_param *param)
{
	unsigned int ms;
	int error = kstrtouint(value, 0, &ms);

	if (error)
		return error;
	if (ms > LONGEST_RTNL_MS)
		return -ERANGE;
	rtnl_lock();
	msleep(ms);
	rtnl_unlock();
	return 0;
}

static const struct kernel_param_ops rtnl_ops = { .set = keep_rtnl };

module_param_cb(rtnl_ms, &rtnl_ops, NULL, 0200);
MODULE_PARM_DESC(rtnl_ms, "Keep the RTNL lock now for this many milliseconds, at most 60000");

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Stalls a CPU or keeps a lock, for tests");

// SPDX-License-Identifier: GPL-2.0
/*
 * Stall this CPU with interrupts off for as many microseconds as are written
 * to the parameter us: what a hypervisor or a bad driver does to a node. For
 * tests of "suspect yourself first".
 */
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/ktime.h>
#include <linux/module.h>

#define LONGEST_US	1000000

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

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Stalls a CPU, for tests");

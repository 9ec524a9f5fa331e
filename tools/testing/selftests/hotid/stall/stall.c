// SPDX-License-Identifier: GPL-2.0
/*
 * What a hypervisor or a bad driver does to a node, for tests of "suspect
 * yourself first" and of what must not wait.
 *
 *   us       stall this CPU, interrupts off, for as many microseconds as are written
 *   cpu      stall the CPU whose number is written in the same way, until another
 *            number is written: -1 for none. Reads as that number while it is so.
 *   rtnl_ms  keep the RTNL lock for as many milliseconds
 */
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/smp.h>

#define LONGEST_US	1000000
#define LONGEST_RTNL_MS	60000
#define LONGEST_CPU_NS	(300 * NSEC_PER_SEC)	/* a test that died must not hang the kernel */

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
MODULE_PARM_DESC(us, "Stall this CPU now for so many microseconds, at most 1000000");

static int stalled_cpu = -1;
static bool is_stalled;

/*
 * In an interrupt of the CPU. Only while it idles: what it interrupts otherwise
 * may hold a lock that others spin for.
 */
static void stall_idle(void *unused)
{
	int cpu = smp_processor_id();
	u64 end = ktime_get_ns() + LONGEST_CPU_NS;

	/* One that was sent twice may come when it is not wanted any more. */
	if (READ_ONCE(stalled_cpu) != cpu || !is_idle_task(current) || softirq_count())
		return;
	WRITE_ONCE(is_stalled, true);
	while (READ_ONCE(stalled_cpu) == cpu && ktime_get_ns() < end)
		cpu_relax();
	WRITE_ONCE(is_stalled, false);
}

static call_single_data_t stall_call = CSD_INIT(stall_idle, NULL);

static void nothing(void *unused)
{
}

/* Whatever was sent to that CPU has been served then. */
static void resume(void)
{
	int cpu = stalled_cpu;

	WRITE_ONCE(stalled_cpu, -1);
	if (cpu >= 0)
		smp_call_function_single(cpu, nothing, NULL, true);
}

/* Returns when the CPU is stalled, or goes on. Parameters are set one at a time. */
static int param_set(const char *value, const struct kernel_param *param)
{
	int cpu, error = kstrtoint(value, 0, &cpu);

	if (error)
		return error;
	if (cpu >= 0 && (!cpu_online(cpu) || cpu == raw_smp_processor_id()))
		return -EINVAL;
	resume();
	if (cpu < 0)
		return 0;
	WRITE_ONCE(stalled_cpu, cpu);
	while (!READ_ONCE(is_stalled)) {
		error = smp_call_function_single_async(cpu, &stall_call);
		if (error && error != -EBUSY)
			return error;
		msleep(1);
	}
	return 0;
}

static int param_get(char *text, const struct kernel_param *param)
{
	return sysfs_emit(text, "%d\n", READ_ONCE(is_stalled) ? READ_ONCE(stalled_cpu) : -1);
}

static const struct kernel_param_ops cpu_ops = { .set = param_set, .get = param_get };

module_param_cb(cpu, &cpu_ops, NULL, 0600);
MODULE_PARM_DESC(cpu, "Stall this other CPU until another number is written; -1: none");

static void __exit stall_exit(void)
{
	resume();
}
module_exit(stall_exit);

static int __init stall_init(void)
{
	return 0;
}
module_init(stall_init);

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
MODULE_DESCRIPTION("Stalls CPUs or keeps a lock, for tests");

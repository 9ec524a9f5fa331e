// SPDX-License-Identifier: GPL-2.0
/*
 * Calls of hotid that the kernel answers otherwise than it would: no memory,
 * no room for one more, or not before the test says so.
 *
 *   refuse   "FUNCTION CALLER NUMBER": the next call of a function of the kernel
 *            by a function of hotid, * for any, returns the number at once
 *   hold     "FUNCTION CALLER": the next such call waits until "" is written
 *   count    "FUNCTION CALLER": such calls are counted
 *
 * Each reads as the number of calls since it was written. "" ends it. One
 * function each at a time, with six arguments at most; x86-64.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/wait.h>

#define HOTID		" [hotid]"
#define LONGEST_HOLD	(300 * HZ)	/* a test that died must not hang the kernel */

/**
 * struct detour - what becomes of the calls of one function
 * @probe: at its beginning; symbol_name is @function while it is there
 * @instead: is called in its place, NULL when it is only counted
 * @function: of the kernel
 * @caller: "*", or a function of hotid
 * @left: calls that are still to go another way
 * @calls: so far
 */
struct detour {
	struct kprobe probe;
	unsigned long (*instead)(unsigned long a, unsigned long b, unsigned long c,
				 unsigned long d, unsigned long e, unsigned long f);
	char function[64];
	char caller[64];
	atomic_t left;
	atomic_t calls;
};

static struct detour refuse_next, hold_next, count_all;
static long refusal;
static bool held;
static DECLARE_WAIT_QUEUE_HEAD(let_go);

static unsigned long refuse_call(unsigned long a, unsigned long b, unsigned long c,
				 unsigned long d, unsigned long e, unsigned long f)
{
	return READ_ONCE(refusal);
}

/* As if it had only begun now. The caller may sleep. */
static unsigned long hold_call(unsigned long a, unsigned long b, unsigned long c,
			       unsigned long d, unsigned long e, unsigned long f)
{
	typeof(hold_next.instead) function = (void *)hold_next.probe.addr;

	wait_event_timeout(let_go, !READ_ONCE(held), LONGEST_HOLD);
	return function(a, b, c, d, e, f);
}

static bool called_by(unsigned long address, const char *caller)
{
	char symbol[KSYM_SYMBOL_LEN];
	char *module;

	snprintf(symbol, sizeof(symbol), "%ps", (void *)address);
	module = strstr(symbol, HOTID);
	if (!module)
		return false;
	*module = '\0';
	return !strcmp(caller, "*") || !strcmp(caller, symbol);
}

/* At the first instruction, where the stack begins with the address to return to. */
static int before_call(struct kprobe *probe, struct pt_regs *regs)
{
	struct detour *detour = container_of(probe, struct detour, probe);

	if (!atomic_read(&detour->left) ||
	    !called_by(*(unsigned long *)kernel_stack_pointer(regs), detour->caller))
		return 0;
	atomic_inc(&detour->calls);
	if (!detour->instead || atomic_dec_if_positive(&detour->left) < 0)
		return 0;
	instruction_pointer_set(regs, (unsigned long)detour->instead);
	return 1;
}

/* That there is one keeps the kernel from an optimization that ignores detours. */
static void after_call(struct kprobe *probe, struct pt_regs *regs, unsigned long flags)
{
}

static void detour_end(struct detour *detour)
{
	if (!detour->probe.symbol_name)
		return;
	unregister_kprobe(&detour->probe);
	detour->probe.symbol_name = NULL;
}

static int detour_begin(struct detour *detour)
{
	int error;

	memset(&detour->probe, 0, sizeof(detour->probe));
	detour->probe.symbol_name = detour->function;
	detour->probe.pre_handler = before_call;
	detour->probe.post_handler = after_call;
	atomic_set(&detour->calls, 0);
	atomic_set(&detour->left, 1);
	error = register_kprobe(&detour->probe);
	if (error)
		detour->probe.symbol_name = NULL;
	return error;
}

static int detour_calls(char *text, struct detour *detour)
{
	return sysfs_emit(text, "%d\n", atomic_read(&detour->calls));
}

/* Parameters are set one at a time. */
static int set_refuse(const char *value, const struct kernel_param *param)
{
	long number;
	int fields;

	detour_end(&refuse_next);
	fields = sscanf(value, "%63s %63s %ld", refuse_next.function, refuse_next.caller, &number);
	if (fields <= 0)
		return 0;
	if (fields != 3)
		return -EINVAL;
	WRITE_ONCE(refusal, number);
	refuse_next.instead = refuse_call;
	return detour_begin(&refuse_next);
}

static int set_hold(const char *value, const struct kernel_param *param)
{
	int fields;

	WRITE_ONCE(held, false);
	wake_up_all(&let_go);
	detour_end(&hold_next);
	fields = sscanf(value, "%63s %63s", hold_next.function, hold_next.caller);
	if (fields <= 0)
		return 0;
	if (fields != 2)
		return -EINVAL;
	WRITE_ONCE(held, true);
	hold_next.instead = hold_call;
	return detour_begin(&hold_next);
}

static int set_count(const char *value, const struct kernel_param *param)
{
	int fields;

	detour_end(&count_all);
	fields = sscanf(value, "%63s %63s", count_all.function, count_all.caller);
	if (fields <= 0)
		return 0;
	return fields == 2 ? detour_begin(&count_all) : -EINVAL;
}

static int get_refuse(char *text, const struct kernel_param *param)
{
	return detour_calls(text, &refuse_next);
}

static int get_hold(char *text, const struct kernel_param *param)
{
	return detour_calls(text, &hold_next);
}

static int get_count(char *text, const struct kernel_param *param)
{
	return detour_calls(text, &count_all);
}

static const struct kernel_param_ops refuse_ops = { .set = set_refuse, .get = get_refuse };
static const struct kernel_param_ops hold_ops = { .set = set_hold, .get = get_hold };
static const struct kernel_param_ops count_ops = { .set = set_count, .get = get_count };

module_param_cb(refuse, &refuse_ops, NULL, 0600);
MODULE_PARM_DESC(refuse, "FUNCTION CALLER NUMBER: the next call returns the number");
module_param_cb(hold, &hold_ops, NULL, 0600);
MODULE_PARM_DESC(hold, "FUNCTION CALLER: the next call waits until this is empty");
module_param_cb(count, &count_ops, NULL, 0600);
MODULE_PARM_DESC(count, "FUNCTION CALLER: count the calls");

static int __init detour_init(void)
{
	return 0;
}
module_init(detour_init);

/* There is no module_exit(): a call that was held returns through here. */

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Answers hotid in the place of the kernel, for tests");

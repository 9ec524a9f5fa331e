// SPDX-License-Identifier: GPL-2.0
/*
 * Gasps: the last packets of a node that is about to end.
 *
 * They go to everyone it beats to, on every path, GASPS times each, since
 * nobody can request one that was lost. After them the node is silent: no
 * beat may follow that would take them back.
 *
 * A panic is different from the other ends. The other CPUs are stopped,
 * wherever they were, so no lock may be waited for and the stack cannot be
 * trusted; packets that were built ahead are handed to the driver by netpoll
 * (see panic_gasp.c).
 */
#include "gasp.h"

#include <linux/notifier.h>
#include <linux/panic_notifier.h>
#include <linux/rculist.h>
#include <linux/reboot.h>

#include "compat.h"
#include "node.h"
#include "packet.h"
#include "panic_gasp.h"
#include "target.h"

#define GASPS	3

static LIST_HEAD(nodes);		/* under nodes_lock; panic reads it bare */
static DEFINE_SPINLOCK(nodes_lock);

static void gasp_node(struct hotid_node *node, u8 reason)
{
	struct hotid_target *target;
	struct hotid_packet_template template;
	bool ready;
	int again;

	spin_lock_bh(&node->lock);
	ready = hotid_node_ready(node) && !node->ended;
	node->ended = true;
	if (ready)
		hotid_packet_begin(node, &template);
	spin_unlock_bh(&node->lock);
	if (!ready)
		return;
	rcu_read_lock_bh();
	for (again = 0; again < GASPS; again++) {
		u64 seq = atomic64_inc_return(&node->sequence);

		list_for_each_entry_rcu(target, &node->targets, entry) {
			struct hotid_wire_beat packet;

			hotid_packet_beat(&template, HOTID_PACKET_GASP, reason, seq, target->path,
					  &packet);
			hotid_target_send(node, target, &packet, sizeof(packet));
		}
	}
	rcu_read_unlock_bh();
}

static void gasp_all(u8 reason)
{
	struct hotid_node *node;

	spin_lock(&nodes_lock);
	list_for_each_entry(node, &nodes, entry)
		gasp_node(node, reason);
	spin_unlock(&nodes_lock);
}

static int gasp_reboot(struct notifier_block *block, unsigned long action, void *data)
{
	gasp_all(HOTID_GASP_REBOOT);
	return NOTIFY_DONE;
}

static int gasp_panic(struct notifier_block *block, unsigned long action, void *data)
{
	struct hotid_node *node;

	list_for_each_entry(node, &nodes, entry)
		hotid_panic_gasp_send(node, HOTID_GASP_PANIC);
	return NOTIFY_DONE;
}

static struct notifier_block reboot_block = {
	.notifier_call = gasp_reboot,
	/* Before the drivers' own: they may stop the network. */
	.priority = INT_MAX,
};

static struct notifier_block panic_block = {
	.notifier_call = gasp_panic,
	.priority = INT_MAX,
};

int hotid_gasp_init(void)
{
	int error = register_reboot_notifier(&reboot_block);

	if (error)
		return error;
	error = atomic_notifier_chain_register(&panic_notifier_list, &panic_block);
	if (error)
		unregister_reboot_notifier(&reboot_block);
	return error;
}

void hotid_gasp_exit(void)
{
	atomic_notifier_chain_unregister(&panic_notifier_list, &panic_block);
	unregister_reboot_notifier(&reboot_block);
}

void hotid_gasp_add(struct hotid_node *node)
{
	spin_lock(&nodes_lock);
	list_add_tail(&node->entry, &nodes);
	spin_unlock(&nodes_lock);
}

void hotid_gasp_unload(struct hotid_node *node)
{
	gasp_node(node, HOTID_GASP_UNLOAD);
}

void hotid_gasp_unload_all(void)
{
	gasp_all(HOTID_GASP_UNLOAD);
}

void hotid_gasp_remove(struct hotid_node *node)
{
	spin_lock(&nodes_lock);
	list_del(&node->entry);
	spin_unlock(&nodes_lock);
}

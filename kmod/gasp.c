// SPDX-License-Identifier: GPL-2.0
/*
 * Gasps: the last packets of a node that is about to end.
 *
 * They go to everyone it beats to, on every path, HOTID_GASPS times each, since
 * nobody can request one that was lost. After them the node is silent: no
 * beat may follow that would take them back.
 *
 * A panic is different from the other ends. The other CPUs are stopped,
 * wherever they were, so no lock may be waited for and the stack cannot be
 * trusted. So while all is well, every keepalive refreshes the frames of all targets: the
 * route's device, the next hop's address, and all of the frame but the gasp itself. In
 * a panic that is written and netpoll hands the frames to the driver, which needs no
 * interrupt, no softirq and no lock that it would wait for.
 */
#include "gasp.h"

#include <linux/notifier.h>
#include <linux/panic_notifier.h>
#include <linux/rculist.h>
#include <linux/reboot.h>
#include <linux/udp.h>
#include <net/sock.h>

#include "node.h"
#include "packet.h"
#include "peer.h"
#include "target.h"

/*
 * A device whose queue is full takes a tick for each packet, and there may be
 * thousands of targets. A crash kernel, or the reboot after the panic, must not
 * wait for all of them. The first frame of every target goes before the second of
 * any.
 */
#define MOST_NS	(100 * NSEC_PER_MSEC)

void hotid_gasp_node(struct hotid_node *node, u8 reason)
{
	struct hotid_target *target;
	struct hotid_packet_template template;
	bool ready;
	int again;

	spin_lock_bh(&node->lock);
	ready = hotid_packet_begin(node, &template);
	node->ended = true;
	spin_unlock_bh(&node->lock);
	if (!ready)
		return;
	rcu_read_lock_bh();
	for (again = 0; again < HOTID_GASPS; again++) {
		u64 seq = atomic64_inc_return(&node->sequence);

		list_for_each_entry_rcu(target, &node->targets, entry) {
			struct hotid_wire_gasp packet;

			hotid_packet_gasp(&template, reason, seq, target->path, &packet);
			hotid_target_send(node, target, &packet, sizeof(packet));
		}
	}
	rcu_read_unlock_bh();
}

void hotid_gasp_all(u8 reason)
{
	struct net *net;

	rcu_read_lock();
	for_each_net_rcu(net)
		hotid_gasp_node(hotid_node_of(net), reason);
	rcu_read_unlock();
}

static int gasp_reboot(struct notifier_block *block, unsigned long action, void *data)
{
	hotid_gasp_all(HOTID_GASP_REBOOT);
	return NOTIFY_DONE;
}

void hotid_gasp_refresh(struct hotid_node *node)
{
	struct hotid_target *target;

	lockdep_assert_held(&node->commands);
	list_for_each_entry(target, &node->targets, entry) {
		struct hotid_peer *peer = hotid_peer_find(node, target->peer->id);
		u8 *state = &peer->gasp_frames[target->path];

		WRITE_ONCE(*state, hotid_gasp_frames_refresh(&target->frames, target->socket->sk,
							     *state));
	}
}

static void panic_gasp(struct hotid_node *node)
{
	u64 end = ktime_get_mono_fast_ns() + MOST_NS;
	struct hotid_target *target;
	struct hotid_packet_template template;
	int i;

	/* The holder of the lock may have been stopped for good: do without. */
	if (node->ended || !hotid_packet_begin_unlocked(node, &template))
		return;
	node->ended = true;
	for (i = 0; i < HOTID_GASPS; i++) {
		u64 seq = atomic64_inc_return(&node->sequence);

		list_for_each_entry(target, &node->targets, entry) {
			struct hotid_netpoll_target *netpoll = READ_ONCE(target->frames.netpoll);
			struct sk_buff *skb = target->frames.skb[i];

			if (!netpoll || !netpoll->np.dev || !skb)
				continue;
			if (ktime_get_mono_fast_ns() > end)
				return;
			target->frames.skb[i] = NULL;
			hotid_packet_gasp(&template, HOTID_GASP_PANIC, seq, target->path,
					  (void *)(udp_hdr(skb) + 1));
			hotid_gasp_frame_checksum(skb);
			netpoll_send_skb(&netpoll->np, skb);
		}
	}
}

static int gasp_panic(struct notifier_block *block, unsigned long action, void *data)
{
	struct net *net;

	for_each_net(net)
		panic_gasp(hotid_node_of(net));
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
